"""Tables of what leans on a model or on another way to weigh, always beside the sample's own figure."""

from collections.abc import Callable, Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed, interval_cell, value_cell
from analysis.reporting.findings.outcome_values import AreaOutcome, Outcome
from analysis.reporting.findings.published import Modelled
from analysis.reporting.findings.representativeness import Balance, GroupResponse
from analysis.reporting.findings.sensitivity import IndicatorVariants, VariantOutcome
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.wording import Kind

_UNITS: dict[Kind, str] = {"proportion": later("In procenten"), "mean": later("Gemiddelden")}

EMPTY = Printed(text=wording.NONE, style="few")


def balances(
    maker: Maker, found: Sequence[Balance], margin: Callable[[str], str], category: Callable[[str, str], str]
) -> Figure:
    """Response per group, with the R-indicator of every variable; `margin` and `category` give the words."""
    lines = []
    for each in found:
        indicator = maker.phrases.say(
            "R = {found} (zonder toeval {adjusted})",
            found=maker.phrases.decimal(each.indicator, 2),
            adjusted=maker.phrases.decimal(each.adjusted, 2),
        )
        lines.append(Line(label=(f"{margin(each.margin)}: {indicator}",), style="group"))
        lines += [
            _response_line(maker.phrases, category(each.margin, group.category), group)
            for group in each.groups
        ]
    first = found[0]
    return maker.table(
        _balance_title(maker.phrases, found, margin),
        maker.phrases.say(
            "Geschat deel van alle genodigden dat meedeed, per groep; gemiddeld {response}%, "
            "gewogen naar het aantal inwoners van elke wijk (zonder weging {plain}%). R is 1 als elke groep "
            "even vaak meedeed",
            response=maker.phrases.decimal(100 * first.response),
            plain=maker.phrases.decimal(100 * first.answered / first.invited),
        ),
        (
            Column(label=maker.phrases.say("Groep"), width=55, style=""),
            Column(label=maker.phrases.say("inwoners")),
            Column(label="n"),
            Column(label=maker.phrases.say("respons %")),
            Column(label=maker.phrases.say("verschil met gemiddeld"), width=20),
            Column(label=maker.phrases.say("marge"), width=24),
            Column(label=maker.phrases.say("bijdrage")),
            Column(label="", width=18, style="mark"),
        ),
        lines,
        maker.phrases.say(
            "De R-indicator zegt hoe gelijk groepen meededen. Hoe lager R, hoe schever de groep "
            "die antwoordde. Ook door toeval is R iets te laag: het tweede getal is zonder dat "
            "toeval. Bijdrage: hoeveel een groep R lager maakt, met een min als zij minder vaak "
            "meedeed dan gemiddeld. Verschillen zijn in procentpunten, met de marge van 95%. ▲ "
            "en ▼ staan er alleen als het verschil geen toeval lijkt, ook na correctie voor het "
            "aantal groepen, en minstens {share} procentpunten is; de marge is die van één groep. "
            "Van wie niet antwoordde weten wij alleen de wijk. Daarom staat hier wie antwoordde naast de "
            "bevolking volgens het CBS. Basis: {invited} genodigden, n = {answered}. {source}",
            share=plots.percent(100 * maker.outcomes.plan.relevant_share),
            invited=maker.phrases.whole(first.invited),
            answered=maker.phrases.whole(first.answered),
            source=maker.source,
        ),
        long=True,
    )


def _balance_title(phrases: Phrases, found: Sequence[Balance], margin: Callable[[str], str]) -> str:
    """The variable whose groups differ most, when a difference is marked."""
    differing = [
        each
        for each in found
        if any(group.response is not None and group.response.mark != "same" for group in each.groups)
    ]
    if not differing:
        return phrases.say(wording.NO_RESPONSE_DIFFERS)
    lowest = min(differing, key=lambda each: each.adjusted)
    name = wording.lower_first(margin(lowest.margin))
    return phrases.say("De respons verschilt het meest naar {variable}", variable=name)


