"""What is told of the study: by the plan, or else by what residents were told; or that nobody told."""

from analysis.reporting import wording
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.study_plan import StudyPlan
from survey.questionnaires.model import Fieldwork


def given(phrases: Phrases, text: str) -> str:
    """For within a sentence: without its full stop."""
    return text.strip().rstrip(".") or phrases.say("niet opgegeven")


def told(phrases: Phrases, text: str) -> str:
    """As a sentence."""
    return wording.capital(f"{given(phrases, text)}.")


def ends(study: StudyPlan, fieldwork: Fieldwork) -> str:
    """The last day of the fieldwork as 2026-10-31; empty when nobody told."""
    return study.ends or fieldwork.closes or ""


def ethics(study: StudyPlan, fieldwork: Fieldwork) -> str:
    return study.ethics or fieldwork.ethics_approval or ""


def contact(study: StudyPlan, fieldwork: Fieldwork) -> str:
    return study.contact or ("" if fieldwork.contact is None else fieldwork.contact.source)


def modes(phrases: Phrases, outcomes: Outcomes) -> str:
    """In which languages people could answer, and where else than at home."""
    questionnaire = outcomes.questionnaire
    tags = {questionnaire.source_language, *(each.tag for each in questionnaire.offered)}
    said = phrases.say(
        "Een vragenlijst om in te vullen op internet, in het {languages}.",
        languages=phrases.names(phrases.languages(tags)),
    )
    places = [
        phrases.say(place)
        for place, account in (
            (later("met een strookje"), outcomes.slips),
            (later("aan een kiosk"), outcomes.kiosks),
        )
        if account.complete + account.partial + account.refused
    ]
    if not places:
        return said
    return f"{said} {phrases.say('Ook {places}.', places=phrases.names(places))}"


def answered_in(phrases: Phrases, outcomes: Outcomes) -> str:
    """The months in which answers were released; empty without any."""
    weeks = sorted({*outcomes.dataset.texts["week"].tolist()} - {""})
    if not weeks:
        return ""
    first, last = phrases.month(weeks[0]), phrases.month(weeks[-1])
    if first == last:
        return phrases.say("De antwoorden kwamen vrij in {month}.", month=first)
    return phrases.say("De antwoorden kwamen vrij van {first} tot en met {last}.", first=first, last=last)


def asked_besides(phrases: Phrases, outcomes: Outcomes) -> str:
    """Who got a questionnaire besides residents; empty when nobody did."""
    names = [each.name for each in outcomes.companions]
    return phrases.say("Ook {names} kregen een vragenlijst.", names=phrases.names(names)) if names else ""


def once(phrases: Phrases) -> str:
    """How far one person counts once."""
    return phrases.say(
        "Een code uit een brief of op een strookje telt één keer. Bij antwoorden staat niet bij welke "
        "code zij horen. Wie via de open link kwam, kan vaker hebben meegedaan."
    )
