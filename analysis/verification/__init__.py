"""The engine against reference cases: `python -m analysis verify FOLDER`."""

import lazy_loader

# Loaded when asked for: the other commands need none of the models that are verified.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
