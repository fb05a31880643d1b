"""The chapter about what changed since an earlier wave."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter, Section
from analysis.reporting.charts import plots
from analysis.reporting.charts.wave_charts import Slope, slopes
from analysis.reporting.figures import area_change_figures
from analysis.reporting.figures.making import CHARACTERS, Column, Figure, Line, Maker, Printed, drawn, scaled
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.findings.waves import Change, Reason, Waves
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import EventPlan, ReportPlan

_LABEL = 46.0

MOST_LINES = 12
"""That can be told apart in one chart."""

_REASONS: Mapping[Reason, str] = {
    "new": later("toen niet gevraagd"),
    "counted": later("toen op een andere manier geteld"),
    "wording": later("toen met andere woorden gevraagd"),
    "answers": later("toen met andere antwoorden om uit te kiezen"),
    "people": later("toen aan andere mensen gevraagd"),
    "withheld": later("in een van beide metingen te weinig antwoorden of beschermd"),
}


def waves(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    """Nothing when there is no earlier wave."""
    found = outcomes.waves
    if found is None:
        return
    phrases = maker.phrases
    moments = (phrases.month(found.week), phrases.month(outcomes.dataset.export.week))
    yield Chapter(
        anchor="verandering",
        kicker=phrases.say("Uitkomsten"),
        title=phrases.say("Wat veranderde sinds {moment}?", moment=moments[0]),
        running=phrases.say("Veranderingen"),
        lead=_lead(phrases, found.changes),
        paragraphs=(
            phrases.say(
                "Wij vergelijken alleen wat beide keren met dezelfde woorden, met dezelfde antwoorden en "
                "aan dezelfde groep is gevraagd. Toen deden {then} mensen mee en nu {now}. Dat zijn "
                "meestal andere mensen. De cijfers zeggen niet waardoor iets veranderde.",
                then=phrases.whole(found.respondents),
                now=phrases.whole(outcomes.respondents),
            ),
            *_events(phrases, report.events, found.week, outcomes.dataset.export.week),
        ),
        figures=tuple(_figures(maker, found, report, moments)),
        sections=tuple(_areas(maker, outcomes, found, report, moments)),
    )


def _areas(
    maker: Maker, outcomes: Outcomes, found: Waves, report: ReportPlan, moments: tuple[str, str]
) -> Iterator[Section]:
    """A figure for every indicator of which an area can be compared."""
    if not found.in_areas:
        return
    phrases = maker.phrases
    known = {outcome.indicator.key: outcome for outcome in outcomes.indicators}
    caution = phrases.say(
        "In een wijk zijn er minder antwoorden dan in heel {town}. Daarom is alleen een grote verandering "
        "aan te tonen: zonder teken kan er toch iets veranderd zijn.",
        town=maker.municipality.name,
    )
    yield Section(
        anchor="verandering-wijken",
        title=phrases.say("Per wijk"),
        lead=f"{_lead(phrases, found.in_areas)} {caution}",
        figures=tuple(
            area_change_figures.area_changes(maker, known[key], [*changes], moments, report.population)
            for key, changes in groupby(found.in_areas, key=lambda change: change.indicator.key)
        ),
    )


def _lead(phrases: Phrases, changes: Sequence[Change]) -> str:
    if not changes:
        return phrases.say("Geen enkel cijfer is te vergelijken met dat van toen.")
    compared = phrases.count(
        "Wij vergeleken {number} cijfer met dat van toen.",
        "Wij vergeleken {number} cijfers met die van toen.",
        len(changes),
    )
    marked = sum(change.mark != "same" for change in changes)
    if not marked:
        return f"{compared} {phrases.say('Van geen enkel is aangetoond dat het veranderde.')}"
    changed = phrases.count(
        "Daarvan is er {number} aantoonbaar veranderd.",
        "Daarvan zijn er {number} aantoonbaar veranderd.",
        marked,
    )
    return f"{compared} {changed}"


def _events(phrases: Phrases, events: tuple[EventPlan, ...], then: str, now: str) -> Iterator[str]:
    """What happened between the waves, of what the plan names."""
    for event in sorted(events, key=lambda event: event.date):
        if _week(event.date) >= then and _week(event.date) <= now:
            yield phrases.say(
                "Wat er intussen gebeurde, op {day}: {text} (bron: {source}).",
                day=phrases.day(event.date),
                text=wording.lower_first(event.text).rstrip("."),
                source=event.source,
            )


def _week(day: str) -> str:
    """The ISO week of a day, as exports name theirs."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"