def _response_line(phrases: Phrases, label: str, group: GroupResponse) -> Line:
    people = Printed(text=phrases.whole(group.people))
    found = group.response
    if found is None:
        return Line(
            label=(label,),
            cells=(people, *[EMPTY] * 5, Printed(text=phrases.say("te weinig"), style="few")),
            style="sub",
        )
    low, high = (phrases.signed(100 * bound, 1) for bound in (found.low, found.high))
    return Line(
        label=(label,),
        cells=(
            people,
            Printed(text=phrases.whole(found.answered)),
            Printed(text=phrases.decimal(100 * found.share), style="strong"),
            Printed(text=phrases.signed(100 * found.difference, 1)),
            Printed(text=phrases.say("{low} tot {high}", low=low, high=high)),
            Printed(text=phrases.signed(found.unconditional, 3)),
            Printed(
                text=phrases.say(wording.MARKS[found.mark]), style="" if found.mark == "same" else "strong"
            ),
        ),
        style="sub",
    )


def open_models(maker: Maker, chosen: Sequence[Outcome], margins: Sequence[str]) -> Figure:
    """All residents by a model of the open link, beside what its people said and beside the sample."""
    lines = [_open_line(maker.phrases, each) for each in chosen]
    alike = maker.phrases.names([f"‘{wording.lower_first(name)}’" for name in margins])
    opened, modelled, sampled = map(
        maker.phrases.say,
        (later("open, ongewogen"), later("model\xadschatting"), later("steekproef")),
    )
    return maker.table(
        maker.phrases.say("Modelschatting uit de open deelname: alle bewoners, alleen als de aanname klopt"),
        maker.phrases.say(
            "Links wat mensen van de open link zeiden, in het midden de modelschatting, rechts de steekproef"
        ),
        (
            Column(label=maker.phrases.say("Uitkomst"), width=48, style=""),
            _of(opened, "n", width=10),
            Column(label=opened, width=18),
            _of(modelled, "n", width=10),
            Column(label=modelled, width=16),
            _of(modelled, maker.phrases.say("marge")),
            _of(sampled, "n", width=12),
            Column(label=sampled, width=18),
            _of(sampled, maker.phrases.say("marge")),
        ),
        lines,
        maker.phrases.say(
            "Model: de kans om uit zichzelf mee te doen hangt af van {alike}. Aanname: mensen "
            "die daarin gelijk zijn, antwoorden hetzelfde, of zij nu via de open link meededen "
            "of niet. En iedereen had mee kunnen doen. Of dat klopt, weten wij niet. De marge "
            "gaat alleen over toeval, niet over een verkeerde aanname. Gebruik bij verschil het "
            "cijfer van de steekproef. {questions} {source}",
            alike=alike,
            questions=_questions(maker, chosen),
            source=maker.source,
        ),
    )


def _open_line(phrases: Phrases, each: Outcome) -> Line:
    kind = each.indicator.kind
    model = each.open_modelled
    return Line(
        label=plots.wrapped(each.indicator.label, 33),
        cells=(
            Printed(text=wording.base(phrases, each.open)),
            EMPTY
            if isinstance(each.open, Suppressed)
            else Printed(text=wording.with_unit(phrases, each.open.value, kind)),
            EMPTY if model is None else Printed(text=phrases.whole(model.respondents)),
            *_modelled(phrases, model, kind, wording.with_unit),
            Printed(text=wording.base(phrases, each.whole)),
            EMPTY
            if isinstance(each.whole, Suppressed)
            else Printed(text=wording.with_unit(phrases, each.whole.value, kind)),
            interval_cell(phrases, each.whole, kind),
        ),
    )


