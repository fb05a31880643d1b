"""Dutch words for how the sample was weighted and how its margins of error were made."""

from collections.abc import Iterator

from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import AnalysisPlan
from analysis.reporting.plans.weighting_plan import (
    AREA,
    Balanced,
    Bootstrap,
    Calibrate,
    Jackknife,
    Nonresponse,
    Poststratify,
    Rake,
    Trim,
)
from analysis.reporting.weighting.weighting_steps import Done
from analysis.reporting.weighting.weights import Weighting

_DISTANCES = {
    "linear": later("lineair"),
    "raking": "raking",
    "logit": "logit",
    "truncated": later("afgekapt lineair"),
}


def steps(phrases: Phrases, plan: AnalysisPlan, weighting: Weighting) -> Iterator[str]:
    """A sentence or two about the base weight and about every step of weighting."""
    first = phrases.say(
        "Startgewicht: het aantal volwassenen in de wijk, gedeeld door het aantal antwoorden."
    )
    if any(isinstance(done.step, Nonresponse) for done in weighting.steps):
        first = phrases.say(
            "Startgewicht: het aantal volwassenen in de wijk, gedeeld door wie er iets instuurde."
        )
    yield first
    for done in weighting.steps:
        yield from _step(phrases, done, plan)


def errors(phrases: Phrases, plan: AnalysisPlan) -> str:
    """How margins of error were computed."""
    design = plan.design
    residuals = phrases.say("met de residuen op de weegkenmerken")
    match design.replicates:
        case Jackknife():
            how = phrases.say("jackknife: de uitkomst steeds opnieuw zonder één deel van de steekproef")
        case Balanced():
            how = phrases.say("de uitkomst steeds opnieuw uit een halve steekproef (BRR)")
        case Bootstrap(number=number):
            how = phrases.say(
                "de uitkomst opnieuw in {number} trekkingen uit de steekproef (bootstrap)",
                number=phrases.whole(number),
            )
        case None:
            return phrases.say(
                "Marges: Taylor-linearisatie voor {sample}, {residuals}.",
                sample=sample(phrases, plan),
                residuals=residuals,
            )
    return phrases.say(
        "Marges: {how}, voor {sample}; elke keer is opnieuw gewogen.", how=how, sample=sample(phrases, plan)
    )


def _step(phrases: Phrases, done: Done, plan: AnalysisPlan) -> Iterator[str]:
    limits = plan.weighting
    smallest, largest = phrases.decimal(limits.smallest), phrases.decimal(limits.largest)
    rounds = phrases.counted(done.account.rounds, "ronde", "rondes")
    match done.step:
        case Nonresponse(by=by):
            with_what = phrases.counted(len(by), "kenmerk", "kenmerken")
            yield (
                phrases.say(
                    "Wie begon maar te weinig invulde: mensen die op hen lijken tellen voor hen mee, met "
                    "een model van de kans om genoeg in te vullen ({with_what}).",
                    with_what=with_what,
                )
            )
        case Poststratify(margin=margin):
            yield phrases.say(
                "Poststratificatie op {names}: één factor voor elke groep.",
                names=_names(phrases, (margin,), plan),
            )
        case Rake(margins=margins, trim=trim):
            yield phrases.say(
                "Raking op {names}, in {rounds}, tot alle aantallen kloppen.",
                names=_names(phrases, margins, plan),
                rounds=rounds,
            )
            if trim:
                yield _cut(phrases, smallest, largest, done.account.trimmed)
        case Calibrate(margins=margins, distance=distance):
            yield (
                phrases.say(
                    "Kalibratie op {names} (afstand: {distance}), in {rounds}, tot alle aantallen "
                    "kloppen. Een gewicht wordt {smallest} tot {largest} keer wat het was.",
                    names=_names(phrases, margins, plan),
                    distance=phrases.say(_DISTANCES[distance]),
                    rounds=rounds,
                    smallest=smallest,
                    largest=largest,
                )
            )
        case Trim():
            shared = phrases.say("Wat eraf ging is verdeeld over de andere gewichten.")
            yield f"{_cut(phrases, smallest, largest, done.account.trimmed)} {shared}"


def _cut(phrases: Phrases, smallest: str, largest: str, trimmed: int) -> str:
    return phrases.say(
        "Gewichten onder {smallest} en boven {largest} keer het startgewicht zijn afgekapt: {trimmed}.",
        smallest=smallest,
        largest=largest,
        trimmed=phrases.whole(trimmed),
    )


def _names(phrases: Phrases, margins: tuple[str, ...], plan: AnalysisPlan) -> str:
    """ "wijk en op leeftijd, geslacht en kinderen" """
    known = plan.report.margins if plan.report else {}
    keys = margins or (AREA, *(margin.population for margin in plan.weighting.margins))
    names = [known[key].label.lower() if key in known else key for key in keys if key != AREA]
    if AREA not in keys:
        return phrases.names(names)
    return phrases.say("wijk en op {names}", names=phrases.names(names)) if names else phrases.say("wijk")


def sample(phrases: Phrases, plan: AnalysisPlan) -> str:
    """What kind of sample the plan says it is."""
    if plan.design.clusters:
        return phrases.say("een clustersteekproef")
    if plan.design.strata:
        return phrases.say("een gestratificeerde steekproef")
    return phrases.say("een enkelvoudige steekproef")
