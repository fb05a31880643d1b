"""The annexes of what leans on a model, and of what would come of other choices in weighting."""

from collections.abc import Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter, indicators_named, margin_name
from analysis.reporting.charts import plots
from analysis.reporting.figures import model_figures
from analysis.reporting.figures.making import Figure, Maker
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import ReportPlan

_MODEL_RULES = (
    later(
        "Een modelschatting is een berekening met een aanname. Zij staat altijd naast het "
        "eigen cijfer, en nooit in de andere hoofdstukken."
    ),
)

_AREA_RULES = (
    later(
        "Modelschatting 1 (Fay-Herriot): het eigen cijfer van de wijk, een eind opgeschoven "
        "naar het gemiddelde van de wijken. Hoe minder zeker het eigen cijfer, hoe verder. "
        "Aanname: wijken verschillen van elkaar zoals toevallige getallen verschillen, en de "
        "marge van het eigen cijfer klopt. Een wijk die echt anders is, wordt zo te gewoon."
    ),
    later(
        "Modelschatting 2 (multilevel met poststratificatie): een model van wijk en "
        "{margin}, opgeteld over wie er wonen. Aanname: binnen een wijk en groep antwoordt "
        "wie meedeed als wie niet meedeed. Het model gebruikt geen gewichten. De marge "
        "rekent mee dat niet bekend is hoeveel wijken verschillen. Een wijk die echt anders "
        "is, wordt ook zo te gewoon."
    ),
    later(
        "Staat er bij het eigen cijfer een streepje, dan zijn de antwoorden van die wijk "
        "niet gebruikt. De schatting komt dan alleen van de andere wijken en van wie er "
        "wonen. Staat er bij een modelschatting een streepje, dan zijn er te weinig "
        "antwoorden voor het model."
    ),
)

_VARIANT_RULES = (
    later("n is het aantal antwoorden. Effectief: zo veel antwoorden zijn het na de weging waard."),
    later(
        "Het gaat om dezelfde mensen, met andere gewichten. Alleen waar n anders is, tellen er mensen "
        "niet mee, of andere wel. Omdat de meesten dezelfde zijn, is de marge van het verschil kleiner "
        "dan die van de uitkomst."
    ),
    later(
        "= gelijk: een verschil is niet aangetoond. Klein: het verschil is geen toeval, maar "
        "kleiner dan {share} procentpunten (gemiddelden: {mean}). ▲ en ▼: het verschil is "
        "groter."
    ),
)


def model_annexes(
    maker: Maker, outcomes: Outcomes, report: ReportPlan, letters: Iterator[str]
) -> Iterator[Chapter]:
    """The annexes for which the plan asks and there are answers enough, lettered in their order."""
    from_open, of_areas = _open(maker, outcomes, report), _areas(maker, outcomes)
    if from_open or of_areas:
        rules = [
            *map(maker.phrases.say, _MODEL_RULES),
            *(_area_rules(maker.phrases, outcomes, report) if of_areas else ()),
        ]
        yield _models(maker.phrases, next(letters), rules, [*from_open, *of_areas])
    if outcomes.variants:
        yield _variants(maker, outcomes, report, next(letters))


def _open(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> list[Figure]:
    if outcomes.plan.open is None or not outcomes.open_margins:
        return []
    margins = [margin_name(margin, report) for margin in outcomes.open_margins]
    chosen = indicators_named(outcomes, outcomes.plan.open.indicators)
    return [model_figures.open_models(maker, chosen, margins)]


def _areas(maker: Maker, outcomes: Outcomes) -> list[Figure]:
    """A table for every indicator of which a model was made for some area."""
    return [
        model_figures.area_models(maker, outcome)
        for outcome in outcomes.indicators
        if any(each.models is not None and each.models.any for each in outcome.areas)
    ]


def _area_rules(phrases: Phrases, outcomes: Outcomes, report: ReportPlan) -> list[str]:
    name = "" if outcomes.plan.small_areas is None else outcomes.plan.small_areas.margin
    margin = wording.lower_first(margin_name(name, report))
    return [phrases.say(rule, margin=margin) for rule in _AREA_RULES]


def _models(phrases: Phrases, letter: str, rules: Sequence[str], figures: Sequence[Figure]) -> Chapter:
    return Chapter(
        anchor=f"bijlage-{letter.lower()}",
        own_text=False,
        kicker=phrases.say("Bijlage {letter}", letter=letter),
        title=phrases.say("Schattingen met een model"),
        running=phrases.say("Bijlage {letter}: schattingen met een model", letter=letter),
        lead=phrases.say(
            "Soms zijn er te weinig antwoorden, of is niet bekend hoe mensen bij ons kwamen. Een "
            "model kan dan iets zeggen, als een aanname klopt."
        ),
        paragraphs=tuple(rules),
        figures=tuple(figures),
    )


def _variants(maker: Maker, outcomes: Outcomes, report: ReportPlan, letter: str) -> Chapter:
    plan = outcomes.plan
    shown = [each for each in outcomes.variants if each.indicator.key in report.headline]
    share, mean = plots.percent(100 * plan.relevant_share), maker.relevant_means(plan.indicators)
    rules = [maker.phrases.say(rule, share=share, mean=mean) for rule in _VARIANT_RULES]
    rules += [
        maker.phrases.say(
            "{name}: mensen van de open link tellen hier mee alsof zij waren uitgenodigd. Dat "
            "waren zij niet. De regel laat alleen zien wat het zou uitmaken.",
            name=wording.quoted(variant.name),
        )
        for variant in plan.sensitivity
        if variant.open
    ]
    return Chapter(
        anchor=f"bijlage-{letter.lower()}",
        own_text=False,
        kicker=maker.phrases.say("Bijlage {letter}", letter=letter),
        title=maker.phrases.say("Andere keuzes bij de weging"),
        running=maker.phrases.say("Bijlage {letter}: andere keuzes bij de weging", letter=letter),
        lead=maker.phrases.say(
            "Wie weegt, maakt keuzes. Hier staan de belangrijkste uitkomsten nog een keer, bij andere keuzes."
        ),
        paragraphs=tuple(rules),
        figures=(model_figures.variants(maker, shown),),
    )
