"""A survey that is served for real, on both databases, and residents who visit it without script."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse
from survey.store import Store
from tests.web.residents import Place, Resident

SECRET = b"a secret of the tests, 32 bytes!"
TODAY = date(2026, 11, 23)
SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture(scope="session")
def brinkdorp() -> Questionnaire:
    return parse(read_folder(SAMPLES / "brinkdorp"))


@pytest.fixture(scope="session")
def leiden() -> Questionnaire:
    return parse(read_folder(find_folder("leiden-eindevaluatie")))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url, secret=SECRET, release_batch=5)
    yield store
    await store.close()


@pytest.fixture
async def place(store: Store, brinkdorp: Questionnaire, leiden: Questionnaire) -> AsyncIterator[Place]:
    """Both surveys, served from the store."""
    for questionnaire in (brinkdorp, leiden):
        await store.register(questionnaire.key, questionnaire.version, {}, simulated=False)
    async with Place(store=store, questionnaires=(brinkdorp, leiden), secret=SECRET, today=TODAY) as place:
        yield place


@pytest.fixture
async def resident(place: Place) -> Resident:
    return place.resident()
