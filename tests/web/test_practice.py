"""The practice question: tried before the first page, in every language, and nothing of it is kept."""

import httpx
import pytest
from msgspec.structs import replace

from survey.questionnaires.model import Questionnaire
from survey.sealing import derived_key
from survey.web.app import Serving, create_app
from survey.web.preview import Memory
from survey.web.visit import Opening, open_visit
from tests.web.conftest import SECRET
from tests.web.residents import Resident

LEIDEN = "leiden-eindevaluatie"
SKIPPED = "U sloeg de vraag over. Dat mag altijd."


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ((("answer", "3"),), "U koos: Met de bus."),
        ((("answer", "3"), ("skip", "1")), SKIPPED),
        ((), SKIPPED),
        ((("answer", "<b>"),), SKIPPED),
    ],
)
async def test_it_says_what_would_have_been_answered(
    resident: Resident, sent: tuple[tuple[str, str], ...], said: str
) -> None:
    await resident.open(f"/{LEIDEN}/nl/practice")
    page = await resident.send(*sent)
    assert (page.status, page.heading) == (200, "Zo werkt het")
    assert said in page.words
    assert f"/{LEIDEN}/nl/consent" in page.links()


async def test_nothing_of_it_is_kept_and_the_area_of_the_link_stays(resident: Resident) -> None:
    page = await resident.open(f"/{LEIDEN}/nl/start?wijk=WK054606")
    await resident.open(next(link for link in page.links() if "practice" in link))
    before = resident.client.cookies[f"wijkpeil-{LEIDEN}"]
    await resident.send(("answer", "3"))
    assert resident.client.cookies[f"wijkpeil-{LEIDEN}"] == before
    visit = open_visit(before, derived_key(SECRET, "cookie"))
    assert isinstance(visit, Opening)
    assert visit.participation.answers == {}
    assert visit.participation.invited_area == "WK054606"


@pytest.mark.parametrize("other", [("language", "en"), ("display", "large")])
async def test_another_language_or_display_keeps_what_was_chosen(
    resident: Resident, other: tuple[str, str]
) -> None:
    await resident.open(f"/{LEIDEN}/nl/practice")
    page = await resident.send(("answer", "2"), other)
    assert (page.status, page.chosen()) == (200, ["2"])
    assert (page.heading == "How do you like to go to the shop?") is (other[0] == "language")


async def test_a_questionnaire_can_leave_it_out(brinkdorp: Questionnaire) -> None:
    without = replace(brinkdorp, practice=False)
    transport = httpx.ASGITransport(create_app([without], Memory(), Serving(secret=SECRET)))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://survey.test") as client:
        start = await client.get("/brinkdorp-peiling/nl/start")
        assert (await client.get("/brinkdorp-peiling/nl/practice")).status_code == 404
    assert "practice" not in start.text
    assert "Begin" in start.text
