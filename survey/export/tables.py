"""The same rows for other programs: Parquet, and SPSS with its labels. Needs the extra `export`."""

from pathlib import Path

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
    OpenText,
    Place,
    Questionnaire,
    SingleChoice,
    Step,
)

MISSING = {
    SKIPPED: "skipped",
    NOT_SHOWN: "not shown",
    NOT_APPLICABLE: "not applicable",
    DONT_KNOW: "don't know",
    RATHER_NOT_SAY: "rather not say",
}
LONGEST_LABEL = 255
"""SPSS reads labels of at most 256 bytes."""
LONGEST_VALUE_LABEL = 119


def write_parquet(rows: list[Row], questionnaire: Questionnaire, path: Path) -> None:
    _frame(rows, questionnaire).to_parquet(path, index=False)


def write_sav(rows: list[Row], questionnaire: Questionnaire, path: Path) -> None:
    """Variable labels, value labels and missing values in the source language of the questionnaire.

    Raises OSError when it cannot be written.
    """
    frame = _frame(rows, questionnaire)
    numbers = [name for name in frame.columns if frame[name].dtype.kind == "i"]
    try:
        pyreadstat.write_sav(
            frame,
            path,
            file_label=_cut(questionnaire.title.source, 60),
            column_labels=variable_labels(questionnaire),
            variable_value_labels=value_labels(questionnaire),
            missing_ranges={name: [{"lo": RATHER_NOT_SAY, "hi": SKIPPED}] for name in numbers},
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
    places = {step.variable for step in exported_steps(questionnaire) if isinstance(step.question, Place)}
    written = {name for name in columns(questionnaire) if name.endswith(TEXT_SUFFIX)}
    return {*ABOUT, *places, *written} - {MODE}


def variable_labels(questionnaire: Questionnaire) -> dict[str, str | None]:
    consents = {consent_column(purpose.key): purpose.label.source for purpose in questionnaire.purposes}
    asked = {
        name: label
        for step in exported_steps(questionnaire)
        for name, label in zip(step_columns(step), _labels(step), strict=True)
    }
    return {name: _cut(label, LONGEST_LABEL) for name, label in (consents | asked).items()}


def _labels(step: Step) -> list[str]:
    question = step.question.label.source
    match step.question:
        case MultipleChoice(options=options):
            return [f"{question} {option.label.source}" for option in options]
        case OpenText():
            return [question, question]
    return [question if step.item is None else f"{question} {step.item.label.source}"]


def value_labels(questionnaire: Questionnaire) -> dict[str, dict[float, str]]:
    labels: dict[str, dict[float, str]] = {
        consent_column(purpose.key): {0: "no", 1: "yes", NOT_SHOWN: MISSING[NOT_SHOWN]}
        for purpose in questionnaire.purposes
    }
    for step in exported_steps(questionnaire):
        for name in step_columns(step):
            if not name.endswith(TEXT_SUFFIX) and not isinstance(step.question, Place):
                labels[name] = {
                    code: _cut(label, LONGEST_VALUE_LABEL) for code, label in _values(step).items()
                }
    return labels


def _values(step: Step) -> dict[int, str]:
    reasons: dict[int, str] = {reason.code: reason.label.source for reason in step.question.reasons}
    match step.question:
        case MultipleChoice():
            chosen: dict[int, str] = {0: "not chosen", 1: "chosen"}
        case OpenText():
            chosen = {1: "text given"}
        case SingleChoice(options=options) | Battery(options=options):
            chosen = {option.code: option.label.source for option in options}
        case _:
            chosen = {}
    return {**chosen, **MISSING, **reasons}


def _cut(label: str, bytes_at_most: int) -> str:
    """A label that is not too long in UTF-8, cut between characters."""
    return label.encode()[:bytes_at_most].decode(errors="ignore")
