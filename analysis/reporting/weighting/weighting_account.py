"""How the weights came about, for an evaluator: in a few lines, and every margin around every step."""

import csv
import io

from analysis.reporting.weighting.weighting_steps import Done
from analysis.reporting.weighting.weights import Weighting
from analysis.weighting.raking import SLACK

OUTSIDE = (
    "  the margins ask for weights outside the limits: in the plan raise minimum_cell, so that small levels "
    "are merged, move smallest and largest apart, or leave out a margin"
)


def summary(weighting: Weighting) -> str:
    """How the weights came about, in a few lines."""
    lines = [
        f"{len(weighting.weights)} invited responses stand for {weighting.weights.sum():,.0f} adults",
        *(step_line(number, done) for number, done in enumerate(weighting.steps, start=1)),
        f"weights from {weighting.smallest:.2f} to {weighting.largest:.2f} times the base weight",
        (
            f"{weighting.trimmed} weights trimmed, {weighting.outside} still more than {SLACK:.0%} outside "
            "the limits"
        ),
        *([OUTSIDE] if weighting.outside else ()),
        f"design effect {weighting.design_effect:.2f}, effective number {weighting.effective_number:.0f}",
    ]
    lines += [
        f"merged in {merge.margin}, {merge.area}: {' + '.join(merge.categories)} ({merge.respondents})"
        for merge in weighting.merges
    ]
    lines += [
        f"scaled {change.margin}, {change.area}: {change.counted:,.0f} to {change.used:,.0f} people"
        for change in weighting.reconciliations
    ]
    return "\n".join(lines)


def step_line(number: int, done: Done) -> str:
    """The account of one step of weighting."""
    found = done.account
    return (
        f"step {number}, {kind(done)}: {found.rounds} rounds, largest deviation "
        f"{found.largest_deviation:.1e}, weights {found.smallest_ratio:.2f} to {found.largest_ratio:.2f} "
        f"times those before, {found.trimmed} trimmed, design effect {found.design_effect:.2f}, "
        f"effective number {found.effective_number:.0f}"
    )


def kind(done: Done) -> str:
    """What the plan calls a step."""
    return str(type(done.step).__struct_config__.tag)


def step_totals(weighting: Weighting) -> str:
    """Every margin before and after every step, as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("step", "kind", "margin", "level", "before", "after", "population"))
    for number, done in enumerate(weighting.steps, start=1):
        for total in done.account.totals:
            population = "" if total.population is None else f"{total.population:.10g}"
            sums = (f"{total.before:.10g}", f"{total.after:.10g}", population)
            writer.writerow((number, kind(done), total.margin, total.level, *sums))
    return text.getvalue()
