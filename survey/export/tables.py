"""The same rows for other programs: Parquet, and SPSS with its labels. Needs the extra `export`."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from survey.export.rows import (
    ABOUT,
    MODE,
    TEXT_SUFFIX,
    Row,
    columns,
    consent_column,
    exported_steps,
    step_columns,
)
from survey.questionnaires.model import (
    DONT_KNOW,
    NOT_APPLICABLE,
    NOT_SHOWN,
    RATHER_NOT_SAY,
    SKIPPED,
    Battery,
    MultipleChoice,
    Number,
    OpenText,
    Place,
    Questionnaire,
    SingleChoice,
    Step,
    Text,
)
from survey.questionnaires.routing import walk
from survey.questionnaires.wording import word

MISSING = {
    SKIPPED: "skipped",
    NOT_SHOWN: "not shown",
    NOT_APPLICABLE: "not applicable",
    DONT_KNOW: "don't know",
    RATHER_NOT_SAY: "rather not say",
}
ABOUT_LABELS = {
    "response": "Random number of the response",
    "version": "Version of the questionnaire that was answered",
    "language": "Language that it was sent in",
    MODE: "Who fills in",
    "channel": "With the code of a letter or slip, or without at a kiosk or by the open link",
    "sampled_area": "Area of the code or kiosk",
    "area": "Area where the resident lives, else that of the code",
    "week": "ISO week of the last response it was mixed with",
    "disposition": "How much of what was asked was answered",
}
ABOUT_VALUES: dict[str, dict[str, str]] = {
    "channel": {
        "invited": "with the code of a letter",
        "slip": "with the code of a slip",
        "kiosk": "at a kiosk, without a code",
        "open": "open link, without a code",
    },
    "disposition": {
        "complete": "more than 80% answered",
        "partial": "50-80% answered",
        "break_off": "less than 50% answered",
    },
}
MISSING_PLACES = tuple(str(code) for code in (SKIPPED, DONT_KNOW, RATHER_NOT_SAY))
"""A column with area codes is text, of which SPSS takes at most three values as missing."""

SIMULATED = "SIMULATED: no resident gave these answers."
LONGEST_LABEL = 255
"""SPSS reads labels of at most 256 bytes."""
LONGEST_VALUE_LABEL = 119


def write_parquet(rows: list[Row], questionnaire: Questionnaire, path: Path) -> None:
    _frame(rows, questionnaire).to_parquet(path, index=False)


def write_sav(rows: list[Row], questionnaire: Questionnaire, path: Path, *, simulated: bool) -> None:
    """With labels in the source language of the questionnaire, missing values and measurement levels.

    Raises OSError when it cannot be written.
    """
    frame = _frame(rows, questionnaire)
    places = {step.variable for step in exported_steps(questionnaire) if isinstance(step.question, Place)}
    numbers = set(frame.columns) - text_columns(questionnaire)
    missing: dict[str, list[Any]] = {name: [*MISSING_PLACES] for name in places}
    missing |= {name: [{"lo": RATHER_NOT_SAY, "hi": SKIPPED}] for name in numbers}
    try:
        pyreadstat.write_sav(
            frame,
            path,
            file_label=_cut(questionnaire.title.source, 60),
            column_labels=variable_labels(questionnaire),
            variable_value_labels=value_labels(questionnaire),
            missing_ranges=missing,
            variable_measure=measures(questionnaire),
            note=[SIMULATED] if simulated else None,
        )
    except pyreadstat.PyreadstatError as error:
        raise OSError(f"{path.name}: {error}") from error


def _frame(rows: list[Row], questionnaire: Questionnaire) -> pd.DataFrame:
    """The rows with numbers as numbers. The place question holds area codes, so its column is text."""
    names = columns(questionnaire)
    frame = pd.DataFrame(rows, columns=names)
    words = text_columns(questionnaire)
    return frame.astype({name: "str" if name in words else "int32" for name in names})


def text_columns(questionnaire: Questionnaire) -> set[str]:
    asked = list(exported_steps(questionnaire))
    places = {step.variable for step in asked if isinstance(step.question, Place)}
    written = {step.variable + TEXT_SUFFIX for step in asked if isinstance(step.question, OpenText)}
    return {*ABOUT, *places, *written} - {MODE}


def measures(questionnaire: Questionnaire) -> dict[str, str]:
    """Numbers are measured and statements ranked. Options of one question may be in any order: nominal."""
    levels: dict[str, str] = dict.fromkeys(columns(questionnaire), "nominal")
    for step in exported_steps(questionnaire):
        match step.question:
            case Number():
                levels[step.variable] = "scale"
            case Battery():
                levels[step.variable] = "ordinal"
    return levels


def variable_labels(questionnaire: Questionnaire) -> dict[str, str | None]:
    consents = {
        consent_column(purpose.key): _said(questionnaire, purpose.label) for purpose in questionnaire.purposes
    }
    asked = {
        name: " ".join(_said(questionnaire, text) for text in texts)
        for step in exported_steps(questionnaire)
        for name, texts in zip(step_columns(step), _label_texts(step), strict=True)
    }
    return {name: _cut(label, LONGEST_LABEL) for name, label in (ABOUT_LABELS | consents | asked).items()}


def _said(questionnaire: Questionnaire, text: Text) -> str:
    """A text as somebody reads it whose area and answers are not known."""
    nobody = walk(questionnaire, {}, purposes=frozenset(), area=None)
    return word(questionnaire, text, questionnaire.source_language, nobody)[0]


def _label_texts(step: Step) -> list[tuple[Text, ...]]:
    question = step.question.label
    match step.question:
        case MultipleChoice(options=options):
            return [(question, option.label) for option in options]
        case OpenText():
            return [(question,), (question,)]
    return [(question,) if step.item is None else (question, step.item.label)]


def value_labels(questionnaire: Questionnaire) -> dict[str, dict[Any, str]]:
    """Per column its codes in words; the codes of areas are text."""
    areas = {area.code: _cut(area.name, LONGEST_VALUE_LABEL) for area in questionnaire.municipality.areas}
    labels: dict[str, dict[Any, str]] = {
        **ABOUT_VALUES,
        MODE: MISSING,
        "sampled_area": areas,
        "area": areas,
    }
    for purpose in questionnaire.purposes:
        labels[consent_column(purpose.key)] = {0: "no", 1: "yes", NOT_SHOWN: MISSING[NOT_SHOWN]}
    words = text_columns(questionnaire)
    for step in exported_steps(questionnaire):
        values = _values(questionnaire, step)
        if isinstance(step.question, Place):
            labels[step.variable] = areas | {str(code): label for code, label in values.items()}
        labels |= {name: values for name in step_columns(step) if name not in words}
    return labels


def _values(questionnaire: Questionnaire, step: Step) -> dict[int, str]:
    match step.question:
        case MultipleChoice():
            chosen: dict[int, str] = {0: "not chosen", 1: "chosen"}
        case OpenText():
            chosen = {1: "text given"}
        case SingleChoice(options=options) | Battery(options=options):
            chosen = {option.code: _said(questionnaire, option.label) for option in options}
        case _:
            chosen = {}
    values: dict[int, str] = {**chosen, **MISSING}
    for reason in step.question.reasons:
        values[reason.code] = _said(questionnaire, reason.label)
    return {code: _cut(label, LONGEST_VALUE_LABEL) for code, label in values.items()}


def _cut(label: str, bytes_at_most: int) -> str:
    """A label that is not too long in UTF-8, cut between characters."""
    return label.encode()[:bytes_at_most].decode(errors="ignore")
