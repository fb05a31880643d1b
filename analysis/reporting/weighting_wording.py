"""Dutch words for how the sample was weighted and how its margins of error were made."""

from collections.abc import Iterator

from analysis.reporting.plan import AnalysisPlan
from analysis.reporting.weighting_plan import (
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
from analysis.reporting.weighting_steps import Done
from analysis.reporting.weights import Weighting
from analysis.reporting.wording import counted, decimal, listed, whole

_DISTANCES = {"linear": "lineair", "raking": "raking", "logit": "logit", "truncated": "afgekapt lineair"}


def steps(plan: AnalysisPlan, weighting: Weighting) -> Iterator[str]:
    """A sentence or two about the base weight and about every step of weighting."""
    first = "Startgewicht: het aantal volwassenen in de wijk, gedeeld door het aantal antwoorden."
    if any(isinstance(done.step, Nonresponse) for done in weighting.steps):
        first = "Startgewicht: het aantal volwassenen in de wijk, gedeeld door wie er iets instuurde."
    yield first
    for done in weighting.steps:
        yield from _step(done, plan)


def errors(plan: AnalysisPlan) -> str:
    """How margins of error were computed."""
    design = plan.design
    residuals = "met de residuen op de weegkenmerken"
    match design.replicates:
        case Jackknife():
            how = "jackknife: de uitkomst steeds opnieuw zonder één deel van de steekproef"
        case Balanced():
            how = "de uitkomst steeds opnieuw uit een halve steekproef (BRR)"
        case Bootstrap(number=number):
            how = f"de uitkomst opnieuw in {whole(number)} trekkingen uit de steekproef (bootstrap)"
        case None:
            return f"Marges: Taylor-linearisatie voor {_sample(plan)}, {residuals}."
    return f"Marges: {how}, voor {_sample(plan)}; elke keer is opnieuw gewogen."


def _step(done: Done, plan: AnalysisPlan) -> Iterator[str]:
    limits = plan.weighting
    smallest, largest = decimal(limits.smallest), decimal(limits.largest)
    rounds = counted(done.account.rounds, "ronde", "rondes")
    match done.step:
        case Nonresponse(by=by):
            with_what = counted(len(by), "kenmerk", "kenmerken")
            yield (
                "Wie begon maar te weinig invulde: mensen die op hen lijken tellen voor hen mee, met een "
                f"model van de kans om genoeg in te vullen ({with_what})."
            )
        case Poststratify(margin=margin):
            yield f"Poststratificatie op {_names((margin,), plan)}: één factor voor elke groep."
        case Rake(margins=margins, trim=trim):
            yield f"Raking op {_names(margins, plan)}, in {rounds}, tot alle aantallen kloppen."
            if trim:
                yield _cut(smallest, largest, done.account.trimmed)
        case Calibrate(margins=margins, distance=distance):
            yield (
                f"Kalibratie op {_names(margins, plan)} (afstand: {_DISTANCES[distance]}), in {rounds}, tot "
                f"alle aantallen kloppen. Een gewicht wordt {smallest} tot {largest} keer wat het was."
            )
        case Trim():
            shared = "Wat eraf ging is verdeeld over de andere gewichten."
            yield f"{_cut(smallest, largest, done.account.trimmed)} {shared}"


def _cut(smallest: str, largest: str, trimmed: int) -> str:
    limits = f"{smallest} en boven {largest}"
    return f"Gewichten onder {limits} keer het startgewicht zijn afgekapt: {whole(trimmed)}."


def _names(margins: tuple[str, ...], plan: AnalysisPlan) -> str:
    """ "wijk en op leeftijd, geslacht en kinderen" """
    known = plan.report.margins if plan.report else {}
    keys = margins or (AREA, *(margin.population for margin in plan.weighting.margins))
    names = [known[key].label.lower() if key in known else key for key in keys if key != AREA]
    parts = ["wijk"] if AREA in keys else []
    return " en op ".join([*parts, listed(names)] if names else parts)


def _sample(plan: AnalysisPlan) -> str:
    if plan.design.clusters:
        return "een clustersteekproef"
    if plan.design.strata:
        return "een gestratificeerde steekproef"
    return "een enkelvoudige steekproef"
