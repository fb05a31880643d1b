"""Tables of what leans on a model or on another way to weigh, always beside the sample's own figure."""

from collections.abc import Callable, Sequence

from analysis.reporting import charts, wording
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures import Column, Figure, Line, Maker, Printed, interval_cell, value_cell
from analysis.reporting.outcome_values import AreaOutcome, Outcome
from analysis.reporting.published import Modelled
from analysis.reporting.representativeness import Balance, GroupResponse
from analysis.reporting.sensitivity import IndicatorVariants, VariantOutcome
from analysis.reporting.wording import Kind

_UNITS: dict[Kind, str] = {"proportion": "In procenten", "mean": "Gemiddelden"}

EMPTY = Printed(text=wording.NONE, style="few")


def balances(
    maker: Maker, found: Sequence[Balance], margin: Callable[[str], str], category: Callable[[str, str], str]
) -> Figure:
    """Response per group, with the R-indicator of every variable; `margin` and `category` give the words."""
    lines = []
    for each in found:
        indicator = (
            f"R = {wording.decimal(each.indicator, 2)} (zonder toeval {wording.decimal(each.adjusted, 2)})"
        )
        lines.append(Line(label=(f"{margin(each.margin)}: {indicator}",), style="group"))
        lines += [_response_line(category(each.margin, group.category), group) for group in each.groups]
    first = found[0]
    return maker.table(
        _balance_title(found, margin),
        "Geschat deel van alle genodigden dat meedeed, per groep; gemiddeld "
        f"{wording.decimal(100 * first.response)}%. "
        "R is 1 als elke groep even vaak meedeed",
        (
            Column(label="Groep", width=55, style=""),
            Column(label="inwoners"),
            Column(label="n"),
            Column(label="respons %"),
            Column(label="verschil met gemiddeld", width=20),
            Column(label="marge", width=24),
            Column(label="bijdrage"),
            Column(label="", width=18, style="mark"),
        ),
        lines,
        "De R-indicator zegt hoe gelijk groepen meededen. Hoe lager R, hoe schever de groep die antwoordde. "
        "Ook door toeval is R iets te laag: het tweede getal is zonder dat toeval. Bijdrage: hoeveel een "
        "groep R lager maakt, met een min als zij minder vaak meedeed dan gemiddeld. Verschillen zijn in "
        "procentpunten, met de marge van 95%. ▲ en ▼ staan er alleen als het verschil geen toeval lijkt, ook "
        "na correctie voor het aantal groepen; de marge is die van één groep. "
        "Van wie niet antwoordde weten wij alleen de wijk. Daarom staat hier wie antwoordde naast de "
        f"bevolking volgens het CBS. Basis: {wording.whole(first.invited)} genodigden, n = "
        f"{wording.whole(first.answered)}. {maker.source}",
        long=True,
    )


def _balance_title(found: Sequence[Balance], margin: Callable[[str], str]) -> str:
    """The variable whose groups differ most, when a difference is more than chance."""
    differing = [
        each
        for each in found
        if any(group.response is not None and group.response.mark != "same" for group in each.groups)
    ]
    if not differing:
        return "Tussen de groepen is geen verschil in respons aangetoond"
    lowest = min(differing, key=lambda each: each.adjusted)
    name = wording.lower_first(margin(lowest.margin))
    return f"De respons verschilt het meest naar {name}: R = {wording.decimal(lowest.indicator, 2)}"


def _response_line(label: str, group: GroupResponse) -> Line:
    people = Printed(text=wording.whole(group.people))
    found = group.response
    if found is None:
        return Line(
            label=(label,), cells=(people, *[EMPTY] * 5, Printed(text="te weinig", style="few")), style="sub"
        )
    low, high = (wording.signed(100 * bound, 1) for bound in (found.low, found.high))
    return Line(
        label=(label,),
        cells=(
            people,
            Printed(text=wording.whole(found.answered)),
            Printed(text=wording.decimal(100 * found.share), style="strong"),
            Printed(text=wording.signed(100 * found.difference, 1)),
            Printed(text=f"{low} tot {high}"),
            Printed(text=wording.signed(found.unconditional, 3)),
            Printed(text=wording.MARKS[found.mark], style="" if found.mark == "same" else "strong"),
        ),
        style="sub",
    )


