"""What a kiosk gets to work without a network, over HTTP."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import tinyhtml5

from survey.deliveries import Deliveries
from survey.questionnaires.meaning import ADDRESSES
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.routing import steps
from survey.store import Store
from survey.web.app import Serving, create_app
from survey.web.kiosk_bundle import OPEN
from survey.web.theme import read_theme
from tests.survey.kiosks import PLACE, Device
from tests.web.residents import Place, words
from tests.web.test_theme import THEMES

HOME = f"/kiosk/{PLACE}"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind: nothing here depends on the database."""
    return f"sqlite:///{tmp_path / 'kiosks.sqlite'}"


@pytest.fixture
async def client(place: Place, store: Store, brinkdorp: Questionnaire) -> Any:
    device = Device(survey=brinkdorp.key, area="BD01")
    await store.issue_kiosks({device.hash: device.issued})
    return place.client()


async def kept(client: Any) -> dict[str, Any]:
    """What the worker is told to keep."""
    script = (await client.get(f"{HOME}/worker.js")).text
    found: dict[str, Any] = json.loads(script[script.index("work({") + 5 : script.rindex(")")])
    return found


async def test_the_document_connects_to_nothing_and_is_kept_by_nobody(client: Any) -> None:
    reply = await client.get(HOME)
    policy = reply.headers["content-security-policy"]
    assert reply.status_code == 200
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert "worker-src 'self'" in policy
    assert reply.headers["cache-control"] == "no-store"
    assert "set-cookie" not in reply.headers


async def test_the_worker_may_speak_with_the_server_only_and_is_looked_at_again(client: Any) -> None:
    reply = await client.get(f"{HOME}/worker.js")
    policy = "default-src 'none'; script-src 'self'; connect-src 'self'"
    assert reply.headers["content-security-policy"] == policy
    assert reply.headers["service-worker-allowed"] == HOME
    assert reply.headers["cache-control"] == "no-cache"


async def test_everything_that_the_worker_keeps_is_there(client: Any) -> None:
    paths = (await kept(client))["paths"]
    assert len(paths) == len(set(paths))
    for path in paths:
        assert (await client.get(path)).status_code == 200, path


async def test_what_the_document_and_the_pages_ask_for_is_kept(client: Any) -> None:
    told = await kept(client)
    html = (await client.get(HOME)).text
    texts = [(await client.get(path)).text for path in told["paths"] if "/texts/" in path]
    asked = set(re.findall(r'(?:src|href)=\\?"(/[^"?#\\]+)', html + "".join(texts)))
    assert "/static/icons.svg" in asked
    assert asked <= set(told["paths"])


DEEDS = {"back", "begin", "display", "language", "reset", "resume", "start"}
"""The links that `kiosk.js` follows otherwise than by showing a page of their name."""


async def test_every_link_of_a_page_leads_somewhere(client: Any) -> None:
    """Those of the frame too; staff pages are with the language in which a kiosk begins."""
    told = await kept(client)
    languages = [
        (await client.get(path)).json() for path in told["paths"] if re.search(r"/texts/.*/\w\w", path)
    ]
    bundles = [one for one in languages if "pages" in one]
    assert len(bundles) > 1
    for bundle in bundles:
        links = set(re.findall(r'href=\\?"#/([^"?\\]+)', json.dumps([bundle["pages"], bundle["frames"]])))
        assert {"accessibility", "help", "host", "consent", "language/en"} <= links
        known = {*bundle["pages"], *bundles[0]["pages"]}
        assert {link for link in links - known if link.split("/")[0] not in DEEDS} == set()


async def test_the_theme_of_a_municipality_is_shown_and_kept_with_its_fonts(
    client: Any, place: Place, store: Store, brinkdorp: Questionnaire
) -> None:
    theme = read_theme(THEMES / "brinkdorp")
    deliveries = Deliveries(store, secret=place.secret, key_number=1, questionnaires=[brinkdorp])
    app = create_app([brinkdorp], store, Serving(secret=place.secret, deliveries=deliveries, theme=theme))
    themed = place.client(app)
    html, told = (await themed.get(HOME)).text, await kept(themed)
    assert f'href="{theme.look.sheet}"' in html
    assert f'class="rs-text-normal {theme.look.classes}"' in html
    assert "/theme/theme.css" in told["paths"]
    assert told["edition"] != (await kept(client))["edition"]
    for path in told["paths"]:
        assert (await themed.get(path)).status_code == 200, path


