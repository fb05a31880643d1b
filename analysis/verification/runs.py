"""Running cases: what each asks for, computed by the engine and set beside what R found."""

from collections.abc import Mapping
from functools import cache

import msgspec
import numpy as np
from msgspec import Struct

from analysis.columns import ColumnError
from analysis.sampling.designs import DesignError
from analysis.sampling.variance import standard_errors
from analysis.verification import cases
from analysis.verification.cases import Case, UnreadableInput
from analysis.verification.comparison import Difference, compare
from analysis.verification.methods import Chain, Method, flat
from analysis.verification.sampling import Sample, Tables, holding
from analysis.verification.statistics import Result, Statistic
from analysis.weighting.calibration import CalibrationError

REFUSED = "must_refuse"

REFUSALS = (DesignError, ColumnError, CalibrationError)


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
    """A verdict on every case of a folder, in their order. Raises UnreadableInput."""
    tables = cache(lambda name: cases.table(files, name))
    return tuple(_verdict(case, tables) for case in cases.read(files))


def _verdict(case: Case, tables: Tables) -> Verdict:
    refused = case.estimate.get("method") == REFUSED
    try:
        if refused:
            msgspec.convert(case.content, Refused).attempt(tables, case.defaults)
            return _failed(case, "It was not refused.")
        found = _result(case, tables)
    except UnreadableInput:
        raise
    except Exception as error:  # noqa: BLE001 - whatever goes wrong: this case has failed, the others go on
        if refused and isinstance(error, REFUSALS):
            return Verdict(id=case.id, group=case.group, passed=True, refusal=str(error))
        return _failed(case, f"{type(error).__name__}: {error}")
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


def _failed(case: Case, error: str) -> Verdict:
    return Verdict(id=case.id, group=case.group, passed=False, error=error)