def area_models(maker: Maker, outcome: Outcome) -> Figure:
    """Every area by its own answers and by models, side by side."""
    kind = outcome.indicator.kind
    numbers = (1, 2) if kind == "proportion" else (1,)
    models = [maker.phrases.say("Modelschatting {number}", number=number) for number in numbers]
    return maker.table(
        maker.phrases.say(
            "Modelschatting per wijk: {label}", label=wording.lower_first(outcome.indicator.label)
        ),
        maker.phrases.say(
            "{unit}, met de marge van 95%. Links het eigen cijfer van de wijk",
            unit=maker.phrases.say(_UNITS[kind]),
        ),
        (
            Column(label=maker.phrases.say("Wijk"), width=46, style=""),
            Column(label="n", width=10),
            Column(label=maker.phrases.say("eigen cijfer"), width=13),
            Column(label=maker.phrases.say("marge"), width=16),
            Column(label="", width=20, style="mark"),
            *(
                Column(label=maker.phrases.say(label), group=model, width=width)
                for model in models
                for label, width in ((later("schatting"), 14), (later("marge"), 16))
            ),
        ),
        [_model_line(maker.phrases, each, kind) for each in outcome.areas],
        f"{_questions(maker, [outcome])} {maker.source}",
    )


def _model_line(phrases: Phrases, each: AreaOutcome, kind: Kind) -> Line:
    indicative = not isinstance(each.cell, Suppressed) and each.cell.indicative
    models = [] if each.models is None else [each.models.fay_herriot]
    if each.models is not None and kind == "proportion":
        models.append(each.models.multilevel)
    return Line(
        label=(each.area.name,),
        cells=(
            Printed(text=wording.base(phrases, each.cell)),
            value_cell(phrases, each.cell, kind),
            interval_cell(phrases, each.cell, kind),
            Printed(text=phrases.say("indicatief") if indicative else ""),
            *(cell for model in models for cell in _modelled(phrases, model, kind, wording.number)),
        ),
    )


def _modelled(
    phrases: Phrases, found: Modelled | None, kind: Kind, text: Callable[[Phrases, float, Kind], str]
) -> tuple[Printed, ...]:
    """The value, as `text` prints it, and its margin."""
    if found is None:
        return EMPTY, EMPTY
    return (
        Printed(text=text(phrases, found.value, kind)),
        Printed(
            text=f"{wording.number(phrases, found.low, kind)}–{wording.number(phrases, found.high, kind)}"
        ),
    )


def variants(maker: Maker, chosen: Sequence[IndicatorVariants]) -> Figure:
    """The same outcomes under every choice of weighting, each beside the difference from the plan's."""
    lines: list[Line] = []
    for each in chosen:
        lines.append(Line(label=(each.indicator.label,), style="group"))
        lines += [
            _variant_line(maker.phrases, variant, each.indicator.kind, first=not place)
            for place, variant in enumerate(each.variants)
        ]
    keys = {each.indicator.key for each in chosen}
    questions = _questions(maker, [one for one in maker.outcomes.indicators if one.indicator.key in keys])
    outcome, difference = maker.phrases.say("uitkomst"), maker.phrases.say("verschil")
    return maker.table(
        _variants_title(maker.phrases, chosen),
        maker.phrases.say(
            "Uitkomsten met de marge van 95%, en het verschil met de eerste regel "
            "(procentpunten, of een deel van een cijfer)"
        ),
        (
            Column(label=maker.phrases.say("Weging"), width=48, style=""),
            Column(label="n", width=12),
            Column(label=maker.phrases.say("effectief"), width=16),
            Column(label=outcome, width=15),
            _of(outcome, maker.phrases.say("marge"), width=18),
            Column(label=difference, width=14),
            _of(difference, maker.phrases.say("marge"), width=23),
            Column(label="", width=20, style="mark"),
        ),
        lines,
        f"{questions} {maker.source}",
        long=True,
    )


