from .listing import document as document
from .listing import text as text
from .runs import verify as verify
