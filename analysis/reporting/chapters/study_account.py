"""What a report can say of the study itself, from export, plan and outcomes."""

from analysis.reporting import wording
from analysis.reporting.chapters import study_wording, weighting_wording
from analysis.reporting.chapters.documents import margin_name
from analysis.reporting.charts import plots
from analysis.reporting.figures.making import Maker
from analysis.reporting.findings.outcomes import Outcomes, response_rates
from analysis.reporting.phrases import later
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.plans.weighting_plan import margins_used
from survey.questionnaires.model import Battery


class StudyAccount:
    """Sentences, each about one thing that is known of the study, or that nobody told."""

    def __init__(self, maker: Maker, outcomes: Outcomes, report: ReportPlan) -> None:
        self.phrases = maker.phrases
        self._town = maker.municipality.name
        self.outcomes = outcomes
        self._report = report
        self._study = report.study
        self._fieldwork = outcomes.questionnaire.fieldwork

    def told(self, field: str) -> str:
        """What the plan says of the study under this name."""
        return study_wording.told(self.phrases, self._study.texts.get(field, ""))

    def _named(self, sentence: str, text: str) -> str:
        return self.phrases.say(sentence, given=study_wording.given(self.phrases, text))

    def strategy(self) -> str:
        phrases = self.phrases
        said = phrases.say(
            "Een vragenlijst, voor {population} die een brief met een code kregen. Wie geen code had, kon "
            "meedoen via een open link.",
            population=self._report.population,
        )
        return f"{said} {study_wording.asked_besides(phrases, self.outcomes)}".rstrip()

    def who(self) -> str:
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

    def questionnaire(self) -> str:
        phrases, blocks = self.phrases, self.outcomes.questionnaire.blocks
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

    def instruments(self) -> str:
        asked = (each for block in self.outcomes.questionnaire.blocks for each in block.questions)
        number = sum(each.provenance.instrument is not None for each in asked)
        return (
            self.phrases.say(
                "Vragen uit een bestaand instrument: {number}; bijlage B noemt het bij elke vraag.",
                number=self.phrases.whole(number),
            )
            if number
            else ""
        )

    def population(self) -> str:
        return self.phrases.say(
            "{population} in {town}.",
            population=wording.capital(self._report.population),
            town=self._town,
        )

    def sample(self) -> str:
        study, plan = self._study, self.outcomes.plan
        return " ".join(
            (
                self.phrases.say(
                    "Wie een brief met een code kreeg: {sample}. Wie via de open link meedeed, koos daar "
                    "zelf voor.",
                    sample=weighting_wording.sample(self.phrases, plan),
                ),
                self._named(later("Lijst waaruit is getrokken: {given}."), study.frame),
                self._recruitment(),
            )
        )

    def dates(self) -> str:
        phrases = self.phrases
        ends = study_wording.ends(self._study, self._fieldwork)
        said = " ".join(
            (
                self._named(later("Veldwerk begonnen: {given}."), phrases.day(self._study.begins or "")),
                self._named(later("Veldwerk gesloten: {given}."), phrases.day(ends)),
            )
        )
        return f"{said} {study_wording.answered_in(phrases, self.outcomes)}".rstrip()

    def numbers(self) -> str:
        phrases, outcomes = self.phrases, self.outcomes
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

    def weighting(self) -> str:
        phrases, outcomes = self.phrases, self.outcomes
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

    def processing(self) -> str:
        said = (
            self.phrases.say("Een code uit een brief telt één keer. Te kleine aantallen zijn niet getoond."),
            self.phrases.say("Wat mensen zelf schreven, is door mensen ingedeeld naar onderwerp.")
            if any(each.coded for each in self.outcomes.open_answers)
            else "",
            self._named(later("Controle van de antwoorden: {given}."), self._study.quality),
        )
        return " ".join(filter(None, said))

    def limits(self) -> str:
        said = self.phrases.say(
            "Wie niet meedeed, kan anders denken dan wie wel meedeed; wegen herstelt dat niet helemaal. De "
            "open link en de kring om de bewoners zeggen niets over alle mensen."
        )
        return f"{said} {self.told('limitations')}" if self._study.limitations else said

    def design(self) -> str:
        phrases, waves = self.phrases, self.outcomes.waves
        month = phrases.month(self.outcomes.dataset.export.week)
        if waves is None:
            return phrases.say("Een dwarsdoorsnede: één meting, tot in {month}.", month=month)
        return phrases.say(
            "Een herhaalde dwarsdoorsnede: een meting tot in {month}, en een tot in {earlier}.",
            month=month,
            earlier=phrases.month(waves.week),
        )

    def size(self) -> str:
        issued = self.phrases.say("{issued} codes.", issued=self.phrases.whole(self.outcomes.invited.issued))
        return f"{issued} {self._named(later('Waarom zoveel: {given}.'), self._study.size)}"

    def likeness(self) -> str:
        beside = self.phrases.say(
            "Per kenmerk staan de antwoorden, ongewogen en gewogen, naast de bevolking."
        )
        if not self.outcomes.balances:
            return beside
        equally = self.phrases.say("De R-indicator zegt hoe gelijk groepen meededen.")
        return f"{beside} {equally}"

    def contacts(self) -> str:
        return f"{study_wording.modes(self.phrases, self.outcomes)} {self._recruitment()}"

    def consent(self) -> str:
        review = self._named(later("Toetsing: {given}."), study_wording.ethics(self._study, self._fieldwork))
        asked = self.phrases.say("Wie meedeed, gaf eerst toestemming. Vragen mochten worden overgeslagen.")
        return f"{review} {asked}"

    def anonymity(self) -> str:
        access = self._named(later("Waar de antwoorden zijn, en wie erbij kan: {given}."), self._study.data)
        kept = self.phrases.say(
            "Naam, adres en tijdstip staan niet bij de antwoorden; van de postcode is alleen de wijk bewaard."
        )
        return f"{kept} {access}"

    def methods(self) -> str:
        program = self.phrases.say("Bijlage A noemt het programma en zijn versie.")
        return f"{weighting_wording.errors(self.phrases, self.outcomes.plan)} {program}"

    def missing(self) -> str:
        return self.phrases.say(
            "Wie een vraag oversloeg, telt bij die vraag niet mee. Hoeveel antwoorden een score mag missen, "
            "staat bij elke score; wie een weegkenmerk niet invulde, telt mee met het aandeel dat deze groep "
            "had. Bijlage A telt per vraag wie geen antwoord gaf, en hoe."
        )

    def nonresponse(self) -> str:
        rest = self.phrases.say("Wat de weging niet kent, herstelt zij niet.")
        return f"{self.weighting()} {rest}"

    def attrition(self) -> str:
        if self.outcomes.waves is None:
            return self.phrases.say("Niet van toepassing: er is één meting.")
        return self.phrases.say("Niet van toepassing: elke meting vroeg andere mensen.")

    def sensitivity(self) -> str:
        if not self.outcomes.variants:
            return self.phrases.say("Niet uitgerekend: het plan noemt geen andere keuzes.")
        return self.phrases.say(
            "Dezelfde uitkomsten staan onder andere keuzes bij de weging naast elkaar, in een bijlage."
        )

    def response(self) -> str:
        rate = response_rates(self.outcomes.invited)[1]
        if rate is None:
            return self.phrases.say("Niet te berekenen: het aantal codes is niet bekend.")
        return self.phrases.say(
            "{rate}% (RR2 van AAPOR: volledig en deels ingevuld, gedeeld door alle codes). Open deelname "
            "heeft geen respons.",
            rate=plots.percent(100 * rate),
        )

    def models(self) -> str:
        if self.outcomes.associations is None:
            return self.phrases.say("Niet gemaakt: het plan vraagt er niet om.")
        return self.phrases.say(
            "Een regressie van een cijfer op meer kenmerken tegelijk, met marges uit de steekproef. Het plan "
            "noemt de kenmerken."
        )

    def reach(self) -> str:
        return self.phrases.say(
            "Voor {population} in {town}, binnen de marges. Niet voor wie via de open link meedeed, en niet "
            "voor andere plaatsen.",
            population=self._report.population,
            town=self._town,
        )

    def _recruitment(self) -> str:
        return self._named(later("Hoe mensen zijn gevraagd: {given}."), self._study.recruitment)