def _variants_title(phrases: Phrases, chosen: Sequence[IndicatorVariants]) -> str:
    if all(variant.unchanged for each in chosen for variant in each.variants):
        return phrases.say("Bij elke keuze zijn de uitkomsten precies gelijk: de gewichten veranderen niet")
    moved = [each for each in chosen if any(variant.matters for variant in each.variants)]
    if not moved:
        return phrases.say("Bij geen uitkomst is aangetoond dat een andere keuze het cijfer verandert")
    changed = [each for each in moved if any(variant.relevant for variant in each.variants)]
    sentence = (
        later("Bij {outcomes} maakt een andere keuze een verschil dat ertoe doet: hoogstens {most}")
        if changed
        else later("Bij {outcomes} verandert een andere keuze het cijfer een beetje: hoogstens {most}")
    )
    return phrases.say(
        sentence,
        outcomes=phrases.counted(len(changed or moved), "uitkomst", "uitkomsten"),
        most=phrases.names([*_largest(phrases, changed or moved)]),
    )


def _largest(phrases: Phrases, moved: Sequence[IndicatorVariants]) -> Iterator[str]:
    """The largest change that is shown of shares, and of means, and by which choice."""
    units: tuple[tuple[Kind, int, int, str], ...] = (
        ("proportion", 100, 1, later("{value} procentpunten (‘{name}’)")),
        ("mean", 1, 2, later("{value} van een cijfer (‘{name}’)")),
    )
    for kind, scale, places, sentence in units:
        changes = [
            (abs(variant.difference.value), variant.name)
            for each in moved
            for variant in each.variants
            if each.indicator.kind == kind and variant.matters and variant.difference is not None
        ]
        if changes:
            value, name = max(changes)
            yield phrases.say(sentence, value=phrases.decimal(scale * value, places), name=name)


def _variant_line(phrases: Phrases, variant: VariantOutcome, kind: Kind, *, first: bool) -> Line:
    cell, difference = variant.cell, variant.difference
    if isinstance(cell, Suppressed) or difference is None or variant.effective_number is None:
        hidden = Printed(text=phrases.say("niet getoond"), style="few")
        return Line(label=(variant.name,), cells=(*[EMPTY] * 6, hidden), style="sub")
    apart = [Printed(text=""), Printed(text=""), Printed(text="")]
    if not first:
        scale, places = (100, 1) if kind == "proportion" else (1, 2)
        value, low, high = (
            phrases.signed(scale * each, places)
            for each in (difference.value, difference.low, difference.high)
        )
        apart = [
            Printed(text=value),
            Printed(text=phrases.say("{low} tot {high}", low=low, high=high)),
            _verdict(phrases, variant),
        ]
    return Line(
        label=(variant.name,),
        cells=(
            Printed(text=wording.base(phrases, cell)),
            Printed(text=phrases.whole(variant.effective_number)),
            Printed(text=wording.with_unit(phrases, cell.value, kind), style="strong"),
            interval_cell(phrases, cell, kind),
            *apart,
        ),
        style="sub",
    )


def _verdict(phrases: Phrases, variant: VariantOutcome) -> Printed:
    if variant.unchanged:
        return Printed(text=phrases.say("precies gelijk"))
    if not variant.matters or variant.difference is None:
        return Printed(text=phrases.say(wording.MARKS["same"]))
    if not variant.relevant:
        return Printed(text=phrases.say("klein"))
    mark = wording.MARKS["higher" if variant.difference.value > 0 else "lower"]
    return Printed(text=phrases.say(mark), style="strong")


def _of(other: str, label: str, width: float | None = None) -> Column:
    """A column that belongs to another one, beside it on the page; files say to which."""
    return Column(label=label, width=width, in_files=f"{other}: {label}")


def _questions(maker: Maker, chosen: Sequence[Outcome]) -> str:
    """The texts of the questions, each once, as one sentence."""
    texts = [*dict.fromkeys(maker.question_text(outcome) for outcome in chosen)]
    return maker.phrases.say("Vraag {text}", text=wording.listed(texts))
