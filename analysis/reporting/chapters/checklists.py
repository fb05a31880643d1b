"""The annex with two lists of what a report on a survey must tell: each item, what is said of it, and where.

AAPOR: Code of Professional Ethics and Practices, section III.A, as revised in April 2021; eleven items.
CROSS: Sharma and others (2021), Journal of General Internal Medicine 36, 3179-3187; of its forty items those
whose text could be looked up (docs/decisions/0115). What they ask is said in our own words.
"""

from collections.abc import Sequence

from analysis.reporting import wording
from analysis.reporting.chapters import study_wording, weighting_wording
from analysis.reporting.chapters.documents import Chapter, margin_name
from analysis.reporting.charts import plots
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.outcomes import Outcomes, response_rates
from analysis.reporting.phrases import later
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.plans.weighting_plan import margins_used
from survey.questionnaires.model import Battery

_ANNEX_A, _ANNEX_B = later("Bijlage A"), later("Bijlage B")
_ASKED, _SUMMARY = later("Wat is gevraagd?"), later("Op één bladzijde")

_AAPOR = (
    (later("1. Hoe gegevens zijn verzameld"), _ASKED),
    (later("2. Wie het liet doen en wie het deed"), ""),
    (later("3. Wat is gevraagd"), _ANNEX_B),
    (later("4. Over wie het gaat"), _ASKED),
    (later("5. Hoe mensen zijn gekozen en gevraagd"), _ANNEX_A),
    (later("6. Langs welke weg zij antwoordden"), _ASKED),
    (later("7. Wanneer"), ""),
    (later("8. Aantallen en zekerheid"), _ANNEX_A),
    (later("9. Hoe is gewogen"), _ANNEX_A),
    (later("10. Bewerking en controle"), _ANNEX_A),
    (later("11. Beperkingen"), later("Wie deden mee?")),
)
"""What is asked, and where the report tells more of it."""

_CROSS = (
    (later("1a. Titel of samenvatting noemt het soort onderzoek"), _SUMMARY),
    (later("1b. Samenvatting van aanleiding, doel, methode, uitkomst en conclusie"), _SUMMARY),
    (later("2. Aanleiding, en wat al bekend was"), ""),
    (later("3. Doel"), ""),
    (later("4. Opzet"), _ASKED),
    (later("5a. De vragenlijst: omvang en meetinstrumenten"), _ASKED),
    (later("5b. Per instrument: voor wie, hoe goed, hoe geteld"), later("Alle cijfers en wat ze betekenen")),
    (later("5c. Hoe de vragenlijst vooraf is getest"), ""),
    (later("5d. De hele vragenlijst"), _ANNEX_B),
    (later("6a. Over wie het gaat, wie mee mocht doen"), _ASKED),
    (later("6b. Hoe de steekproef is getrokken"), _ANNEX_A),
)


def checklists(maker: Maker, outcomes: Outcomes, report: ReportPlan, letter: str) -> Chapter:
    said = _Said(maker, outcomes, report)
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
                _AAPOR,
                said.aapor(),
                maker.phrases.say(
                    "Bron: American Association for Public Opinion Research, Code of Professional Ethics and "
                    "Practices, deel III.A, herzien in april 2021. De punten staan hier in eigen woorden."
                ),
            ),
            _table(
                maker,
                maker.phrases.say("De punten 1a tot en met 6b van CROSS"),
                _CROSS,
                said.cross(),
                maker.phrases.say(
                    "Bron: Sharma en anderen, A Consensus-Based Checklist for Reporting of Survey Studies "
                    "(CROSS), Journal of General Internal Medicine 36, 2021. De lijst heeft veertig punten. "
                    "Alleen van deze elf konden wij de tekst nalezen; de andere staan hier daarom niet. De "
                    "punten staan hier in eigen woorden."
                ),
            ),
        ),
    )


def _table(
    maker: Maker, title: str, items: Sequence[tuple[str, str]], said: Sequence[str], note: str
) -> Figure:
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
                label=(phrases.say(item),),
                cells=(Printed(text=text), Printed(text=phrases.say(where) if where else wording.NONE)),
            )
            for (item, where), text in zip(items, said, strict=True)
        ],
        note,
        long=True,
    )


