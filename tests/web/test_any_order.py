"""One resident with one code and two devices, who sends everything in any order, from any old page.

Hypothesis draws what the resident does. Beside it runs a model that says in few words what must be kept: what
was sent last holds, from whichever page or device, until the answers are sent; then nothing changes them.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from survey import invitations
from survey.participation import Participation
from survey.questionnaires.answers import Answer
from survey.questionnaires.model import DONT_KNOW, SKIPPED, Questionnaire
from survey.questionnaires.wording import direction_of
from survey.sealing import derived_key, unseal
from survey.store import Store, StoredResponse
from survey.web.visit import Finished, Opening, Underway, open_visit
from tests.questionnaires.reference_routing import Reference
from tests.web.conftest import SECRET, TODAY
from tests.web.residents import COOKIE, Page, Place
from tests.web.test_taking_part import BRINKDORP

AREA = "BD01"
AREAS_OF = {"0101": {"BD01"}, "0102": {"BD01", "BD02"}, "0104": {"BD03"}}

GIVEN: dict[str, tuple[tuple[tuple[str, ...], Answer], ...]] = {
    # for each variable what is posted, and the answer that it is
    "age": ((("2",), 2), (("3",), 3)),
    "place_postcode": tuple(((code,), code) for code in AREAS_OF),
    "place": ((("-8",), DONT_KNOW), (("BD0101",), "BD01"), (("BD0301",), "BD03")),
    "grade": ((("7",), 7), (("1",), 1), (("-8",), DONT_KNOW)),
    "visits": ((("3", "1"), (1, 3)), (("99",), (99,)), (("1",), (1,))),
    "house_a": ((("3",), 3), (("1",), 1)),
    "house_b": ((("-8",), DONT_KNOW), (("2",), 2)),
    "wish": ((("Een bankje",), "Een bankje"), (("🌳\x00",), "🌳")),
}
ASK_FOR_STANDING = ("consent", "code", "check", "resume", *(f"page/{name}" for name in GIVEN))
PLACES = (*ASK_FOR_STANDING, "start", "stop", "done", "withdraw", "used")

device = st.sampled_from([0, 1])
tag = st.sampled_from(["nl", "en"])
switch = st.sampled_from([None, None, "nl", "en"])
old = st.sampled_from([False, False, False, True])
variable = st.sampled_from(sorted(GIVEN))
opinion = st.booleans()


class Device:
    """A browser, and what the model says of its visit: where it stands, and until the code what it holds."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.visits = 0
        self.forms: dict[int, str] = {}
        self.stands = "nowhere"
        self.answers: dict[str, Answer] = {}
        self.purposes: frozenset[str] = frozenset()
        self.receipt = 0

    def begin(self) -> None:
        self.visits += 1
        self.stands, self.answers, self.purposes = "opening", {}, frozenset()

    def form(self, *, old: bool) -> tuple[int, str]:
        """The visit and the hidden field of a page that stands open: of this visit, or of the one before."""
        visit = self.visits - 1 if old else self.visits
        return visit, self.forms.get(visit, "")


