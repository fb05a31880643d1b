"""An export folder as values: named columns, the questionnaire, the fieldwork, the population.

The folder is read by the caller; these functions get its files as bytes, by path.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

from survey.questionnaires.model import Questionnaire

Codes = npt.NDArray[np.int32]
Texts = npt.NDArray[np.str_]
Mask = npt.NDArray[np.bool_]


class Account(Struct, frozen=True, kw_only=True):
    """What became of the people asked, in AAPOR's terms (Standard Definitions 2015)."""

    complete: int = field(default=0, name="I")
    partial: int = field(default=0, name="P")
    refused: int = field(default=0, name="R")
    non_contact: int = field(default=0, name="NC")
    other: int = field(default=0, name="O")
    unknown: int = field(default=0, name="U")
    issued: int = 0
    opened: int = 0
    used: int = 0


class AreaAccount(Struct, frozen=True, kw_only=True):
    invited: Account = Account()
    open: Account = Account()


class Fieldwork(Struct, frozen=True, kw_only=True):
    """The response account of every area, and how many people withdrew their answers."""

    areas: dict[str, AreaAccount]
    withdrawn: int = 0


class PopulationCount(Struct, frozen=True, kw_only=True):
    """One row of the population file: so many adults in a category of a margin, in an area."""

    margin: str
    area: str
    category: str
    count: float
    status: str
    reference_date: str
    source: str
    method: str


class Dataset(Struct, frozen=True, kw_only=True, eq=False):
    """The responses of one export: one array per column, all of the same length.

    `codes` are the coded answers (int32; missing answers have the negative codes of
    `survey.questionnaires.model`); `texts` the columns of text, such as `area` and `channel`.
    """

    survey: str
    version: str
    simulated: bool
    program: str
    week: str
    codes: dict[str, Codes]
    texts: dict[str, Texts]
    questionnaire: Questionnaire
    fieldwork: Fieldwork
    population: tuple[PopulationCount, ...]

    @property
    def size(self) -> int:
        """Number of responses."""
        return len(self.texts["response"])

    def take(self, rows: Mask) -> "Dataset":
        """The responses for which `rows` is true."""
        return Dataset(
            survey=self.survey,
            version=self.version,
            simulated=self.simulated,
            program=self.program,
            week=self.week,
            codes={name: column[rows] for name, column in self.codes.items()},
            texts={name: column[rows] for name, column in self.texts.items()},
            questionnaire=self.questionnaire,
            fieldwork=self.fieldwork,
            population=self.population,
        )

    def usable(self, channel: str, dispositions: Iterable[str]) -> Mask:
        """The rows of one channel ("invited" or "open") that are complete enough to count."""
        rows: Mask = (self.texts["channel"] == channel) & np.isin(self.texts["disposition"], [*dispositions])
        return rows

    def chosen(self, variable: str, codes: Iterable[int]) -> Codes:
        """Per response 1 when one of `codes` was chosen, 0 for another answer, else the missing code.

        Works for a column of codes and for a multiple choice question (columns `q7_1`, `q7_2`, ...).
        """
        codes = [*codes]
        if variable in self.codes:
            answers = self.codes[variable]
            return _missing_or(answers, np.isin(answers, codes))
        ticked = np.stack([self.codes[f"{variable}_{code}"] for code in codes])
        return _missing_or(ticked[0], (ticked == 1).any(axis=0))


def _missing_or(answers: Codes, chosen: Mask) -> Codes:
    return np.where(answers < 0, answers, chosen.astype(np.int32))