def open_models(maker: Maker, chosen: Sequence[Outcome], margins: Sequence[str]) -> Figure:
    """All residents by a model of the open link, beside what its people said and beside the sample."""
    lines = [_open_line(each) for each in chosen]
    alike = wording.listed([f"‘{wording.lower_first(name)}’" for name in margins])
    return maker.table(
        "Modelschatting: alle bewoners, geschat uit de open deelname",
        "Links wat mensen van de open link zeiden, in het midden de modelschatting, rechts de steekproef",
        (
            Column(label="Uitkomst", width=48, style=""),
            Column(label="n", width=10),
            Column(label="open, ongewogen", width=18),
            Column(label="n", width=10),
            Column(label="model-schatting", width=16),
            Column(label="marge"),
            Column(label="n", width=12),
            Column(label="steekproef", width=18),
            Column(label="marge"),
        ),
        lines,
        f"Model: de kans om uit zichzelf mee te doen hangt af van {alike}. Aanname: mensen die daarin gelijk "
        "zijn, antwoorden hetzelfde, of zij nu via de open link meededen of niet. En iedereen had mee kunnen "
        "doen. Of dat klopt, weten wij niet. De marge gaat alleen over toeval, niet over een verkeerde "
        "aanname. Gebruik bij verschil het cijfer van de steekproef. "
        f"{_questions(maker, chosen)} {maker.source}",
    )


def _open_line(each: Outcome) -> Line:
    kind = each.indicator.kind
    model = each.open_modelled
    return Line(
        label=charts.wrapped(each.indicator.label, 33),
        cells=(
            Printed(text=wording.base(each.open)),
            EMPTY
            if isinstance(each.open, Suppressed)
            else Printed(text=wording.with_unit(each.open.value, kind)),
            EMPTY if model is None else Printed(text=wording.whole(model.respondents)),
            *_modelled(model, kind, wording.with_unit),
            Printed(text=wording.base(each.whole)),
            EMPTY
            if isinstance(each.whole, Suppressed)
            else Printed(text=wording.with_unit(each.whole.value, kind)),
            interval_cell(each.whole, kind),
        ),
    )


def area_models(maker: Maker, outcome: Outcome) -> Figure:
    """Every area by its own answers and by models, side by side."""
    kind = outcome.indicator.kind
    models = ("model-schatting 1", "model-schatting 2") if kind == "proportion" else ("model-schatting 1",)
    return maker.table(
        f"Modelschatting per wijk: {wording.lower_first(outcome.indicator.label)}",
        f"{_UNITS[kind]}, met de marge van 95%. Links het eigen cijfer van de wijk",
        (
            Column(label="Wijk", width=46, style=""),
            Column(label="n", width=10),
            Column(label="eigen cijfer", width=13),
            Column(label="marge"),
            Column(label="", width=20, style="mark"),
            *(Column(label=label) for model in models for label in (model, "marge")),
        ),
        [_model_line(each, kind) for each in outcome.areas],
        f"{_questions(maker, [outcome])} {maker.source}",
    )


def _model_line(each: AreaOutcome, kind: Kind) -> Line:
    indicative = not isinstance(each.cell, Suppressed) and each.cell.indicative
    models = [] if each.models is None else [each.models.fay_herriot]
    if each.models is not None and kind == "proportion":
        models.append(each.models.multilevel)
    return Line(
        label=(each.area.name,),
        cells=(
            Printed(text=wording.base(each.cell)),
            value_cell(each.cell, kind),
            interval_cell(each.cell, kind),
            Printed(text="indicatief" if indicative else ""),
            *(cell for model in models for cell in _modelled(model, kind, wording.number)),
        ),
    )


