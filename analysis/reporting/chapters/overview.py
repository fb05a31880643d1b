"""The chapter with all outcomes together, and earlier figures beside those of now."""

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.figures import indicator_figures
from analysis.reporting.figures.making import Maker, in_parts
from analysis.reporting.figures.published_figures import Beside, beside_published, of_everybody
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.plans.plan import ReportPlan


def overview(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    shares = [each for each in outcomes.indicators if each.indicator.kind == "proportion"]
    means = [each for each in outcomes.indicators if each.indicator.kind == "mean"]
    # The few means first: below the head of the chapter they leave room for a page's half of shares.
    figures = [indicator_figures.means(maker, means, report.population)] if means else []
    figures += [indicator_figures.overview(maker, part, report.population) for part in in_parts(shares, 18)]
    compared = [
        (each, Beside(published, each.whole, each.indicator.kind))
        for each in outcomes.indicators
        for published in of_everybody(maker, each.question, each.indicator.kind)
    ]
    if compared:
        title = maker.phrases.say("Cijfers van anderen zijn niet zomaar te vergelijken met die van nu")
        asked = dict.fromkeys(maker.question_text(outcome) for outcome, _ in compared)
        note = maker.phrases.say("Vraag {text}", text=wording.listed([*asked]))
        figures.append(beside_published(maker, title, [beside for _, beside in compared], note))
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
