"""The annex with two lists of what a report on a survey must tell: each item, what is said of it, and where.

AAPOR: Code of Professional Ethics and Practices, section III.A, as revised in April 2021; eleven items.
CROSS: Sharma and others (2021), Journal of General Internal Medicine 36, 3179-3187; forty items, of which
those from 6c on are marked: their text could not be looked up (docs/decisions/0124). What the items ask is
said in our own words.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from analysis.reporting import wording
from analysis.reporting.chapters import study_wording
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.chapters.study_account import StudyAccount
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import later
from analysis.reporting.plans.plan import ReportPlan

UNCHECKED = "*"
"""After the number of an item whose published text nobody here has read."""

_ANNEX_A, _ANNEX_B = later("Bijlage A"), later("Bijlage B")
_ASKED, _SUMMARY = later("Wat is gevraagd?"), later("Op één bladzijde")
_DEFINITIONS, _PARTICIPANTS = later("Alle cijfers en wat ze betekenen"), later("Wie deden mee?")


class Item(NamedTuple):
    """What is asked, what this report says of it, and where it tells more, if anywhere."""

    asked: str
    said: str
    where: str = ""


def checklists(maker: Maker, outcomes: Outcomes, report: ReportPlan, letter: str) -> Chapter:
    study = StudyAccount(maker, outcomes, report)
    return Chapter(
        anchor="lijsten",
        own_text=False,
        kicker=maker.phrases.say("Bijlage {letter}", letter=letter),
        title=maker.phrases.say("Twee lijsten, punt voor punt"),
        running=maker.phrases.say("Bijlage {letter}: AAPOR en CROSS", letter=letter),
        lead=maker.phrases.say(
            "Wat een rapport over een vragenlijst hoort te vertellen, en wat dit rapport ervan zegt. ‘Niet "
            "opgegeven’ betekent: wie het rapport maakte, heeft het niet ingevuld."
        ),
        figures=(
            _table(
                maker,
                maker.phrases.say("De elf punten die AAPOR vraagt"),
                _aapor(study),
                maker.phrases.say(
                    "Bron: American Association for Public Opinion Research, Code of Professional Ethics and "
                    "Practices, deel III.A, herzien in april 2021. De punten staan hier in eigen woorden."
                ),
            ),
            _table(
                maker,
                maker.phrases.say("De veertig punten van CROSS"),
                (*_cross_read(study), *map(_unchecked, (*_cross_methods(study), *_cross_results(study)))),
                maker.phrases.say(
                    "Bron: Sharma en anderen, A Consensus-Based Checklist for Reporting of Survey Studies "
                    "(CROSS), Journal of General Internal Medicine 36, 2021. De punten staan hier in eigen "
                    "woorden. Van de punten met een {mark} konden wij de gepubliceerde tekst niet nalezen: "
                    "leg ze ernaast voor u zich op deze lijst beroept.",
                    mark=UNCHECKED,
                ),
            ),
        ),
    )


def _table(maker: Maker, title: str, items: Iterable[Item], note: str) -> Figure:
    phrases = maker.phrases
    return maker.table(
        title,
        phrases.say("Per punt wat dit rapport zegt, en waar meer staat"),
        (
            Column(label=phrases.say("Punt"), width=42, style=""),
            Column(label=phrases.say("wat dit rapport zegt"), width=92, style=""),
            Column(label=phrases.say("meer in"), style=""),
        ),
        [
            Line(
                label=(each.asked,),
                cells=(Printed(text=each.said), Printed(text=each.where or wording.NONE)),
            )
            for each in items
        ],
        note,
        long=True,
    )


def _unchecked(item: Item) -> Item:
    number, asked = item.asked.split(". ", 1)
    return item._replace(asked=f"{number}{UNCHECKED}. {asked}")


def _aapor(study: StudyAccount) -> Iterator[Item]:
    say = study.phrases.say
    yield Item(say("1. Hoe gegevens zijn verzameld"), study.strategy(), say(_ASKED))
    yield Item(say("2. Wie het liet doen en wie het deed"), study.who())
    questions = f"{study.questionnaire()} {say('Alle teksten staan in bijlage B.')}"
    yield Item(say("3. Wat is gevraagd"), questions, say(_ANNEX_B))
    yield Item(say("4. Over wie het gaat"), study.population(), say(_ASKED))
    yield Item(say("5. Hoe mensen zijn gekozen en gevraagd"), study.sample(), say(_ANNEX_A))
    yield Item(
        say("6. Langs welke weg zij antwoordden"),
        study_wording.modes(study.phrases, study.outcomes),
        say(_ASKED),
    )
    yield Item(say("7. Wanneer"), study.dates())
    yield Item(say("8. Aantallen en zekerheid"), study.numbers(), say(_ANNEX_A))
    yield Item(say("9. Hoe is gewogen"), study.weighting(), say(_ANNEX_A))
    yield Item(say("10. Bewerking en controle"), study.processing(), say(_ANNEX_A))
    yield Item(say("11. Beperkingen"), study.limits(), say(_PARTICIPANTS))


def _cross_read(study: StudyAccount) -> Iterator[Item]:
    say = study.phrases.say
    yield Item(
        say("1a. Titel of samenvatting noemt het soort onderzoek"),
        say(
            "De titel is {title}. De samenvatting zegt hoeveel mensen uit de steekproef antwoordden.",
            title=wording.quoted(study.outcomes.plan.title),
        ),
        say(_SUMMARY),
    )
    yield Item(
        say("1b. Samenvatting van aanleiding, doel, methode, uitkomst en conclusie"),
        say(
            "De samenvatting heeft uitkomsten en hun marges. Aanleiding, doel en methode staan er niet in; "
            "conclusies schrijft wie het rapport opstelt."
        ),
        say(_SUMMARY),
    )
    yield Item(say("2. Aanleiding, en wat al bekend was"), study.told("rationale"))
    yield Item(say("3. Doel"), study.told("aim"))
    yield Item(say("4. Opzet"), study.design(), say(_ASKED))
    yield Item(
        say("5a. De vragenlijst: omvang en meetinstrumenten"),
        f"{study.questionnaire()} {study.instruments()}".strip(),
        say(_ASKED),
    )
    yield Item(
        say("5b. Per instrument: voor wie, hoe goed, hoe geteld"),
        say(
            "Van elk cijfer de vraag en wat meetelt, van elke score hoe goed de vragen bij elkaar horen. "
            "Voor wie een instrument is gemaakt, staat er niet."
        ),
        say(_DEFINITIONS),
    )
    yield Item(say("5c. Hoe de vragenlijst vooraf is getest"), study.told("pretest"))
    yield Item(
        say("5d. De hele vragenlijst"),
        say("Alle vragen aan bewoners en hun antwoorden staan in bijlage B, andere bij wie ze kreeg."),
        say(_ANNEX_B),
    )
    yield Item(say("6a. Over wie het gaat, wie mee mocht doen"), study.population(), say(_ASKED))
    yield Item(say("6b. Hoe de steekproef is getrokken"), study.sample(), say(_ANNEX_A))


def _cross_methods(study: StudyAccount) -> Iterator[Item]:
    """From the size of the sample to how it was analysed."""
    say = study.phrases.say
    yield Item(say("6c. Hoe groot de steekproef is, en waarom"), study.size(), say(_ANNEX_A))
    yield Item(say("6d. Hoe goed de steekproef op de bevolking lijkt"), study.likeness(), say(_PARTICIPANTS))
    yield Item(say("7a. Langs welke weg en hoe vaak mensen zijn gevraagd"), study.contacts(), say(_ASKED))
    yield Item(say("7b. Wanneer"), study.dates())
    yield Item(say("7c. Hoe dubbele antwoorden zijn voorkomen"), study_wording.once(study.phrases))
    yield Item(say("8. Voorbereiding van het veldwerk"), study.told("preparation"))
    yield Item(say("9a. Toetsing vooraf en toestemming"), study.consent())
    yield Item(say("9b. Anonimiteit, en wie bij de antwoorden kan"), study.anonymity())
    yield Item(say("10a. Hoe is gerekend, en waarmee"), study.methods(), say(_ANNEX_A))
    yield Item(
        say("10b. Wat van antwoorden is gemaakt"),
        say("Bij elk cijfer staat welke antwoorden meetellen, bij een score hoeveel er nodig zijn."),
        say(_DEFINITIONS),
    )
    yield Item(say("10c. Ontbrekende antwoorden"), study.missing(), say(_ANNEX_A))
    yield Item(say("10d. Wat met uitval is gedaan"), study.nonresponse(), say(_ANNEX_A))
    yield Item(say("10e. Uitval tussen metingen"), study.attrition())
    yield Item(say("10f. Weging naar de bevolking"), study.weighting(), say(_ANNEX_A))
    yield Item(say("10g. Of de uitkomst van keuzes afhangt"), study.sensitivity())


def _cross_results(study: StudyAccount) -> Iterator[Item]:
    """Results, what they mean, and who was behind the study."""
    say = study.phrases.say
    yield Item(say("11a. Hoeveel mensen per stap"), study.numbers(), say(_ANNEX_A))
    yield Item(
        say("11b. Waarom mensen niet meededen"),
        say(
            "Niet bekend: wie niet meedoet, laat geen reden achter. Bijlage A telt wie niet reageerde en wie "
            "te weinig invulde."
        ),
        say(_ANNEX_A),
    )
    yield Item(say("11c. De respons, en hoe die is berekend"), study.response(), say(_ANNEX_A))
    yield Item(
        say("11d. Bezoekers van de vragenlijst op internet"),
        say("Niet geteld: bezoekers worden niet gevolgd. Bijlage A telt de codes en wat ervan kwam."),
        say(_ANNEX_A),
    )
    yield Item(
        say("12. Wie antwoordden"),
        say("Naar kenmerk, ongewogen en gewogen, naast de bevolking."),
        say(_PARTICIPANTS),
    )
    yield Item(
        say("13a. Uitkomsten met marges"),
        say(
            "Bij elk cijfer van de steekproef staan het aantal en de marge van 95%; verschillen zijn "
            "getoetst met een correctie voor het aantal toetsen."
        ),
        say(_DEFINITIONS),
    )
    yield Item(say("13b. Modellen met meer kenmerken"), study.models())
    yield Item(say("13c. Uitkomsten onder andere keuzes"), study.sensitivity())
    yield Item(say("14. Beperkingen"), study.limits(), say(_PARTICIPANTS))
    yield Item(
        say("15. Voorzichtige uitleg van de uitkomsten"),
        say(
            "Het rapport toont samenhang en geen oorzaken. Conclusies schrijft wie het rapport opstelt; "
            "zinnen die volgens vaste regels uit de cijfers komen, zijn zo gemerkt."
        ),
    )
    yield Item(say("16. Voor wie de uitkomsten gelden"), study.reach())
    yield Item(say("17. Wat de geldgever te zeggen had"), study.told("funder_role"))
    yield Item(say("18. Belangen van wie het deed"), study.told("interests"))
    yield Item(say("19. Dank"), study.told("thanks"))