def _modelled(found: Modelled | None, kind: Kind, text: Callable[[float, Kind], str]) -> tuple[Printed, ...]:
    """The value, as `text` prints it, and its margin."""
    if found is None:
        return EMPTY, EMPTY
    return (
        Printed(text=text(found.value, kind)),
        Printed(text=f"{wording.number(found.low, kind)}–{wording.number(found.high, kind)}"),
    )


def variants(maker: Maker, chosen: Sequence[IndicatorVariants]) -> Figure:
    """The same outcomes under every choice of weighting, each beside the difference from the plan's."""
    lines: list[Line] = []
    for each in chosen:
        lines.append(Line(label=(each.indicator.label,), style="group"))
        lines += [
            _variant_line(variant, each.indicator.kind, first=not place)
            for place, variant in enumerate(each.variants)
        ]
    keys = {each.indicator.key for each in chosen}
    questions = _questions(maker, [one for one in maker.outcomes.indicators if one.indicator.key in keys])
    return maker.table(
        _variants_title(chosen),
        "Uitkomsten met de marge van 95%, en het verschil met de eerste regel (procentpunten, of een deel "
        "van een cijfer)",
        (
            Column(label="Weging", width=50, style=""),
            Column(label="n", width=12),
            Column(label="effectief", width=16),
            Column(label="uitkomst", width=15),
            Column(label="marge", width=18),
            Column(label="verschil", width=14),
            Column(label="marge", width=23),
            Column(label="", width=20, style="mark"),
        ),
        lines,
        f"{questions} {maker.source}",
        long=True,
    )


def _variants_title(chosen: Sequence[IndicatorVariants]) -> str:
    if all(variant.unchanged for each in chosen for variant in each.variants):
        return "Bij elke keuze zijn de uitkomsten precies gelijk: de gewichten veranderen niet"
    changed = sum(any(variant.relevant for variant in each.variants) for each in chosen)
    if not changed:
        return "Geen andere keuze verandert een uitkomst zo veel dat het ertoe doet"
    outcomes = wording.counted(changed, "uitkomst", "uitkomsten")
    return f"Bij {outcomes} maakt een andere keuze een verschil dat ertoe doet"


def _variant_line(variant: VariantOutcome, kind: Kind, *, first: bool) -> Line:
    cell, difference = variant.cell, variant.difference
    if isinstance(cell, Suppressed) or difference is None or variant.effective_number is None:
        hidden = Printed(text="niet getoond", style="few")
        return Line(label=(variant.name,), cells=(*[EMPTY] * 6, hidden), style="sub")
    apart = [Printed(text=""), Printed(text=""), Printed(text="")]
    if not first:
        scale, places = (100, 1) if kind == "proportion" else (1, 2)
        value, low, high = (
            wording.signed(scale * each, places)
            for each in (difference.value, difference.low, difference.high)
        )
        apart = [Printed(text=value), Printed(text=f"{low} tot {high}"), _verdict(variant)]
    return Line(
        label=(variant.name,),
        cells=(
            Printed(text=wording.base(cell)),
            Printed(text=wording.whole(variant.effective_number)),
            Printed(text=wording.with_unit(cell.value, kind), style="strong"),
            interval_cell(cell, kind),
            *apart,
        ),
        style="sub",
    )


def _verdict(variant: VariantOutcome) -> Printed:
    if variant.unchanged:
        return Printed(text="precies gelijk")
    if not variant.matters or variant.difference is None:
        return Printed(text=wording.MARKS["same"])
    if not variant.relevant:
        return Printed(text="klein")
    return Printed(text=wording.MARKS["higher" if variant.difference.value > 0 else "lower"], style="strong")


def _questions(maker: Maker, chosen: Sequence[Outcome]) -> str:
    """The texts of the questions, each once, as one sentence."""
    notes = list(dict.fromkeys(maker.question_note(outcome).removeprefix("Vraag ") for outcome in chosen))
    return f"Vraag {'; '.join([*(note.rstrip('.') for note in notes[:-1]), notes[-1]])}"
