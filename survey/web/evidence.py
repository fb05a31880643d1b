"""What was found when the pages were looked at: written by `nox -s accessibility`, read at start."""

from pathlib import Path

import msgspec

from survey.web.views import Evidence

FILE = Path(__file__).parent / "accessibility.json"


def read_evidence() -> Evidence:
    return msgspec.json.decode(FILE.read_bytes(), type=Evidence)