async def test_no_survey_can_have_an_address_of_the_program_itself(
    place: Place, store: Store, brinkdorp: Questionnaire
) -> None:
    """Nor is a key forbidden for nothing: the list is that of the routes of a site that serves everything."""
    deliveries = Deliveries(store, secret=place.secret, key_number=1, questionnaires=[brinkdorp])
    theme = read_theme(THEMES / "brinkdorp")
    app = create_app([brinkdorp], store, Serving(secret=place.secret, deliveries=deliveries, theme=theme))
    firsts = {route.path.split("/")[1] for route in app.routes}
    assert {first for first in firsts if first and not first.startswith("{")} == ADDRESSES


async def test_an_operator_decides_how_long_a_kiosk_waits_for_a_touch(
    place: Place, store: Store, brinkdorp: Questionnaire, client: Any
) -> None:
    deliveries = Deliveries(store, secret=place.secret, key_number=1, questionnaires=[brinkdorp])
    patient = create_app(
        [brinkdorp], store, Serving(secret=place.secret, deliveries=deliveries, kiosk_idle=120)
    )
    for asking, seconds in ((client, 75), (place.client(patient), 120)):
        (path,) = [path for path in (await kept(asking))["paths"] if path.endswith("/common.json")]
        assert (await asking.get(path)).json()["idle"] == seconds


async def test_a_place_that_is_not_known_has_no_kiosk(client: Any) -> None:
    for path in ("", "/worker.js", "/manifest.webmanifest", "/texts/0/nl.json"):
        assert (await client.get(f"/kiosk/elders{path}")).status_code == 404


async def test_a_file_of_another_edition_is_not_there(client: Any) -> None:
    path = next(path for path in (await kept(client))["paths"] if path.endswith("/nl.json"))
    assert "immutable" in (await client.get(path)).headers["cache-control"]
    other = path.replace((await kept(client))["edition"], "0" * 16)
    assert (await client.get(other)).status_code == 404


@pytest.mark.usefixtures("client")
async def test_a_server_makes_what_kiosks_show_before_one_asks(
    place: Place, brinkdorp: Questionnaire
) -> None:
    async with place.app.lifespan():
        assert await place.app.state.preparing == (brinkdorp.key,)


async def test_another_text_is_another_edition(client: Any, place: Place, store: Store) -> None:
    manifest = (await client.get(f"{HOME}/manifest.webmanifest")).json()
    assert manifest["start_url"] == manifest["scope"] == HOME
    assert (await kept(client))["edition"] == (await kept(place.client()))["edition"]


async def test_each_question_says_what_the_phone_page_says(
    client: Any, place: Place, brinkdorp: Questionnaire
) -> None:
    """Of the pages in English without inserts: word for word, from the block to the last button."""
    bundle = (await client.get(f"{HOME}/texts/{(await kept(client))['edition']}/en.json")).json()
    resident = place.resident()
    page = await resident.begin(brinkdorp.key, tag="en", purposes=["taking_part", "opinion"])
    seen = set()
    while page.step != "check":
        if page.step != "code":
            html = bundle["pages"][f"page/{page.step}"]["html"]
            if isinstance(html, str) and OPEN not in html:
                assert words(tinyhtml5.parse(html, namespace_html_elements=False).find("body")) == words(
                    next(page.html.iter("main"))
                )
                seen.add(page.step)
        fields = (
            [("no_code", "1")]
            if page.step == "code"
            else [("answer", page.offered()[1])]
            if len(page.offered()) > 1
            else [("skip", "1")]
        )
        page = await resident.send(*fields)
    assert {"age", "place_postcode", "house_a"} <= seen | {"house_a"}
    assert {step.variable for step in steps(brinkdorp)} <= {
        path.removeprefix("page/") for path in bundle["pages"]
    }
