"""The same statistics under several weightings, side by side: what hangs on a choice, and what does not."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from msgspec import Struct

from analysis.columns import ColumnError
from analysis.estimation.domains import Difference, difference_of
from analysis.estimation.estimates import CONFIDENCE, Estimate, Floats, Mask, Statistics
from analysis.sampling.designs import Design, DesignError
from analysis.sampling.replication import replicate_covariance
from analysis.sampling.variance import ROUNDING, drawn_covariance, unexplained


class Compared(Struct, frozen=True, kw_only=True):
    """One statistic under one variant, beside the first variant.

    `effective_number` is Kish's, of the weights of who answered. `difference` is this variant minus the
    first. `paired`: the two hold the same people, and the error of the difference reckons with that; if not,
    they were taken as independent samples.
    """

    statistic: str
    variant: str
    estimate: Estimate
    effective_number: float
    difference: Difference
    paired: bool

    @property
    def matters(self) -> bool:
        """Whether the interval of the difference leaves out zero: the choice shifts the outcome."""
        return self.difference.low > 0 or self.difference.high < 0


def sensitivity(
    function: Callable[..., Statistics],
    *columns: Any,
    designs: Mapping[str, Design],
    domain: Mask | None = None,
    confidence: float = CONFIDENCE,
    **options: Any,
) -> tuple[Compared, ...]:
    """`function(*columns, design, domain=..., **options)` under every design, by statistic, then by variant.

    The first of `designs` is what the others are compared with. Variants made from one drawn design
    (`rake(drawn, ...)`, `trim(...)`), with replicates also from one draw of these, hold the same people:
    their difference is a sum over these of z = z_variant - z_first, each z the influence after all steps of
    its own weighting, so its variance is that of such a sum in the design (as `covariance`; with replicates,
    that of the difference in each replicate; linearisation: Deville 1999). Other designs are taken as
    independent samples: the variances add up. People left out of a variant can stay in the design with
    weight 0.
    Raises ColumnError or DesignError.
    """
    if not isinstance(designs, Mapping) or len(designs) < 2:
        raise DesignError("Give two or more designs by name: the first, and what to compare it with.")
    found = {name: function(*columns, design, domain=domain, **options) for name, design in designs.items()}
    first, own = next(iter(found)), next(iter(found.values()))
    for name, statistics in found.items():
        if not isinstance(statistics, Statistics):
            raise DesignError(
                f"{type(statistics).__name__} cannot be set side by side. Give a function of statistics, "
                "such as mean, proportion, total or ratio."
            )
        if statistics.names != own.names:
            raise ColumnError(
                f"Under {name} the statistics are {', '.join(statistics.names)}; under {first} "
                f"{', '.join(own.names)}. Give columns with the same levels in both."
            )
    by_variant = [
        _compared(name, designs[name], found[name], designs[first], own, domain, confidence)
        for name in designs
    ]
    return tuple(row for rows in zip(*by_variant, strict=True) for row in rows)


def _compared(  # noqa: PLR0913, PLR0917 - a variant, the first, and how to compare them
    name: str,
    design: Design,
    found: Statistics,
    first: Design,
    own: Statistics,
    domain: Mask | None,
    confidence: float,
) -> list[Compared]:
    paired = design.stages is first.stages and _same_replicates(design, first)
    values = found.values - own.values
    errors = _paired_errors(design, found, first, own, domain) if paired else _apart(found, own)
    values, errors = (
        np.where(np.abs(each) <= ROUNDING * np.abs(own.values), 0.0, each) for each in (values, errors)
    )
    freedom = min(found.degrees_of_freedom, own.degrees_of_freedom)
    return [
        Compared(
            statistic=statistic,
            variant=name,
            estimate=found.estimate(place, confidence),
            effective_number=found.effective_number,
            difference=difference_of(float(values[place]), float(errors[place]), freedom, confidence),
            paired=paired,
        )
        for place, statistic in enumerate(found.names)
    ]


def _same_replicates(one: Design, other: Design) -> bool:
    """Whether both have none, or those of one draw, so that each holds the same people in both."""
    if one.replicates is None or other.replicates is None:
        return one.replicates is other.replicates
    return one.replicates.origin == other.replicates.origin


def _paired_errors(
    design: Design, found: Statistics, first: Design, own: Statistics, domain: Mask | None
) -> Floats:
    if found.in_replicates is not None and own.in_replicates is not None and design.replicates is not None:
        spread = replicate_covariance(
            found.in_replicates - own.in_replicates, found.values - own.values, design.replicates
        )
    else:
        apart = unexplained(found.influence, design) - unexplained(own.influence, first)
        spread = drawn_covariance(apart, first, domain)
    return np.sqrt(np.maximum(np.diag(spread), 0.0))


def _apart(found: Statistics, own: Statistics) -> Floats:
    return np.hypot(found.standard_errors, own.standard_errors)
