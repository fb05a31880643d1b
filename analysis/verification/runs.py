"""Running cases: what each asks for, computed by the engine and set beside what R found."""

from collections.abc import Mapping
from functools import cache

import msgspec
import numpy as np
from msgspec import Struct

from analysis.columns import ColumnError, NoColumn
from analysis.sampling.designs import DesignError
from analysis.sampling.variance import standard_errors
from analysis.verification import cases
from analysis.verification.cases import Case, NotACase
from analysis.verification.comparison import Difference, compare
from analysis.verification.methods import Chain, Method, flat
from analysis.verification.sampling import Sample, Tables, holding
from analysis.verification.statistics import Result, Statistic
from analysis.weighting.calibration import CalibrationError

REFUSED = "must_refuse"

REFUSALS = (DesignError, ColumnError, CalibrationError)

ABSENT_IN_R = ("not found", "undefined columns")
"""R's words when a name is not there."""


class Estimation(Sample, frozen=True, kw_only=True):
    """A statistic on a weighted sample."""

    estimate: Statistic

    def result(self, tables: Tables, defaults: cases.Defaults) -> Result:
        design = self.weighted(tables, defaults)
        return self.estimate.result(design, holding(design.data, self.subset))


class Refused(Sample, frozen=True, kw_only=True):
    """Input of which no estimate can be made."""

    estimate: dict[str, str]

    def attempt(self, tables: Tables, defaults: cases.Defaults) -> None:
        """Goes as far as the standard error of a total, where a design may show that it has none."""
        design = self.weighted(tables, defaults)
        standard_errors(np.ones((design.size, 1)), design)


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of a case: `error` when nothing could be computed, else what differs, if anything.

    `refusal` is the message with which input was refused that had to be.
    """

    id: str
    group: str
    passed: bool
    largest_deviation: float | None = None
    differences: tuple[Difference, ...] = ()
    error: str | None = None
    refusal: str | None = None


def verify(files: Mapping[str, bytes]) -> tuple[Verdict, ...]:
    """A verdict on every case of a folder, in their order. Raises NoCases."""
    tables = cache(lambda name: cases.table(files, name))
    return tuple(_verdict(case, tables) for case in cases.read(files))


def _verdict(case: Case | NotACase, tables: Tables) -> Verdict:
    if isinstance(case, NotACase):
        return _failed(case, case.error)
    judge = _refusal if case.estimate.get("method") == REFUSED else _comparison
    try:
        return judge(case, tables)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong: this case has failed, the others go on
        return _failed(case, f"{type(error).__name__}: {error}")


def _refusal(case: Case, tables: Tables) -> Verdict:
    """Whether input was refused, where it had to be: for its own fault, not for a name that is not there."""
    wanted = case.expected.get("error")
    if not isinstance(wanted, bool):
        return _failed(case, "It must expect an error, true or false.")
    try:
        msgspec.convert(case.content, Refused).attempt(tables, case.defaults)
    except REFUSALS as error:
        if not wanted or (isinstance(error, NoColumn) and not _is_about_a_name(case)):
            raise
        return Verdict(id=case.id, group=case.group, passed=True, refusal=str(error))
    if wanted:
        return _failed(case, "It was not refused.")
    return Verdict(id=case.id, group=case.group, passed=True)


def _is_about_a_name(case: Case) -> bool:
    return any(words in str(case.expected.get("r_message")) for words in ABSENT_IN_R)


def _comparison(case: Case, tables: Tables) -> Verdict:
    found = _result(case, tables)
    if not case.binding:
        return _failed(case, "It expects nothing, so nothing can be compared.")
    seen = compare(found, case.binding, case.tolerance_rel)
    return Verdict(
        id=case.id,
        group=case.group,
        passed=not seen.differences,
        largest_deviation=seen.largest,
        differences=seen.differences,
    )


def _result(case: Case, tables: Tables) -> Result:
    if "stat" in case.estimate:
        return msgspec.convert(case.content, Estimation).result(tables, case.defaults)
    method: Method = msgspec.convert(flat(case.content), Method)
    if isinstance(method, Chain):
        # R's own residuals after raking only where the case has no others.
        textbook = case.expected_weighted_residuals is not None
        return method.result(tables, weighted_residuals=textbook)
    return method.result(tables)


def _failed(case: Case | NotACase, error: str) -> Verdict:
    return Verdict(id=case.id, group=case.group, passed=False, error=error)
