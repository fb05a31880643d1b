"""What the commands print for evaluators: figures as plain text, and as CSV for other programs."""

import csv
import io
from collections.abc import Iterator, Sequence

from analysis.reporting.disclosure import Suppressed
from analysis.reporting.findings.representativeness import AREA, Balance, GroupResponse
from analysis.reporting.findings.sensitivity import IndicatorVariants, VariantOutcome
from survey.questionnaires.model import Municipality

HEADER = (
    "indicator",
    "question",
    "variant",
    "value",
    "standard_error",
    "low",
    "high",
    "respondents",
    "effective_number",
    "difference",
    "difference_error",
    "difference_low",
    "difference_high",
    "verdict",
)

EXPLANATION = """\
R is 1 when every group answers as often. Of who did not answer only the area is known, so the response of a
group is estimated with population figures: the share of its people that would answer, were all invited.
"lags" and "ahead": more than chance, allowing for the number of groups, and what the plan calls relevant."""

VERDICTS = {
    "same": "no difference shown",
    "small": "a difference, smaller than what the plan calls relevant",
    "relevant": "a relevant difference",
}


UNCHANGED = "exactly the same weights"


def balances(found: Sequence[Balance], municipality: Municipality) -> str:
    """Response and R-indicator of every margin, its groups from the one that lags most."""
    first = found[0]
    names = {area.code: area.name for area in municipality.areas}
    lines = [
        (
            f"{first.answered:,} of {first.invited:,} invited people answered; {first.response:.1%} would, "
            "were all invited."
        )
    ]
    for each in found:
        lines.append("")
        lines.append(f"{each.margin}: R {each.indicator:.2f}, without chance {each.adjusted:.2f}")
        lines += [
            _group(names[group.category] if each.margin == AREA else group.category, group)
            for group in sorted(each.groups, key=_lag)
        ]
    lines += ["", EXPLANATION]
    return "\n".join(lines)


def _lag(group: GroupResponse) -> float:
    return 1.0 if group.response is None else group.response.difference


def _group(name: str, group: GroupResponse) -> str:
    start = f"  {name:<28} {group.people:>9,.0f} people"
    found = group.response
    if found is None:
        return f"{start}   too few answers"
    word = {"lower": "lags", "higher": "ahead", "same": ""}[found.mark]
    return (
        f"{start} {found.answered:>6,} answers {found.share:>7.1%}"
        f" {100 * found.difference:>+6.1f} ({100 * found.low:+.1f} to {100 * found.high:+.1f})  {word}"
    ).rstrip()


def variants(found: Sequence[IndicatorVariants]) -> str:
    """Every indicator with a line per variant; differences from the first."""
    width = max(len(variant.name) for each in found for variant in each.variants)
    lines = []
    for each in found:
        lines += ["", f"{each.indicator.label} (question {each.question.provenance.number})"]
        lines += [
            f"  {variant.name:<{width}}  {_variant(variant, first=not place)}"
            for place, variant in enumerate(each.variants)
        ]
    return "\n".join(lines).lstrip("\n")


def _variant(variant: VariantOutcome, *, first: bool) -> str:
    cell, difference = variant.cell, variant.difference
    if isinstance(cell, Suppressed) or difference is None or variant.effective_number is None:
        return "not shown"
    text = (
        f"{cell.value:>8.4f} ({cell.low:.4f} to {cell.high:.4f}), n {cell.respondents:,}, effective "
        f"{variant.effective_number:,.0f}"
    )
    if first:
        return text
    return (
        f"{text}; difference {difference.value:+.4f} ({difference.low:+.4f} to {difference.high:+.4f}): "
        f"{UNCHANGED if variant.unchanged else VERDICTS[verdict(variant)]}"
    )


def variants_csv(found: Sequence[IndicatorVariants]) -> str:
    """A row per indicator and variant; a hidden figure has empty cells, and the verdict `hidden`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for each in found:
        for variant in each.variants:
            about = (each.indicator.key, each.question.provenance.number, variant.name)
            writer.writerow((*about, *_numbers(variant)))
    return text.getvalue()


def _numbers(variant: VariantOutcome) -> Iterator[object]:
    cell, apart = variant.cell, variant.difference
    if isinstance(cell, Suppressed) or apart is None or variant.effective_number is None:
        yield from [*[""] * (len(HEADER) - 4), "hidden"]
        return
    numbers = (cell.value, cell.standard_error, cell.low, cell.high)
    yield from (f"{number:.4f}" for number in numbers)
    yield cell.respondents
    yield f"{variant.effective_number:.1f}"
    yield from (f"{number:.4f}" for number in (apart.value, apart.standard_error, apart.low, apart.high))
    yield verdict(variant)


def verdict(variant: VariantOutcome) -> str:
    """same, small or relevant."""
    if not variant.matters:
        return "same"
    return "relevant" if variant.relevant else "small"
