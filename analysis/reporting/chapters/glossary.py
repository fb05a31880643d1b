"""What words mean: those of the report in its last chapter, those of its annexes in the last of these."""

from collections.abc import Iterable, Mapping

from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.disclosure import FIRM_AREA_BASE, MINIMUM_BASE
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import ReportPlan

_INDICATIVE = (
    later("Indicatief"),
    later("Een cijfer van een wijk met {minimum} tot en met {most} antwoorden. Het is minder zeker."),
)
_WORDS = (
    _INDICATIVE,
    (
        later("AAPOR"),
        later(
            "Een vereniging van onderzoekers in de Verenigde Staten. Haar lijst zegt wat een rapport over "
            "een vragenlijst moet vertellen."
        ),
    ),
    (later("Aandeel"), later("Welk deel van de mensen iets antwoordde, in procenten.")),
    (later("Gemiddelde"), later("Alle cijfers bij elkaar opgeteld, gedeeld door het aantal mensen.")),
    (
        later("Hoger (▲), lager (▼), gelijk (=)"),
        later(
            "Hoger of lager staat er als een verschil geen toeval lijkt en groot genoeg is. Gelijk betekent "
            "dat een verschil niet is aangetoond; het kan er wel zijn."
        ),
    ),
    (
        later("Indicator"),
        later("Eén uitkomst die het rapport volgt, zoals een aandeel of een gemiddelde."),
    ),
    (
        later("Leidend principe"),
        later(
            "Een uitgangspunt van het programma. Het rapport zet vragen en antwoorden per principe "
            "bij elkaar."
        ),
    ),
    (
        later("Marge"),
        later(
            "Een cijfer uit een steekproef is niet precies. Hadden wij iedereen gevraagd, dan lag de "
            "uitkomst heel waarschijnlijk (95%) binnen de marge."
        ),
    ),
    (later("n"), later("Het aantal mensen van wie het antwoord meetelt.")),
    (
        later("Open deelname"),
        later(
            "Meedoen zonder code, via een link. Wie dat doet, is niet getrokken; die antwoorden staan apart."
        ),
    ),
    (
        later("Procentpunt"),
        later("Het verschil tussen twee percentages. Van 40% naar 45% is 5 procentpunten."),
    ),
    (
        later("Respons"),
        later("Het deel van de mensen met een code dat genoeg vragen beantwoordde."),
    ),
    (
        later("Schatting (bij bevolkingscijfers)"),
        later("Een aantal dat niet is geteld maar berekend. De bron en de aanname staan in bijlage A."),
    ),
    (
        later("Steekproef"),
        later(
            "De mensen die zijn getrokken en een brief met een code kregen. Samen staan zij voor iedereen."
        ),
    ),
    (
        later("Streepje (–)"),
        later("Te weinig antwoorden voor een cijfer, of het cijfer zou tonen wat een paar mensen zeiden."),
    ),
    (
        later("Toets"),
        later("Een berekening die zegt of een verschil ook door toeval kan komen."),
    ),
    (
        later("Weging"),
        later(
            "Antwoorden van groepen die te weinig meededen, tellen zwaarder. Zo lijken de deelnemers meer op "
            "alle inwoners."
        ),
    ),
)

_OF_ANNEXES = (
    _INDICATIVE,
    (
        later("Alfa van Cronbach"),
        later("Hoe goed vragen bij elkaar horen die samen één score geven. Hoe dichter bij 1, hoe beter."),
    ),
    (
        later("Design-effect"),
        later(
            "Hoeveel de weging de marges groter maakt. Bij 2 zijn er voor dezelfde marge twee keer zo veel "
            "antwoorden nodig."
        ),
    ),
    (
        later("Effectief aantal"),
        later("Het aantal antwoorden dat, zonder weging, dezelfde marge zou geven."),
    ),
)
"""Words that the annexes have, and the chapters do not."""

_SIMULATED = (
    later("Gesimuleerd"),
    later("Gemaakt door een programma, om het rapport te proberen. Geen bewoner gaf dit antwoord."),
)
_MODELLED = (
    later("Modelschatting"),
    later("Een uitkomst die is berekend met een aanname, omdat er te weinig antwoorden zijn."),
)


def glossary(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    say = maker.phrases.say
    simulated = (_SIMULATED,) if outcomes.dataset.export.simulated else ()
    words = _meanings(maker.phrases, (*_WORDS, *simulated)) | report.glossary
    return Chapter(
        anchor="woorden",
        own_text=False,
        kicker=say("Over dit rapport"),
        title=say("Woorden in dit rapport"),
        running=say("Woorden in dit rapport"),
        lead=say("Wat woorden en tekens in dit rapport betekenen."),
        figures=(_table(maker, say("Woorden en wat ze betekenen"), words),),
    )


def glossary_of_annexes(maker: Maker, outcomes: Outcomes, report: ReportPlan, letter: str) -> Chapter:
    say = maker.phrases.say
    areas = (area for outcome in outcomes.indicators for area in outcome.areas)
    modelled = outcomes.open_margins or any(area.models is not None and area.models.any for area in areas)
    words = _meanings(maker.phrases, (*_OF_ANNEXES, *((_MODELLED,) if modelled else ())))
    return Chapter(
        anchor="bijlage-woorden",
        own_text=False,
        kicker=say("Bijlage {letter}", letter=letter),
        title=say("Woorden in de bijlagen"),
        running=say("Bijlage {letter}: woorden in de bijlagen", letter=letter),
        lead=say(
            "Wat woorden betekenen die alleen in de bijlagen staan. De andere woorden staan achter in het "
            "rapport zelf."
        ),
        figures=(_table(maker, say("Woorden in de bijlagen en wat ze betekenen"), words),),
    )


def _meanings(phrases: Phrases, words: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {
        phrases.say(word): phrases.say(meaning, minimum=MINIMUM_BASE, most=FIRM_AREA_BASE - 1)
        for word, meaning in words
    }


def _table(maker: Maker, title: str, words: Mapping[str, str]) -> Figure:
    """In the order of the alphabet."""
    say = maker.phrases.say
    return maker.table(
        title,
        say("Op volgorde van het alfabet"),
        (Column(label=say("Woord"), width=42, style=""), Column(label=say("betekenis"), style="")),
        [
            Line(label=(word,), cells=(Printed(text=meaning),))
            for word, meaning in sorted(words.items(), key=lambda pair: pair[0].casefold())
        ],
        "",
        long=True,
    )