class _Said:
    """What this report says of the items, from export, plan and outcomes."""

    def __init__(self, maker: Maker, outcomes: Outcomes, report: ReportPlan) -> None:
        self._phrases = maker.phrases
        self._town = maker.municipality.name
        self._outcomes = outcomes
        self._report = report
        self._study = report.study
        self._fieldwork = outcomes.questionnaire.fieldwork

    def aapor(self) -> tuple[str, ...]:
        return (
            self._strategy(),
            self._who(),
            f"{self._questionnaire()} {self._phrases.say('Alle teksten staan in bijlage B.')}",
            self._population(),
            self._sample(),
            study_wording.modes(self._phrases, self._outcomes),
            self._dates(),
            self._numbers(),
            self._weighting(),
            self._processing(),
            self._limits(),
        )

    def cross(self) -> tuple[str, ...]:
        say, study = self._phrases.say, self._study
        return (
            say(
                "De titel is {title}. De samenvatting zegt hoeveel mensen uit de steekproef antwoordden.",
                title=wording.quoted(self._outcomes.plan.title),
            ),
            say(
                "De samenvatting heeft uitkomsten, hun marges en conclusies. Aanleiding, doel en methode "
                "staan er niet in."
            ),
            self._told(study.rationale),
            self._told(study.aim),
            self._design(),
            f"{self._questionnaire()} {self._instruments()}".strip(),
            say(
                "Van elk cijfer de vraag en wat meetelt, van elke score hoe goed de vragen bij elkaar horen. "
                "Voor wie een instrument is gemaakt, staat er niet."
            ),
            self._told(study.pretest),
            say("Alle vragen en antwoorden staan in bijlage B."),
            self._population(),
            self._sample(),
        )

    def _told(self, text: str) -> str:
        return study_wording.told(self._phrases, text)

    def _named(self, sentence: str, text: str) -> str:
        return self._phrases.say(sentence, given=study_wording.given(self._phrases, text))

    def _strategy(self) -> str:
        phrases = self._phrases
        said = phrases.say(
            "Een vragenlijst, voor {population} die een brief met een code kregen. Wie geen code had, kon "
            "meedoen via een open link.",
            population=self._report.population,
        )
        return f"{said} {study_wording.asked_besides(phrases, self._outcomes)}".rstrip()

    def _who(self) -> str:
        study = self._study
        return " ".join(
            (
                self._named(later("Opdrachtgever: {given}."), study.commissioner),
                self._named(later("Betaald door: {given}."), study.funder),
                self._named(later("Uitgevoerd door: {given}."), study.conducted_by),
                self._named(later("Afzender voor bewoners: {given}."), self._fieldwork.sender.source),
                self._named(later("Contact: {given}."), study_wording.contact(study, self._fieldwork)),
            )
        )

    def _questionnaire(self) -> str:
        phrases, blocks = self._phrases, self._outcomes.questionnaire.blocks
        acts = sum(
            len(each.items) if isinstance(each, Battery) else 1
            for block in blocks
            for each in block.questions
        )
        return phrases.say(
            "De vragenlijst heeft {parts}; wie alle vragen krijgt, antwoordt {acts} keer.",
            parts=phrases.counted(len(blocks), "onderdeel", "onderdelen"),
            acts=phrases.whole(acts),
        )

    def _instruments(self) -> str:
        asked = (each for block in self._outcomes.questionnaire.blocks for each in block.questions)
        number = sum(each.provenance.instrument is not None for each in asked)
        return (
            self._phrases.say(
                "Vragen uit een bestaand instrument: {number}; bijlage B noemt het bij elke vraag.",
                number=self._phrases.whole(number),
            )
            if number
            else ""
        )

    def _population(self) -> str:
        return self._phrases.say(
            "{population} in {town}.",
            population=wording.capital(self._report.population),
            town=self._town,
        )

    def _sample(self) -> str:
        study, plan = self._study, self._outcomes.plan
        return " ".join(
            (
                self._phrases.say(
                    "Wie een brief met een code kreeg: {sample}. Wie via de open link meedeed, koos daar "
                    "zelf voor.",
                    sample=weighting_wording.sample(self._phrases, plan),
                ),
                self._named(later("Lijst waaruit is getrokken: {given}."), study.frame),
                self._named(later("Hoe mensen zijn gevraagd: {given}."), study.recruitment),
            )
        )

    def _dates(self) -> str:
        phrases = self._phrases
        ends = study_wording.ends(self._study, self._fieldwork)
        said = " ".join(
            (
                self._named(later("Veldwerk begonnen: {given}."), phrases.day(self._study.begins or "")),
                self._named(later("Veldwerk gesloten: {given}."), phrases.day(ends)),
            )
        )
        return f"{said} {study_wording.answered_in(phrases, self._outcomes)}".rstrip()

    def _numbers(self) -> str:
        phrases, outcomes = self._phrases, self._outcomes
        rate = response_rates(outcomes.invited)[1]
        sentences = [
            phrases.say(
                "{issued} codes; {people} antwoorden uit de steekproef, na weging {effective} waard.",
                issued=phrases.whole(outcomes.invited.issued),
                people=wording.base_of(phrases, outcomes.respondents),
                effective=phrases.whole(outcomes.weighting.effective_number),
            )
        ]
        if rate is not None:
            sentences.append(phrases.say("Respons (RR2): {rate}%.", rate=plots.percent(100 * rate)))
        sentences.append(
            phrases.say(
                "Open link: {people}, zonder respons en zonder marge.",
                people=wording.base_of(phrases, outcomes.open_respondents),
            )
        )
        sentences += [
            phrases.say(
                "{name}: {people}.",
                name=wording.capital(each.name),
                people=wording.base_of(phrases, each.respondents),
            )
            for each in outcomes.companions
        ]
        return " ".join((*sentences, phrases.say("Bij elk cijfer van de steekproef staat de marge van 95%.")))

    def _weighting(self) -> str:
        phrases, outcomes = self._phrases, self._outcomes
        used = margins_used(outcomes.plan.weighting)
        names = [
            wording.lower_first(margin_name(margin.population, self._report))
            for margin in outcomes.plan.weighting.margins
            if margin.population in used
        ]
        return " ".join(
            (
                phrases.say("Op {names}.", names=phrases.names([phrases.say("wijk"), *names])),
                phrases.say(
                    "Gewichten van {smallest} tot {largest} keer het startgewicht; design-effect {effect}.",
                    smallest=phrases.decimal(outcomes.weighting.smallest, 2),
                    largest=phrases.decimal(outcomes.weighting.largest, 2),
                    effect=phrases.decimal(outcomes.weighting.design_effect, 2),
                ),
            )
        )

    def _processing(self) -> str:
        said = (
            self._phrases.say("Een code uit een brief telt één keer. Te kleine aantallen zijn niet getoond."),
            self._phrases.say("Wat mensen zelf schreven, is door mensen ingedeeld naar onderwerp.")
            if any(each.coded for each in self._outcomes.open_answers)
            else "",
            self._named(later("Controle van de antwoorden: {given}."), self._study.quality),
        )
        return " ".join(filter(None, said))

    def _limits(self) -> str:
        said = self._phrases.say(
            "Wie niet meedeed, kan anders denken dan wie wel meedeed; wegen herstelt dat niet helemaal. De "
            "open link en de kring om de bewoners zeggen niets over alle mensen."
        )
        return f"{said} {self._told(self._study.limitations)}" if self._study.limitations else said

    def _design(self) -> str:
        phrases, waves = self._phrases, self._outcomes.waves
        month = phrases.month(self._outcomes.dataset.export.week)
        if waves is None:
            return phrases.say("Een dwarsdoorsnede: één meting, tot in {month}.", month=month)
        return phrases.say(
            "Een herhaalde dwarsdoorsnede: een meting tot in {month}, en een tot in {earlier}.",
            month=month,
            earlier=phrases.month(waves.week),
        )
