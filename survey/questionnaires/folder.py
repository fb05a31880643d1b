"""Reading the folder of a questionnaire: the only I/O of this package."""

import re
import tomllib
from pathlib import Path

from survey.questionnaires.municipality import FOLDER
from survey.questionnaires.parsing import DEFINITION
from survey.questionnaires.problems import Problem, QuestionnaireError

DEFINITIONS = Path(__file__).parent / "definitions"
"""The questionnaires that come with the program, each in a folder named after its key."""


AUDIO = "audio"
"""The folder of recordings, beside the definition."""


def find_folder(survey: str) -> Path:
    """The folder of a survey that is named by its key, or by a path: the folder or its questionnaire.toml."""
    known = DEFINITIONS / survey
    path = known if (known / DEFINITION).is_file() else Path(survey)
    return path.parent if path.name == DEFINITION else path


def read_folder(path: Path) -> dict[str, bytes]:
    """The files of a questionnaire by name: `questionnaire.toml`, `en.po`, `municipality/areas.csv`.

    The municipality is looked for in `municipalities/` beside it, then in each folder above; when it is
    not found its files are absent, which `parsing` reports. Raises QuestionnaireError when the folder
    itself cannot be read.
    """
    try:
        files = _read_files(path, (DEFINITION, "*.po"))
        municipality = _municipality_folder(path, files.get(DEFINITION, b""))
        if municipality is not None:
            files |= {
                FOLDER + name: data
                for name, data in _read_files(municipality, ("*.toml", "*.csv", "*.geojson")).items()
            }
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}"
        raise QuestionnaireError([_unreadable(str(path), reason)]) from error
    if DEFINITION not in files:
        raise QuestionnaireError([_unreadable(str(path), _absent(path))])
    return files


def list_recordings(folder: Path) -> tuple[str, ...]:
    """The names of the files in `audio/` beside the questionnaire; none without that folder."""
    return tuple(sorted(path.name for path in (folder / AUDIO).glob("*") if path.is_file()))


def write_catalogue(folder: Path, tag: str, data: bytes) -> Path:
    """Write `<tag>.po` beside the questionnaire, whole or not at all. Raises OSError."""
    path = folder / f"{tag}.po"
    unfinished = path.with_suffix(".po.new")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _read_files(folder: Path, patterns: tuple[str, ...]) -> dict[str, bytes]:
    found = sorted(path for pattern in patterns for path in folder.glob(pattern))
    return {path.name: path.read_bytes() for path in found if path.is_file()}


def _municipality_folder(folder: Path, definition: bytes) -> Path | None:
    name = _municipality_name(definition)
    if name is None:
        return None
    folder = folder.resolve()
    candidates = (above / "municipalities" / name for above in (folder, *folder.parents))
    return next((candidate for candidate in candidates if candidate.is_dir()), None)


def _municipality_name(definition: bytes) -> str | None:
    """The name in the definition, if it can be read and is no path; faults are for `parsing` to report."""
    try:
        name = tomllib.loads(definition.decode("utf-8-sig")).get("municipality")
    except (ValueError, RecursionError):
        return None
    return name if isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) else None


def _absent(path: Path) -> str:
    if not path.exists():
        return "it does not exist"
    return f"there is no {DEFINITION} here" if path.is_dir() else "it is a file"


def _unreadable(path: str, reason: str) -> Problem:
    return Problem(
        file=path,
        place="",
        code="WP001",
        message=f"This is not the folder of a questionnaire: {reason}. "
        f"Give the folder that {DEFINITION} stands in.",
    )
