"""Simulated fieldwork: participants become residents, who visit the survey at the same time."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import aiohttp
from msgspec import Struct, field

from survey.questionnaires import routing
from survey.questionnaires.model import Questionnaire
from survey.simulate.city import City
from survey.simulate.model import AREA, Simulation
from survey.simulate.persons import random
from survey.simulate.taking_part import Participant
from survey.simulate.visiting import Browser, Outcome, Resident, Visit, VisitError


class Fieldwork(Struct, kw_only=True):
    """What became of the visits; `problems` are visits that met a page they could not use."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def residents(
    city: City, simulation: Simulation, questionnaire: Questionnaire, participants: Iterable[Participant]
) -> Iterator[Resident]:
    """The residents that visit, each with the answers, language and consent of the person."""
    steps = [step for step in routing.steps(questionnaire) if step.kind != "postcode"]
    area_names, places = city.persons.traits[AREA]
    required = frozenset(purpose.key for purpose in questionnaire.purposes if purpose.required)
    optional = [purpose.key for purpose in questionnaire.purposes if not purpose.required]
    spoken = {catalogue.tag for catalogue in questionnaire.offered}
    for participant in participants:
        person = participant.person
        chance = random(city.persons.seed, f"resident:{person}")
        answers = {step.variable: city.answer(step, person) for step in steps}
        agreed = {key for key in optional if chance.random() < simulation.consent.get(key, 1.0)}
        language = None
        if simulation.languages is not None and chance.random() < simulation.languages.chance:
            language = simulation.languages.tags.get(str(answers[simulation.languages.variable]))
        yield Resident(
            answers=answers,
            area=area_names[places[person]],
            code=participant.code,
            language=language if language in spoken else None,
            purposes=required | agreed,
            behaviour=simulation.behaviour,
            seed=(city.persons.seed, person),
        )


async def run_visits(
    address: str,
    questionnaire: Questionnaire,
    visitors: Iterable[Resident],
    concurrency: int,
    after_each: Callable[[], None],
) -> Fieldwork:
    """Let the residents visit, `concurrency` at a time. A service that is not there raises aiohttp errors."""
    fieldwork = Fieldwork()
    waiting = iter(visitors)
    connector = aiohttp.TCPConnector(limit=concurrency)

    async def visit_in_turn() -> None:
        for resident in waiting:
            async with aiohttp.ClientSession(
                connector=connector,
                connector_owner=False,
                cookie_jar=aiohttp.CookieJar(unsafe=True),  # the service may stand on a bare IP address
            ) as session:
                try:
                    visit = Visit(Browser(session), resident, questionnaire)
                    fieldwork.outcomes[await visit.take(address)] += 1
                except VisitError as error:
                    fieldwork.problems.append(str(error))
            after_each()

    async with connector, asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(visit_in_turn())
    return fieldwork