class AnyOrder(RuleBasedStateMachine):
    place: Place
    questionnaire: Questionnaire
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.devices = [Device(self.place.client()) for _ in range(2)]
        self.code = invitations.normalise(self.run(self.place.code(BRINKDORP, AREA)))
        self.before = {stored.id for stored in self.run(self.released())}
        self.words = ""
        # The model.
        self.draft: dict[str, Answer] | None = None
        self.purposes: frozenset[str] = frozenset()
        self.language = ""
        self.receipts = 0
        self.receipt = 0
        self.sent: tuple[str, dict[str, Answer]] | None = None
        self.used = False

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def released(self) -> list[StoredResponse]:
        await self.place.store.release(BRINKDORP, everything=True)
        return await self.place.store.responses(BRINKDORP)

    # What the resident does.

    @initialize(tag=tag, opinion=opinion)
    def a_resident_begins(self, tag: str, opinion: bool) -> None:
        self.look(0, "consent", tag)
        self.consent(0, tag, opinion=opinion, ticked=True, switch=None, old=False)
        self.answer(0, "age", tag, 0, switch=None, old=False)
        self.give_code(0, tag, right=True, old=False)

    @rule(who=device, path=st.sampled_from(PLACES), tag=tag)
    def look(self, who: int, path: str, tag: str) -> None:
        device = self.devices[who]
        stands = device.stands
        first_page = path in {"consent", "stop", "withdraw"} and stands == "nowhere"
        if first_page or (path == "consent" and stands == "finished"):
            device.begin()
        elif path in {*ASK_FOR_STANDING, "done"} and stands == "underway" and self.draft is None:
            device.stands = "finished" if self.sent and self.receipt == device.receipt else "nowhere"
        page = self.page_of(self.get(device, f"/{BRINKDORP}/{tag}/{path}"), tag)
        assert page.status == 200
        if device.stands == "finished" and page.step == "done":
            self.words = " ".join(receipt_on(page))
        for field in page.html.iter("input"):
            if field.get("name") == "csrf":
                device.forms[device.visits] = field.get("value", "")

    @rule(who=device, tag=tag, opinion=opinion, ticked=st.booleans(), switch=switch, old=old)
    def consent(
        self, who: int, tag: str, *, opinion: bool, ticked: bool, switch: str | None, old: bool
    ) -> None:
        device = self.devices[who]
        purposes = frozenset(["taking_part"] * ticked + ["opinion"] * opinion)
        fields = [("purpose", purpose) for purpose in sorted(purposes)]
        reply, taken = self.post(device, "consent", tag, fields, switch=switch, old=old)
        if not taken:
            return
        if not ticked and switch is None:
            assert reply.status_code == 422
            return
        assert reply.status_code == 303
        self.keep(device, switch or tag, purposes=purposes)

    @rule(who=device, name=variable, tag=tag, choice=st.integers(-2, 2), switch=switch, old=old)
    def answer(self, who: int, name: str, tag: str, choice: int, *, switch: str | None, old: bool) -> None:
        """`choice`: one of the answers; -1 skips, -2 sends what is no answer."""
        device = self.devices[who]
        posted, value = GIVEN[name][choice % len(GIVEN[name])]
        fields = [("answer", text) for text in posted]
        if choice == -1:
            fields, value = [("skip", "1")], SKIPPED
        elif choice == -2:
            fields = [("answer", "7e"), ("answer", "99999")]
        reply, taken = self.post(device, f"page/{name}", tag, fields, switch=switch, old=old)
        if not taken:
            return
        if "taking_part" not in self.purposes_of(device):
            assert reply.headers["location"].endswith("/consent")
        elif device.stands == "opening" and name != "age":
            assert reply.headers["location"].endswith("/code")
        elif choice == -2 or (name == "age" and choice == -1 and switch is None):
            assert reply.status_code in {200, 303} if switch else {422, 303}
        elif choice != -1 or switch is None:
            assert reply.status_code == 303
            self.keep(device, switch or tag, answers=self.with_answer(self.answers_of(device), name, value))

    @rule(who=device, tag=tag, right=st.booleans(), old=old)
    def give_code(self, who: int, tag: str, *, right: bool, old: bool) -> None:
        device = self.devices[who]
        code = self.code if right else self.code[::-1]
        reply, taken = self.post(device, "code", tag, [("code", code)], switch=None, old=old)
        if not taken or device.stands == "underway":
            return
        if "taking_part" not in device.purposes or "age" not in device.answers:
            assert reply.status_code == 303
        elif not right:
            assert reply.status_code == 422
        elif self.used:
            assert reply.headers["location"].endswith("/used")
        else:
            assert reply.status_code == 303
            self.join(device, tag)

    @rule(who=device, tag=tag, old=old, times=st.integers(1, 3))
    def submit(self, who: int, tag: str, *, old: bool, times: int) -> None:
        """An impatient second click comes at the same moment."""
        device = self.devices[who]
        replies = self.posts(device, [("submit", [])] * times, tag, old=old)
        if not self.taken(device, replies[0], old=old) or device.stands == "opening":
            return
        assert {reply.status_code for reply in replies} == {303}
        to = {reply.headers["location"].removeprefix(f"/{BRINKDORP}/{tag}/") for reply in replies}
        open_steps = self.open_steps()
        if "taking_part" not in self.purposes:
            assert to == {"consent"}
        elif open_steps:
            assert to == {f"page/{open_steps[0]}"}
        else:
            assert to == {"done"}
            self.sent = (self.language, self.counting())
            self.draft, self.used = None, True
            self.receipt, device.stands = device.receipt, "finished"

    @rule(tag=tag, names=st.permutations(["age", "grade", "house_a", "wish"]), choice=st.integers(0, 1))
    def both_devices_answer_at_once(self, tag: str, names: list[str], choice: int) -> None:
        one, other = self.devices
        if {one.stands, other.stands} != {"underway"} or self.draft is None:
            return
        if "taking_part" not in self.purposes:
            return
        answers = [(name, GIVEN[name][choice]) for name in names[:2]]
        works = [
            self.sending(device, f"page/{name}", tag, [("answer", text) for text in posted], old=False)
            for device, (name, (posted, _)) in zip((one, other), answers, strict=True)
        ]
        replies = self.run(all_of(works))
        assert [reply.status_code for reply in replies] == [303, 303]
        for name, (_, value) in answers:
            self.keep(one, tag, answers={**self.answers_of(one), name: value})

    @rule(who=device, tag=tag, steps=st.integers(3, 9), choice=st.integers(0, 1))
    def go_on(self, who: int, tag: str, steps: int, choice: int) -> None:
        """As most residents do: answer what is open, and send."""
        if self.devices[who].stands != "underway" or self.draft is None:
            return
        for _ in range(steps):
            left = self.open_steps()
            if not left or "taking_part" not in self.purposes:
                break
            self.answer(who, left[0], tag, choice, switch=None, old=False)

    @rule(who=device, tag=tag, choice=st.sampled_from(["later", "later", "erase", "leave", "x"]), old=old)
    def stop(self, who: int, tag: str, choice: str, *, old: bool) -> None:
        device = self.devices[who]
        fields = [("choice", choice)]
        reply = self.posts(device, [("stop", fields)], tag, old=old)[0]
        if reply.status_code == 403:
            assert not self.is_own(device, old=old)
            return
        assert reply.status_code == (422 if choice == "x" else 303)
        if choice == "erase" and device.stands == "underway":
            self.draft = None
        if choice in {"erase", "leave"} or (choice == "later" and device.stands == "underway"):
            device.stands = "nowhere"

    @rule(who=device, tag=tag)
    def withdraw(self, who: int, tag: str) -> None:
        device = self.devices[who]
        fields = [("receipt", self.words.upper())]
        reply = self.posts(device, [("withdraw", fields)], tag, old=False)[0]
        if device.stands == "nowhere":
            assert reply.status_code == 403
        elif self.words and self.sent:
            assert reply.headers["location"].endswith("/withdrawn")
            self.sent = None
            device.stands = "nowhere" if device.stands == "finished" else device.stands
        else:
            assert reply.status_code in {422, 429}

    # What must hold, after everything that is done.

    @invariant()
    def each_device_stands_where_the_model_says(self) -> None:
        for device in self.devices:
            visit = open_visit(device.client.cookies.get(COOKIE) or "", derived_key(SECRET, "cookie"))
            match device.stands:
                case "nowhere":
                    assert visit is None
                case "opening":
                    assert isinstance(visit, Opening)
                    assert visit.participation.answers == device.answers
                    assert visit.participation.purposes == device.purposes
                case "underway":
                    assert isinstance(visit, Underway)
                case "finished":
                    assert isinstance(visit, Finished)

    @invariant()
    def the_draft_holds_what_was_sent_last(self) -> None:
        sealed = self.run(self.place.store.draft(invitations.draft_id(self.code, SECRET)))
        if self.draft is None:
            assert sealed is None
            return
        kept = unseal(sealed, invitations.draft_key(self.code, SECRET), Participation)
        assert (kept.answers, kept.purposes, kept.language) == (self.draft, self.purposes, self.language)

    def teardown(self) -> None:
        """At most one response, and it is the one that was sent; whoever withdrew left none."""
        stored = [one.response for one in self.run(self.released()) if one.id not in self.before]
        found = [(response.language, response.answers) for response in stored]
        assert found == ([] if self.sent is None else [self.sent])
        for device in self.devices:
            self.run(device.client.aclose())

    # The model.

    def answers_of(self, device: Device) -> dict[str, Answer]:
        return device.answers if device.stands == "opening" else self.draft or {}

    def purposes_of(self, device: Device) -> frozenset[str]:
        return device.purposes if device.stands == "opening" else self.purposes

    def with_answer(self, answers: dict[str, Answer], name: str, value: Answer) -> dict[str, Answer]:
        """A postcode of elsewhere takes the neighbourhood along."""
        changed = {**answers, name: value}
        if name == "place_postcode" and value in AREAS_OF and value != answers.get(name):
            elsewhere = answers.get("place") not in {None, *AREAS_OF[str(value)]}
            return {other: answer for other, answer in changed.items() if other != "place" or not elsewhere}
        return changed

    def keep(self, device: Device, language: str, **changed: Any) -> None:
        if device.stands == "opening":
            device.answers = changed.get("answers", device.answers)
            device.purposes = changed.get("purposes", device.purposes)
            return
        self.draft = changed.get("answers", self.draft)
        self.purposes = changed.get("purposes", self.purposes)
        self.language = language

    def join(self, device: Device, language: str) -> None:
        """Who enters the code goes on with what was answered under it; what this device says holds."""
        if self.draft is None:
            self.receipts += 1
        self.draft = {**(self.draft or {}), **device.answers}
        self.purposes, self.language = device.purposes, language
        device.stands, device.receipt = "underway", self.receipts

    def reference(self) -> Reference:
        return Reference(self.questionnaire, self.draft or {}, self.purposes, AREA)

    def open_steps(self) -> list[str]:
        reference = self.reference()
        counting = reference.counting()
        return [step.variable for step in reference.path() if step.variable not in counting]

    def counting(self) -> dict[str, Answer]:
        return {
            name: value for name, value in self.reference().counting().items() if name != "place_postcode"
        }

    # Sending.

    def is_own(self, device: Device, *, old: bool) -> bool:
        return device.stands != "nowhere" and not old

    def taken(self, device: Device, reply: httpx.Response, *, old: bool) -> bool:
        """Whether a form belongs to this visit, and the visit still has something to add to."""
        if not self.is_own(device, old=old):
            assert reply.status_code == 403
            return False
        if device.stands == "finished" or (device.stands == "underway" and self.draft is None):
            assert reply.headers["location"].endswith("/done")
            return False
        return True

    def post(
        self,
        device: Device,
        path: str,
        tag: str,
        fields: list[tuple[str, str]],
        *,
        switch: str | None,
        old: bool,
    ) -> tuple[httpx.Response, bool]:
        more = [] if switch is None else [("language", switch)]
        reply = self.posts(device, [(path, fields + more)], tag, old=old)[0]
        if reply.status_code in {200, 422}:
            self.page_of(reply, switch or tag)
        return reply, self.taken(device, reply, old=old)

    def posts(
        self, device: Device, forms: list[tuple[str, list[tuple[str, str]]]], tag: str, *, old: bool
    ) -> list[httpx.Response]:
        works = [self.sending(device, path, tag, fields, old=old) for path, fields in forms]
        replies: list[httpx.Response] = self.run(all_of(works))
        assert all(reply.status_code < 500 for reply in replies)
        return replies

    def sending(
        self, device: Device, path: str, tag: str, fields: list[tuple[str, str]], *, old: bool
    ) -> Coroutine[Any, Any, httpx.Response]:
        _, csrf = device.form(old=old)
        data: dict[str, list[str]] = {"csrf": [csrf]}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        return device.client.post(f"/{BRINKDORP}/{tag}/{path}", data=data)

    def get(self, device: Device, path: str) -> httpx.Response:
        reply: httpx.Response = self.run(device.client.get(path, follow_redirects=True))
        return reply

    def page_of(self, reply: httpx.Response, tag: str) -> Page:
        page = Page(reply)
        assert (page.html.get("lang"), page.html.get("dir")) == (tag, direction_of(tag))
        return page


async def all_of(works: list[Coroutine[Any, Any, httpx.Response]]) -> list[httpx.Response]:
    return await asyncio.gather(*works)


def receipt_on(done: Page) -> list[str]:
    return [word.text or "" for word in done.html.iter("li") if word.get("lang") == "nl"]


def test_in_any_order_nothing_is_lost_and_nothing_counts_twice(
    database_url: str, brinkdorp: Questionnaire
) -> None:
    with asyncio.Runner() as runner:
        store = runner.run(Store.open(database_url, secret=SECRET, release_batch=1000))
        runner.run(store.register(brinkdorp.key, brinkdorp.version, {}, simulated=False))
        place = Place(store=store, questionnaires=(brinkdorp,), secret=SECRET, today=TODAY)
        machine = type("Machine", (AnyOrder,), {"place": place, "questionnaire": brinkdorp, "runner": runner})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=12,
                stateful_step_count=40,
                suppress_health_check=list(HealthCheck),
                deadline=None,
            ),
        )
        runner.run(store.close())
