"""The figures that a text may quote, by name, as the tables print them."""

import csv
import io
from collections.abc import Iterator, Sequence

from msgspec import Struct

from analysis.reporting import wording
from analysis.reporting.charts import percent
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.outcome_values import Distribution, Outcome
from analysis.reporting.outcomes import Outcomes, response_rates
from analysis.reporting.wording import Kind, whole, with_unit
from survey.questionnaires.model import Area, Questionnaire

LISTING = "verwijzingen.csv"


class Reference(Struct, frozen=True, kw_only=True):
    """A name that a text may write between braces. `text` is what stands there then, None when withheld."""

    name: str
    text: str | None
    what: str


def references(outcomes: Outcomes) -> Iterator[Reference]:
    """Of the fieldwork, of every indicator for all residents and per area, and of every answer."""
    yield from _fieldwork(outcomes)
    areas = area_names([each.area for each in outcomes.people])
    for outcome in outcomes.indicators:
        yield from _indicator(outcome, areas)
    for distribution in outcomes.distributions:
        yield from _answers(distribution, outcomes.questionnaire)


def area_names(areas: Sequence[Area]) -> dict[str, str]:
    """By code, what an area is called in a reference: its name, or its code where names are alike."""
    names = [wording.dashed(area.name) for area in areas]
    unique = len(set(names)) == len(names) and all(names)
    return {area.code: name if unique else area.code for area, name in zip(areas, names, strict=True)}


def listing(found: Sequence[Reference]) -> str:
    """The names with what they are now, for an evaluator to look up: as a Dutch spreadsheet reads them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(("verwijzing", "staat er nu", "wat het is"))
    writer.writerows(
        (f"{{{{ {each.name} }}}}", "te weinig antwoorden" if each.text is None else each.text, each.what)
        for each in found
    )
    return text.getvalue()


def _fieldwork(outcomes: Outcomes) -> Iterator[Reference]:
    rate = response_rates(outcomes.invited)[1]
    for name, text, what in (
        ("respondents", whole(outcomes.respondents), "Mensen uit de steekproef die meetellen"),
        ("open_respondents", whole(outcomes.open_respondents), "Mensen die meededen via de open link"),
        ("invited", whole(outcomes.invited.issued), "Mensen met een code"),
        ("response", None if rate is None else f"{percent(100 * rate)}%", "Respons (AAPOR RR2)"),
        ("month", wording.month(outcomes.dataset.export.week), "Maand van de antwoorden"),
    ):
        yield Reference(name=f"fieldwork.{name}", text=text, what=what)


def _indicator(outcome: Outcome, areas: dict[str, str]) -> Iterator[Reference]:
    key, kind, label = outcome.indicator.key, outcome.indicator.kind, outcome.indicator.label
    about = wording.among(outcome.question)
    yield from _cell(key, outcome.whole, kind, f"{label}, {about}" if about else label)
    yield Reference(name=f"{key}.n", text=wording.base(outcome.whole), what=f"{label}: aantal antwoorden")
    for each in outcome.areas:
        name, what = f"{key}.area.{areas[each.area.code]}", f"{label}, in {each.area.name}"
        yield from _cell(name, each.cell, kind, what)
        yield Reference(name=f"{name}.n", text=wording.base(each.cell), what=f"{what}: aantal antwoorden")
        yield Reference(
            name=f"{name}.mark",
            text=None if each.mark is None else wording.MARKS[each.mark].split()[-1],
            what=f"{what}: vergeleken met de rest",
        )


def _answers(distribution: Distribution, questionnaire: Questionnaire) -> Iterator[Reference]:
    label = wording.plain(distribution.label, questionnaire)
    what = f"{distribution.question.provenance.number} {label}"
    for answer in distribution.answers:
        name = f"{distribution.variable}.{answer.code}"
        said = wording.quoted(wording.plain(answer.label, questionnaire))
        yield from _cell(name, answer.cell, "proportion", f"{what}: {said}")
    if distribution.mean is not None:
        yield from _cell(f"{distribution.variable}.mean", distribution.mean, "mean", f"{what}: gemiddelde")


def _cell(name: str, cell: Cell, kind: Kind, what: str) -> Iterator[Reference]:
    texts: tuple[str | None, ...] = (None, None, None)
    if not isinstance(cell, Suppressed):
        texts = (with_unit(cell.value, kind), wording.interval(cell, kind), wording.margin(cell, kind))
    yield Reference(name=name, text=texts[0], what=what)
    yield Reference(name=f"{name}.interval", text=texts[1], what=f"{what}: marge, als in een tabel")
    yield Reference(name=f"{name}.margin", text=texts[2], what=f"{what}: marge, in woorden")
