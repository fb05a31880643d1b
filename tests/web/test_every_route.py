"""Anything that can be asked of any address that the program has, the kiosk's and files too, is never a bug.

The addresses are those of the application itself, so a new one is tried without being written down here.
"""

import re
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from survey.store import Store
from tests.survey.kiosks import PLACE, Device
from tests.web.residents import Place, Resident
from tests.web.test_taking_part import to_check

PARAMETER = re.compile(r"\{(\w+):\w+\}")
STRANGE = (
    "",
    " ",
    "\0",
    "%",
    "..",
    "\u202e",
    "\ud7ff",
    "😀" * 9,
    "a" * 300,
    "-8",
    "1",
    "nul",
    "{}",
    "'--",
    "<b>",
)
SURVEYS = ("brinkdorp-peiling", "leiden-eindevaluatie")
KNOWN = {"survey": SURVEYS, "language": ("nl", "en", "ar"), "place": (PLACE,)}
VALUES = (
    *SURVEYS,
    "grade",
    "wish",
    "place",
    "visits",
    "BD01",
    "WK054605",
    "ar",
    "large-words",
    "erase",
    "yes",
)
FILES = ("theme.css", "icons.svg", "kiosk/kiosk.js", "../app.py", "fonts/..", "nl.json")
FIELDS = ("answer", "purpose", "code", "choice", "receipt", "language", "display", "skip", "no_code", "csrf")
FORM = "application/x-www-form-urlencoded"
KINDS = (FORM, FORM, FORM, FORM, "application/json", "multipart/form-data", "text/plain", "", "é")
HEADERS = {
    "accept-language": ("nl", "ar;q=0.1, *", "q=;;,", "x" * 500),
    "accept-encoding": ("gzip", "gzip;q=0", ";q=x", "*"),
    "range": ("bytes=0-1", "bytes=9-1", "bytes=-0", "chunks=1", "bytes=" + "9" * 99),
    "if-none-match": ("*", '"', "W/"),
    "cookie": ("wijkpeil=", "display=large-words", "a=b; ;;", "wijkpeil=" + "A" * 3000),
    "sec-fetch-site": ("cross-site", "none"),
}


class Anything:
    """Draws requests, the same ones from the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def pick(self, *choices: tuple[str, ...]) -> str:
        return self._random.choice(self._random.choice(choices))

    def path(self, route: str) -> str:
        return PARAMETER.sub(lambda found: quote(self._parameter(found[1]), safe="/."), route)

    def _parameter(self, name: str) -> str:
        real = KNOWN.get(name)
        return self.pick(VALUES, FILES, STRANGE) if real is None else self.pick(*[real] * 5, STRANGE)

    def query(self) -> str:
        names = ("wijk", "from", "language", "display", "x")
        return urlencode(
            [(self.pick(names), self.pick(VALUES, STRANGE)) for _ in range(self._random.randrange(3))]
        )

    def headers(self) -> dict[str, bytes]:
        names = self._random.sample(sorted(HEADERS), self._random.randrange(4))
        drawn = {name: self.pick(HEADERS[name]) for name in names} | {"content-type": self.pick(KINDS)}
        return {name: text.encode() for name, text in drawn.items()}

    def body(self, hidden: list[tuple[str, str]]) -> bytes:
        fields = [(self.pick(FIELDS), self.pick(VALUES, STRANGE)) for _ in range(self._random.randrange(5))]
        shapes: list[Any] = [dict(fields), fields, None, 1e308, {"kiosk": "00" * 32, "envelope": {}}, []]
        return self._random.choice(
            [
                urlencode([*hidden, *fields]).encode(),
                urlencode([*hidden, *fields]).encode(),
                msgspec.json.encode(self._random.choice(shapes)),
                self._random.randbytes(40),
                b"--x\r\nContent-Disposition: form-data; name=answer\r\n\r\n1",
            ]
        )


async def hidden_fields(resident: Resident) -> list[tuple[str, str]]:
    return (await resident.open("/brinkdorp-peiling/nl/stop")).hidden()


async def test_no_address_of_the_program_has_a_bug(place: Place, store: Store) -> None:
    device = Device(area="BD01")
    await store.issue_kiosks({device.hash: device.issued})
    resident, anything = place.resident(), Anything(seed=2026)
    await to_check(resident)
    hidden = await hidden_fields(resident)
    routes = sorted({route.path for route in place.app.routes})
    assert len(routes) > 30
    for route in routes:
        for method in ("GET", "HEAD", "POST", "POST", "POST", "PUT"):
            address = f"{anything.path(route)}?{anything.query()}"
            headers = anything.headers()
            body = anything.body(hidden) if method in {"POST", "PUT"} else b""
            reply = await resident.client.request(method, address, headers=headers, content=body)
            assert reply.status_code < 500, (method, address, headers, body, reply.text)
            assert "Traceback" not in reply.text
