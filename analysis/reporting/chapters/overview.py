"""The chapter with all outcomes together, and earlier figures beside those of now."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.charts import plots
from analysis.reporting.charts.background import Background, Published
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures import indicator_figures
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed, in_parts
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import SOURCE_LANGUAGE, Phrases
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.wording import with_unit


def overview(maker: Maker, outcomes: Outcomes, report: ReportPlan, background: Background) -> Chapter:
    shares = [each for each in outcomes.indicators if each.indicator.kind == "proportion"]
    means = [each for each in outcomes.indicators if each.indicator.kind == "mean"]
    figures = [indicator_figures.overview(maker, part, report.population) for part in in_parts(shares, 18)]
    if means:
        figures.append(indicator_figures.means(maker, means, report.population))
    compared = list(_comparisons(maker.phrases, outcomes, background))
    if compared:
        figures.append(_comparison_table(maker, compared))
    return Chapter(
        anchor="totaalbeeld",
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Totaalbeeld"),
        running=maker.phrases.say("Totaalbeeld"),
        lead=maker.phrases.say(
            "Alle uitkomsten voor {town} bij elkaar. De hoofdstukken hierna zetten de antwoorden "
            "op rij per leidend principe.",
            town=maker.municipality.name,
        ),
        figures=tuple(figures),
    )


def _comparisons(
    phrases: Phrases, outcomes: Outcomes, background: Background
) -> Iterator[tuple[Outcome, Published]]:
    """Published figures about the same question, in the same unit, that may be compared."""
    for outcome in outcomes.indicators:
        key = outcome.question.provenance.comparison
        unit = "%" if outcome.indicator.kind == "proportion" else outcome.question
        for published in background.published:
            known = published.comparable in ("yes", "limited") and published.key == key
            same = published.unit == "%" if unit == "%" else published.unit in {"1-10", "0-10"}
            whole_area = published.area in (outcomes.questionnaire.municipality.code, "NL")
            if known and same and whole_area:
                yield outcome, published


def _comparison_table(maker: Maker, compared: Sequence[tuple[Outcome, Published]]) -> Figure:
    lines = [
        Line(
            label=plots.wrapped(published.indicator, 40),
            language=SOURCE_LANGUAGE,
            cells=(
                Printed(text=published.area_name, language=SOURCE_LANGUAGE),
                Printed(text=published.year or maker.phrases.say("onbekend")),
                Printed(
                    text=f"{maker.phrases.decimal(published.value, 0)}%"
                    if published.unit == "%"
                    else maker.phrases.decimal(published.value)
                ),
                Printed(
                    text=wording.NONE
                    if isinstance(outcome.whole, Suppressed)
                    else with_unit(maker.phrases, outcome.whole.value, outcome.indicator.kind),
                    style="strong",
                ),
                Printed(text=wording.interval(maker.phrases, outcome.whole, outcome.indicator.kind)),
                Printed(
                    text=maker.phrases.say("uit de tweede hand")
                    if published.source_kind == "secondary"
                    else maker.phrases.say("eerste hand")
                ),
            ),
        )
        for outcome, published in compared
    ]
    made = maker.table(
        maker.phrases.say("Eerdere cijfers geven richting, geen trend"),
        maker.phrases.say(
            "Gepubliceerde cijfers naast de uitkomst nu; de vraag of de doelgroep was niet precies dezelfde"
        ),
        (
            Column(label=maker.phrases.say("Onderwerp in de bron"), width=58, style=""),
            Column(label=maker.phrases.say("gebied"), width=22, style="mark"),
            Column(label=maker.phrases.say("jaar"), width=11),
            Column(label=maker.phrases.say("toen"), width=12),
            Column(label=maker.phrases.say("nu"), width=12),
            Column(label=maker.phrases.say("marge nu"), width=17),
            Column(label=maker.phrases.say("soort bron"), width=34, style="mark"),
        ),
        lines,
        _kinds_of_sources(maker, [published for _, published in compared]),
    )
    sources = "; ".join(dict.fromkeys(published.source for _, published in compared))
    found: Figure = replace(made, sources=sources)
    return found


def _kinds_of_sources(maker: Maker, compared: Sequence[Published]) -> str:
    second_hand = maker.phrases.say(
        "Uit de tweede hand: overgenomen uit een krant of een weblog over het onderzoek, nog "
        "niet vergeleken met het origineel."
    )
    there = any(published.source_kind == "secondary" for published in compared)
    return " ".join((*((second_hand,) if there else ()), maker.source))