def _figures(maker: Maker, found: Waves, report: ReportPlan, moments: tuple[str, str]) -> Iterator[Figure]:
    shares = [change for change in found.changes if change.indicator.kind == "proportion"]
    shown = [change for change in shares if change.indicator.key in report.headline or change.mark != "same"]
    if shown:
        yield _chart(maker, shown[:MOST_LINES], report, moments)
    if found.changes:
        yield _table(maker, found, report, moments)
    if found.left_out:
        yield _left_out(maker, found)


def _chart(maker: Maker, changes: Sequence[Change], report: ReportPlan, moments: tuple[str, str]) -> Figure:
    phrases = maker.phrases
    rows = [
        Slope(
            label=change.indicator.label,
            then=100 * change.then.value,
            now=100 * change.now.value,
            marked=change.mark != "same",
        )
        for change in changes
    ]
    title = _title(phrases, changes)
    return Figure(
        name=maker.figure_name(),
        title=title,
        what=phrases.say("Aandeel in {then} en in {now}, in procenten", then=moments[0], now=moments[1]),
        note=phrases.say(
            "Een dikke lijn is een aantoonbare verandering. De marges en de aantallen staan in de tabel. "
            "Basis: {population}, uit de steekproef, gewogen. {source}",
            population=report.population,
            source=maker.source,
        ),
        table=None,
        svg=drawn(slopes(phrases, maker.colours, rows, moments, title=title)),
    )


def _title(phrases: Phrases, changes: Sequence[Change]) -> str:
    marked = [change for change in changes if change.mark != "same"]
    if not marked:
        return phrases.say("Van geen aandeel is aangetoond dat het veranderde")
    most = max(marked, key=lambda change: abs(change.difference))
    sentence = (
        later("{label}: duidelijk vaker dan toen")
        if most.difference > 0
        else later("{label}: duidelijk minder vaak dan toen")
    )
    return phrases.say(sentence, label=most.indicator.label)


def _table(maker: Maker, found: Waves, report: ReportPlan, moments: tuple[str, str]) -> Figure:
    phrases = maker.phrases
    return maker.table(
        phrases.say("Alle cijfers die te vergelijken zijn"),
        phrases.say(
            "{then} en {now}, met de marge van 95% van het verschil", then=moments[0], now=moments[1]
        ),
        (
            Column(label=phrases.say("Cijfer"), width=_LABEL, style=""),
            Column(label=moments[0], width=17),
            Column(label=phrases.say("n"), width=12),
            Column(label=moments[1], width=17),
            Column(label=phrases.say("n"), width=12),
            Column(label=phrases.say("verschil"), width=15),
            Column(label=phrases.say("marge"), width=25),
            Column(label="", style="mark"),
        ),
        [_line(phrases, change) for change in found.changes],
        phrases.say(
            "{rule} De p-waarden zijn gecorrigeerd over alle cijfers in deze tabel. Basis: {population}, "
            "uit de steekproef, gewogen. {source}",
            rule=maker.mark_rule(),
            population=report.population,
            source=maker.source,
        ),
        long=True,
    )


def _line(phrases: Phrases, change: Change) -> Line:
    kind = change.indicator.kind
    places = 0 if kind == "proportion" else 1
    difference, low, high = (
        phrases.signed(scaled(value, kind), places) for value in (change.difference, change.low, change.high)
    )
    return Line(
        label=plots.wrapped(change.indicator.label, int(_LABEL * CHARACTERS)),
        cells=(
            Printed(text=wording.figure(phrases, change.then, kind)),
            Printed(text=phrases.whole(change.then.respondents)),
            Printed(text=wording.figure(phrases, change.now, kind), style="strong"),
            Printed(text=phrases.whole(change.now.respondents)),
            Printed(text=difference),
            Printed(text=phrases.say("{low} tot {high}", low=low, high=high)),
            Printed(
                text=phrases.say(wording.MARKS[change.mark]), style="" if change.mark == "same" else "strong"
            ),
        ),
    )


def _left_out(maker: Maker, found: Waves) -> Figure:
    phrases = maker.phrases
    return maker.table(
        phrases.say("Wat niet te vergelijken is"),
        phrases.say("Cijfers van dit rapport die geen getal van toen naast zich hebben"),
        (
            Column(label=phrases.say("Cijfer"), width=_LABEL, style=""),
            Column(label=phrases.say("Waarom niet"), style=""),
        ),
        [
            Line(
                label=plots.wrapped(each.indicator.label, int(_LABEL * CHARACTERS)),
                cells=(Printed(text=phrases.say(_REASONS[each.reason])),),
            )
            for each in found.left_out
        ],
        maker.source,
        long=True,
    )
