"""The figures that a text may quote, by name, as the tables print them."""

import csv
import io
from collections.abc import Iterator, Sequence

from msgspec import Struct

from analysis.reporting import wording
from analysis.reporting.chapters.documents import of_whom
from analysis.reporting.chapters.prose import Withheld
from analysis.reporting.charts.plots import percent
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.findings.outcome_values import Distribution, Outcome
from analysis.reporting.findings.outcomes import Outcomes, response_rates
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.language import phrases_of
from analysis.reporting.wording import Kind, with_unit
from survey.questionnaires.model import Area

LISTING = "verwijzingen.csv"


class Reference(Struct, frozen=True, kw_only=True):
    """A name that a text may write between braces. `text` is what stands there then, or why nothing does."""

    name: str
    text: str | Withheld
    what: str


def references(outcomes: Outcomes) -> Iterator[Reference]:
    """Of the fieldwork, of every indicator for all residents and per area, and of every answer."""
    phrases = phrases_of(outcomes.plan)
    yield from _fieldwork(phrases, outcomes)
    areas = area_names([each.area for each in outcomes.people])
    for outcome in outcomes.indicators:
        yield from _indicator(phrases, outcome, areas)
    for distribution in outcomes.distributions:
        yield from _answers(phrases, distribution)


def area_names(areas: Sequence[Area]) -> dict[str, str]:
    """By code, what an area is called in a reference: its name, or its code where names are alike."""
    names = [wording.dashed(area.name) for area in areas]
    unique = len(set(names)) == len(names) and all(names)
    return {area.code: name if unique else area.code for area, name in zip(areas, names, strict=True)}


def listing(phrases: Phrases, found: Sequence[Reference]) -> str:
    """The names with what they are now, for an evaluator to look up: as a Dutch spreadsheet reads them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow((phrases.say("verwijzing"), phrases.say("staat er nu"), phrases.say("wat het is")))
    writer.writerows(
        (
            f"{{{{ {each.name} }}}}",
            each.text.words if isinstance(each.text, Withheld) else each.text,
            each.what,
        )
        for each in found
    )
    return text.getvalue()


def _fieldwork(phrases: Phrases, outcomes: Outcomes) -> Iterator[Reference]:
    rate = response_rates(outcomes.invited)[1]
    for name, text, what in (
        (
            "respondents",
            phrases.whole(outcomes.respondents),
            phrases.say("Mensen uit de steekproef die meetellen"),
        ),
        (
            "open_respondents",
            phrases.whole(outcomes.open_respondents),
            phrases.say("Mensen die meededen via de open link"),
        ),
        ("invited", phrases.whole(outcomes.invited.issued), phrases.say("Mensen met een code")),
        (
            "response",
            Withheld(phrases.say("onbekend")) if rate is None else f"{percent(100 * rate)}%",
            phrases.say("Respons (AAPOR RR2)"),
        ),
        ("month", phrases.month(outcomes.dataset.export.week), phrases.say("Maand van de antwoorden")),
    ):
        yield Reference(name=f"fieldwork.{name}", text=text, what=what)


def _indicator(phrases: Phrases, outcome: Outcome, areas: dict[str, str]) -> Iterator[Reference]:
    key, kind, label = outcome.indicator.key, outcome.indicator.kind, outcome.indicator.label
    about = of_whom(phrases, outcome)
    yield from _cell(phrases, key, outcome.whole, kind, f"{label}, {about}" if about else label)
    yield Reference(
        name=f"{key}.n",
        text=wording.base(phrases, outcome.whole),
        what=phrases.say("{label}: aantal antwoorden", label=label),
    )
    for each in outcome.areas:
        name = f"{key}.area.{areas[each.area.code]}"
        what = phrases.say("{label}, in {area}", label=label, area=each.area.name)
        yield from _cell(phrases, name, each.cell, kind, what)
        yield Reference(
            name=f"{name}.n",
            text=wording.base(phrases, each.cell),
            what=phrases.say("{what}: aantal antwoorden", what=what),
        )
        yield Reference(
            name=f"{name}.mark",
            text=Withheld(wording.withheld(phrases, each.cell, each.rest))
            if each.mark is None
            else phrases.say(wording.MARKS[each.mark]).split()[-1],
            what=phrases.say("{what}: vergeleken met de rest", what=what),
        )


def _answers(phrases: Phrases, distribution: Distribution) -> Iterator[Reference]:
    what = f"{distribution.question.provenance.number} {distribution.label}"
    for answer in distribution.answers:
        name = f"{distribution.variable}.{answer.code}"
        said = wording.quoted(answer.label)
        yield from _cell(phrases, name, answer.cell, "proportion", f"{what}: {said}")
    if distribution.mean is not None:
        yield from _cell(
            phrases,
            f"{distribution.variable}.mean",
            distribution.mean,
            "mean",
            phrases.say("{what}: gemiddelde", what=what),
        )


def _cell(phrases: Phrases, name: str, cell: Cell, kind: Kind, what: str) -> Iterator[Reference]:
    texts: tuple[str | Withheld, ...] = (Withheld(wording.withheld(phrases, cell)),) * 3
    if not isinstance(cell, Suppressed):
        texts = (
            with_unit(phrases, cell.value, kind),
            wording.interval(phrases, cell, kind),
            wording.margin(phrases, cell, kind),
        )
    yield Reference(name=name, text=texts[0], what=what)
    yield Reference(
        name=f"{name}.interval", text=texts[1], what=phrases.say("{what}: marge, als in een tabel", what=what)
    )
    yield Reference(
        name=f"{name}.margin", text=texts[2], what=phrases.say("{what}: marge, in woorden", what=what)
    )
