"""The evaluator's analysis plan: which margins to weigh by, which indicators to report."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from survey.questionnaires.model import AreaCode, Key

Positive = Annotated[float, Meta(gt=0)]


class MarginPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which answers stand for which category of a margin in the population file.

    `population` is the margin's name there; whether it is counted per area or for the whole
    municipality follows from that file. `categories` lists the answer codes of each category, in their
    natural order (neighbours may be merged); any other valid answer counts as `otherwise`, or is
    treated as unknown when that is absent.
    """

    population: str
    variable: str
    categories: dict[str, tuple[int, ...]]
    otherwise: str | None = None


class WeightingPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to weigh. The first margin counted per area also gives the number of people per area.

    `minimum_cell`: levels with fewer respondents are merged with a neighbour. `smallest` and
    `largest`: limits of a weight, as multiples of the mean. `merge_areas`: areas that are treated as
    one in weighting, because too few people answered there. `finite_population`: reckon with n/N.
    """

    margins: tuple[MarginPlan, ...]
    minimum_cell: Annotated[int, Meta(ge=0)] = 20
    smallest: Positive = 0.2
    largest: Positive = 5.0
    merge_areas: tuple[tuple[AreaCode, ...], ...] = ()
    finite_population: bool = False
    dispositions: tuple[Literal["complete", "partial", "break_off"], ...] = ("complete", "partial")


class Indicator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number to report: the share of people who gave certain answers, or a mean.

    `variable` is a column, a multiple choice question, or with `scale` a battery. A proportion counts
    the answers in `codes`, or those from `at_least` up or `at_most` down. Missing answers are
    outside the base, except those in `include` (for instance -8, don't know).
    """

    key: Key
    label: str
    variable: str
    kind: Literal["proportion", "mean"]
    codes: tuple[int, ...] = ()
    scale: Literal["cohesion", "who5", "loneliness"] | None = None
    at_least: float | None = None
    at_most: float | None = None
    include: tuple[Literal[-7, -8, -9], ...] = ()


class AnalysisPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the evaluator decides; the thresholds of disclosure are not among it.

    A difference between an area and the rest is marked from `relevant_share` (of 1) or `relevant_mean`.
    """

    format: Literal[1]
    survey: str
    title: str
    weighting: WeightingPlan
    indicators: tuple[Indicator, ...]
    relevant_share: Positive = 0.05
    relevant_mean: Positive = 0.3
