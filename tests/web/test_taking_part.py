"""Whole journeys over HTTP, without script, on both databases."""

import asyncio
from datetime import date

import pytest

from survey.questionnaires.model import DONT_KNOW, SKIPPED, Questionnaire
from survey.questionnaires.routing import steps
from tests.web.residents import Page, Place, Resident

BRINKDORP = "brinkdorp-peiling"
LEIDEN = "leiden-eindevaluatie"

ANSWERS = {
    "age": ["2"],
    "place_postcode": ["0101"],
    "place": ["-8"],
    "grade": ["7"],
    "visits": ["1", "3"],
    "house_a": ["3"],
    "house_b": ["-8"],
}


async def to_check(resident: Resident, *, code: str | None = None) -> Page:
    await resident.begin(BRINKDORP, purposes=("taking_part", "opinion"))
    await resident.follow(ANSWERS, until="code")
    await resident.send(("code", code) if code else ("no_code", "1"))
    return await resident.follow(ANSWERS, until="check")


async def answers_kept(place: Place, survey: str = BRINKDORP) -> list[dict[str, object]]:
    await place.store.release(survey, everything=True)
    return [stored.response.answers for stored in await place.store.responses(survey)]


async def test_a_resident_without_a_code_answers_checks_submits_and_withdraws(place: Place) -> None:
    resident = place.resident()
    start = await resident.open("/brinkdorp-peiling/nl/start?wijk=BD01")
    assert any("consent?wijk=BD01" in link for link in start.links())
    check = await to_check(resident)
    assert "7" in check.words
    assert "In welke buurt woont u?" not in check.words  # only the area is kept, and shown as that
    done = await resident.send()
    assert done.step == "done"
    receipt = [word.text or "" for word in done.html.iter("li") if word.get("lang") == "nl"]
    assert len(receipt) == 6
    assert await answers_kept(place) == [
        {"age": 2, "place": -8, "grade": 7, "visits": (1, 3), "house_a": 3, "house_b": -8}
    ]
    stored = await place.store.responses(BRINKDORP)
    assert (stored[0].response.channel, stored[0].response.sampled_area) == ("open", None)
    assert stored[0].response.week == "2026-W48"

    other = place.resident()
    await other.open(f"/{BRINKDORP}/nl/withdraw")
    wrong = await other.send(("receipt", " ".join(["fiets"] * 6)))
    assert wrong.status == 422
    withdrawn = await other.send(("receipt", ", ".join(receipt).upper()))
    assert withdrawn.step == "withdrawn"
    assert await answers_kept(place) == []


async def test_the_whole_questionnaire_of_leiden_can_be_filled_in_with_a_code(place: Place) -> None:
    resident = place.resident()
    code = await place.code(LEIDEN, "WK054606")
    await resident.begin(LEIDEN, purposes=("taking_part", "health_origin", "quoting"))
    first_choice: dict[str, list[str]] = {}
    for _ in range(150):
        page = resident.page
        assert page.status == 200, page.words
        if page.step == "check":
            break
        if page.step == "code":
            await resident.send(("code", code.lower().replace("-", " ")))
        elif page.step == "q1_postcode":
            await resident.answer("2317")
        elif page.step == "q35":
            await resident.answer("4")
        elif page.offered():
            first_choice[page.step] = page.offered()[:1]
            await resident.answer(page.offered()[0])
        else:
            await resident.answer("Een <b>eigen</b> zin & meer")
    check = resident.page
    assert "Een <b>eigen</b> zin & meer" in check.words
    assert (await resident.send()).step == "done"
    (answers,) = await answers_kept(place, LEIDEN)
    assert "q1_postcode" not in answers
    assert len(answers) > 60
    used = place.resident()
    await used.begin(LEIDEN)
    await used.follow({"q35": ["4"], "mode": ["1"]}, until="code")
    assert (await used.send(("code", code))).step == "used"


async def test_the_short_form_leads_past_what_it_leaves_out_and_is_kept_with_the_answers(
    place: Place, resident: Resident, leiden: Questionnaire
) -> None:
    await resident.begin(LEIDEN, purposes=("taking_part", "health_origin"))
    await resident.follow({"q35": ["4"], "mode": ["1"], "form": ["2"]}, until="code")
    await resident.send(("no_code", "1"))
    await resident.follow({}, until="check")
    await resident.send()
    (answers,) = await answers_kept(place, LEIDEN)
    assert answers["form"] == 2
    assert leiden.short_form is not None
    asked = {step.question.key for step in steps(leiden) if step.variable in answers}
    assert asked <= {"q35", "mode", "form", *leiden.short_form.questions}
    assert {"q2", "q34"} <= asked


async def test_nothing_is_kept_on_the_server_before_the_code_page(place: Place, resident: Resident) -> None:
    drafts: list[str] = []
    start_draft = place.store.start_draft

    async def watched(draft_id: bytes, survey: str, sealed: bytes) -> bool:
        drafts.append(survey)
        return await start_draft(draft_id, survey, sealed)

    place.store.start_draft = watched  # type: ignore[method-assign]
    await resident.begin(LEIDEN)
    await resident.follow({"q35": ["4"], "mode": ["1"]}, until="code")
    assert drafts == []
    await resident.send(("no_code", "1"))
    assert drafts == [LEIDEN]


@pytest.mark.parametrize("code", ["1", "2"])
async def test_who_is_too_young_is_told_kindly_and_leaves_nothing_behind(
    resident: Resident, code: str
) -> None:
    await resident.begin(LEIDEN)
    refused = await resident.answer(code)
    assert refused.status == 200
    assert not refused.title.startswith("Fout")
    assert not resident.client.cookies
    assert (await resident.open(f"/{LEIDEN}/nl/page/mode")).step == "start"


async def test_consent_is_checked_by_the_server(resident: Resident) -> None:
    page = await resident.begin(LEIDEN, purposes=("health_origin",))
    assert page.status == 422
    assert page.title.startswith("Fout:")
    ticked = [box.get("value") for box in page.html.iter("input") if "checked" in box.attrib]
    assert ticked == ["health_origin"]
    assert (await resident.open(f"/{LEIDEN}/nl/page/q35")).step == "consent"


async def test_questions_need_the_consent_that_they_belong_to(place: Place) -> None:
    resident = place.resident()
    await resident.begin(BRINKDORP)
    await resident.follow(ANSWERS, until="code")
    await resident.send(("no_code", "1"))
    check = await resident.follow(ANSWERS, until="check")
    assert not any("house_a" in link for link in check.links())


async def test_the_age_question_cannot_be_left_open(resident: Resident) -> None:
    await resident.begin(BRINKDORP)
    for fields in ((), (("skip", "1"),)):
        page = await resident.send(*fields)
        assert page.status == 422
        assert page.step == "age"


async def test_what_was_refused_stays_in_the_field_with_a_summary_and_a_way_back(resident: Resident) -> None:
    await resident.begin(BRINKDORP)
    await resident.follow(ANSWERS, until="code")
    await resident.send(("no_code", "1"))
    page = await resident.answer("231")
    assert (page.status, page.chosen()) == (422, ["231"])
    assert page.title.startswith("Fout:")
    assert "#answer" in page.links()
    assert any(link.endswith("/page/age") for link in page.links())
    page = await resident.answer("0101", str(DONT_KNOW))
    assert (page.status, page.chosen()) == (422, ["0101", str(DONT_KNOW)])
    await resident.answer("0101")
    await resident.follow(ANSWERS, until="visits")
    page = await resident.answer("1", "99")
    assert (page.status, page.chosen()) == (422, ["1", "99"])


async def test_back_shows_what_was_answered_and_going_on_changes_nothing(resident: Resident) -> None:
    await to_check(resident)
    page = await resident.open(f"/{BRINKDORP}/nl/page/visits")
    assert page.chosen() == ["1", "3"]
    assert any(link.endswith("/page/grade") for link in page.links())
    assert (await resident.answer(*page.chosen())).step == "house_a"


async def test_a_change_from_the_check_page_returns_there(resident: Resident) -> None:
    check = await to_check(resident)
    change = next(link for link in check.links() if "/page/grade" in link)
    await resident.open(change)
    assert (await resident.answer("8")).step == "check"
    assert "8" in resident.page.words


async def test_a_change_that_opens_a_question_leads_to_that_question_first(resident: Resident) -> None:
    await to_check(resident)
    await resident.open(f"/{BRINKDORP}/nl/page/visits?from=check")
    assert (await resident.answer("99")).step == "check"
    await resident.open(f"/{BRINKDORP}/nl/page/visits?from=check")
    assert (await resident.answer("1")).step == "check"
    await resident.open(f"/{BRINKDORP}/nl/page/place_postcode?from=check")
    await resident.answer("0101")
    place = await resident.open(f"/{BRINKDORP}/nl/page/place?from=check")
    following = await resident.answer(place.offered()[0])
    assert following.step == "wish"


async def test_a_neighbourhood_that_is_left_alone_keeps_its_area(resident: Resident) -> None:
    await resident.begin(BRINKDORP)
    await resident.follow(ANSWERS, until="code")
    await resident.send(("no_code", "1"))
    page = await resident.follow(ANSWERS, until="place")
    await resident.answer(page.offered()[0])
    page = await resident.open(f"/{BRINKDORP}/nl/page/place")
    assert page.chosen() == []
    await resident.send()
    assert (await resident.open(f"/{BRINKDORP}/nl/page/grade")).status == 200
    assert resident.page.step == "grade"
    again = await resident.open(f"/{BRINKDORP}/nl/page/place")
    assert "U koos eerder" in again.words


async def test_a_postcode_that_is_sent_again_leaves_the_neighbourhood_and_another_one_asks_for_it(
    resident: Resident,
) -> None:
    await to_check(resident)
    await resident.open(f"/{BRINKDORP}/nl/page/place_postcode")
    await resident.answer("0101")
    assert resident.page.chosen() == ["-8"]
    await resident.open(f"/{BRINKDORP}/nl/page/place_postcode")
    await resident.answer("0104")
    assert (resident.page.step, resident.page.chosen()) == ("place", [])


async def test_the_language_changes_on_every_page_and_what_was_typed_comes_along(resident: Resident) -> None:
    await resident.begin(BRINKDORP)
    await resident.follow(ANSWERS, until="code")
    await resident.send(("no_code", "1"))
    page = await resident.send(("answer", "0101"), ("language", "en"))
    assert page.path == f"/{BRINKDORP}/en/page/place_postcode"
    assert page.chosen() == ["0101"]
    page = await resident.send(("answer", "99x"), ("language", "nl"))
    assert page.html.get("lang") == "nl"
    assert page.chosen() == ["99x"]
    await resident.open(f"/{BRINKDORP}/nl/page/place_postcode")
    assert resident.page.chosen() == ["0101"]


async def test_half_an_answer_comes_along_to_another_language_without_a_reproach(resident: Resident) -> None:
    await resident.begin(BRINKDORP)
    await resident.follow(ANSWERS, until="code")
    await resident.send(("no_code", "1"))
    page = await resident.send(("answer", "01"), ("language", "en"))
    assert (page.status, page.chosen(), page.html.get("lang")) == (200, ["01"], "en")
    assert "There is a problem" not in page.words
    assert (await resident.answer("01")).status == 422


async def test_an_answer_that_ends_taking_part_does_not_do_so_by_a_change_of_language(
    resident: Resident,
) -> None:
    await resident.begin(BRINKDORP)
    page = await resident.send(("answer", "1"), ("language", "en"))
    assert (page.step, page.html.get("lang")) == ("age", "en")
    assert 'value="1" id="answer-1" checked' in page.text
    assert (await resident.open(f"/{BRINKDORP}/en/code")).step == "age"
    assert (await resident.answer("1")).step != "place_postcode"


async def test_every_page_links_to_itself_in_the_other_language(resident: Resident) -> None:
    for path in ("start", "help", "privacy", "social-map", "withdraw", "used", "stop"):
        page = await resident.open(f"/{BRINKDORP}/nl/{path}")
        assert page.status == 200
        assert f"/{BRINKDORP}/en/{path}" in page.links(), path


async def test_submitting_twice_shows_the_same_last_page_and_counts_once(place: Place) -> None:
    resident = place.resident()
    check = await to_check(resident)
    replies = await asyncio.gather(
        *(resident.client.post(check.form().get("action") or "", data=dict(check.hidden())) for _ in range(4))
    )
    assert {(reply.status_code, reply.headers["location"]) for reply in replies} == {
        (303, f"/{BRINKDORP}/nl/done")
    }
    first = await resident.open(f"/{BRINKDORP}/nl/done")
    again = await resident.send(page=check)
    assert again.step == "done"
    assert again.words == first.words
    assert len(await answers_kept(place)) == 1


async def test_who_begins_after_somebody_else_sent_answers_begins_anew_and_sees_no_words_of_theirs(
    place: Place,
) -> None:
    resident = place.resident()
    await to_check(resident)
    words = [word.text for word in (await resident.send()).html.iter("li") if word.get("dir") == "ltr"]
    assert len(words) == 6
    await to_check(resident)
    assert resident.page.step == "check"
    second = await resident.send()
    assert second.step == "done"
    assert not set(words) <= set(second.words.split())
    assert len(await answers_kept(place)) == 2


async def test_two_tabs_that_answer_at_once_lose_nothing(resident: Resident) -> None:
    await to_check(resident)
    tabs = [Page(await resident.client.get(f"/{BRINKDORP}/nl/page/{name}")) for name in ("grade", "house_a")]
    values = ("3", "1")
    await asyncio.gather(
        *(
            resident.client.post(tab.path, data={**dict(tab.hidden()), "answer": value})
            for tab, value in zip(tabs, values, strict=True)
        )
    )
    for name, value in zip(("grade", "house_a"), values, strict=True):
        assert (await resident.open(f"/{BRINKDORP}/nl/page/{name}")).chosen() == [value]


async def test_answers_through_two_processes_in_turn_lose_nothing(
    place: Place, brinkdorp: Questionnaire
) -> None:
    resident = place.resident()
    await to_check(resident)
    async with Place(
        store=place.store, questionnaires=(brinkdorp,), secret=place.secret, today=place.today
    ) as second:
        other = second.resident()
        other.client.cookies = resident.client.cookies
        given = [("grade", "3"), ("house_a", "1"), ("grade", "4"), ("house_b", "2")]
        for browser, (name, value) in zip([resident, other, other, resident], given, strict=True):
            await browser.open(f"/{BRINKDORP}/nl/page/{name}")
            await browser.answer(value)
        await other.open(f"/{BRINKDORP}/nl/check")
        assert (await other.send()).step == "done"
        assert (await resident.open(f"/{BRINKDORP}/nl/page/grade")).step == "done"
    (stored,) = await release_and_read(place)
    assert {name: stored.answers[name] for name, _ in given} == {"grade": 4, "house_a": 1, "house_b": 2}


async def test_a_code_entered_through_two_processes_at_once_begins_one_draft_with_one_receipt(
    place: Place, brinkdorp: Questionnaire
) -> None:
    code = await place.code(BRINKDORP, "BD01")
    async with Place(
        store=place.store, questionnaires=(brinkdorp,), secret=place.secret, today=place.today
    ) as second:
        devices = [place.resident(), second.resident()]
        for device in devices:
            await device.begin(BRINKDORP)
            await device.follow(ANSWERS, until="code")
        await asyncio.gather(*(device.send(("code", code)) for device in devices))
        await devices[0].follow(ANSWERS, until="check")
        sent = await devices[0].send()
        seen = await devices[1].open(f"/{BRINKDORP}/nl/check")
        assert (sent.step, seen.step) == ("done", "done")
        assert receipt_on(sent) == receipt_on(seen)


def receipt_on(done: Page) -> list[str]:
    words = [word.text or "" for word in done.html.iter("li") if word.get("lang") == "nl"]
    assert len(words) == 6
    return words


async def test_what_was_erased_on_another_device_is_said_so_and_the_way_to_begin_again_is_open(
    place: Place,
) -> None:
    code = await place.code(BRINKDORP, "BD01")
    phone, laptop = place.resident(), place.resident()
    await to_check(phone, code=code)
    await to_check(laptop, code=code)
    await laptop.open(f"/{BRINKDORP}/nl/stop")
    await laptop.send(("choice", "erase"))
    assert (await phone.open(f"/{BRINKDORP}/nl/check")).step == "erased"
    assert (await phone.open(f"/{BRINKDORP}/nl/consent")).step == "consent"
    await to_check(phone, code=code)
    assert (await phone.send()).step == "done"


async def test_no_receipt_is_shown_that_withdraws_nothing(place: Place) -> None:
    """Erased and sent anew on another device: that one has the words, this one is told of the used code."""
    code = await place.code(BRINKDORP, "BD01")
    phone, laptop = place.resident(), place.resident()
    await to_check(phone, code=code)
    await to_check(laptop, code=code)
    await laptop.open(f"/{BRINKDORP}/nl/stop")
    await laptop.send(("choice", "erase"))
    await to_check(laptop, code=code)
    assert (await laptop.send()).step == "done"
    assert (await phone.open(f"/{BRINKDORP}/nl/done")).step == "used"


async def test_answers_that_were_left_too_long_are_not_called_sent(place: Place) -> None:
    resident = place.resident()
    await to_check(resident)
    await place.store.expire_drafts(date(2100, 1, 1))
    assert (await resident.open(f"/{BRINKDORP}/nl/check")).step == "erased"
    assert await answers_kept(place) == []


async def test_a_code_takes_a_resident_further_on_another_device(place: Place) -> None:
    code = await place.code(BRINKDORP, "BD03")
    phone, laptop = place.resident(), place.resident()
    await phone.begin(BRINKDORP)
    await phone.follow(ANSWERS, until="code")
    await phone.send(("code", code))
    await phone.follow(ANSWERS, until="visits")
    await laptop.begin(BRINKDORP, tag="en")
    await laptop.follow(ANSWERS, until="code")
    resumed = await laptop.send(("code", code))
    assert resumed.path == f"/{BRINKDORP}/en/page/visits"
    await laptop.follow(ANSWERS, until="check")
    done = await laptop.send()
    assert done.step == "done"
    assert (await phone.answer("1")).step == "done"
    (stored,) = await release_and_read(place)
    assert (stored.channel, stored.sampled_area, stored.language) == ("invited", "BD03", "en")


async def test_who_uses_a_slip_on_a_phone_is_not_taken_for_somebody_who_was_drawn(place: Place) -> None:
    resident = place.resident()
    await to_check(resident, code=await place.code(BRINKDORP, "BD03", kind="slip"))
    assert (await resident.send()).step == "done"
    (stored,) = await release_and_read(place)
    assert (stored.channel, stored.sampled_area) == ("slip", "BD03")


async def test_a_page_that_still_stands_open_on_the_first_device_adds_to_what_the_second_one_did(
    place: Place,
) -> None:
    """In another language; what was sent last holds, and the first page of all is not the last word."""
    code = await place.code(LEIDEN, "WK054606")
    opening = {"q35": ["4"], "mode": ["1"], "form": ["2"]}
    phone, laptop = place.resident(), place.resident()
    await phone.begin(LEIDEN)
    await phone.follow(opening, until="code")
    await phone.send(("code", code))
    left_open = await phone.follow({"q1": ["-8"]}, until="q2")
    await laptop.begin(LEIDEN, tag="ar")
    await laptop.follow(opening, until="code")
    resumed = await laptop.send(("code", code.lower()))
    assert (resumed.path, resumed.html.get("dir")) == (f"/{LEIDEN}/ar/page/q2", "rtl")
    await laptop.follow({"q2": ["3"], "q4_a": ["2"]}, until="q4_b")
    assert (await phone.send(("answer", "8"), page=left_open)).chosen() == ["2"]
    assert (await laptop.open(f"/{LEIDEN}/ar/page/q2")).chosen() == ["8"]
    assert (await phone.open(f"/{LEIDEN}/nl/page/q4_a")).chosen() == ["2"]
    await laptop.follow({"q2": ["8"], "q4_a": ["2"]}, until="check")
    await laptop.send()
    assert (await phone.send(("answer", "1"), page=left_open)).step == "done"
    (answers,) = await answers_kept(place, LEIDEN)
    assert (answers["q2"], answers["q4_a"], answers["q1"]) == (8, 2, -8)


async def release_and_read(place: Place) -> list[object]:
    await place.store.release(BRINKDORP, everything=True)
    return [stored.response for stored in await place.store.responses(BRINKDORP)]


async def test_a_mistyped_or_unknown_code_is_said_so_and_stays_in_the_field(resident: Resident) -> None:
    await resident.begin(BRINKDORP)
    await resident.follow(ANSWERS, until="code")
    for typed in ("", "BCDF", "BCDF-GHJK-MNPR-STVW"):
        page = await resident.send(("code", typed))
        assert page.status == 422
        box = next(field for field in page.form().iter("input") if field.get("name") == "code")
        assert box.get("value") == typed


async def test_stopping_can_erase_everything_and_the_code_stays_good(place: Place) -> None:
    code = await place.code(BRINKDORP, "BD01")
    resident = place.resident()
    await to_check(resident, code=code)
    await resident.open(f"/{BRINKDORP}/nl/stop")
    stopped = await resident.send(("choice", "erase"))
    assert stopped.path.endswith("stopped/erased")
    assert not resident.client.cookies
    again = place.resident()
    await again.begin(BRINKDORP)
    await again.follow(ANSWERS, until="code")
    assert (await again.send(("code", code))).step == "place_postcode"


async def test_stopping_for_now_keeps_the_answers_under_the_code(place: Place) -> None:
    code = await place.code(BRINKDORP, "BD01")
    resident = place.resident()
    await to_check(resident, code=code)
    await resident.open(f"/{BRINKDORP}/nl/stop")
    assert (await resident.send()).status == 422
    assert (await resident.send(("choice", "later"))).path.endswith("stopped/later-code")
    assert not resident.client.cookies
    await resident.begin(BRINKDORP, purposes=("taking_part", "opinion"))
    await resident.follow(ANSWERS, until="code")
    assert (await resident.send(("code", code))).step == "check"


async def test_without_a_code_the_answers_wait_in_this_browser(resident: Resident) -> None:
    await to_check(resident)
    await resident.open(f"/{BRINKDORP}/nl/stop")
    assert (await resident.send(("choice", "later"))).path.endswith("stopped/later-browser")
    assert (await resident.open(f"/{BRINKDORP}/nl/resume")).step == "check"


async def test_an_answer_erased_in_one_tab_is_not_brought_back_by_another(place: Place) -> None:
    code = await place.code(BRINKDORP, "BD01")
    resident = place.resident()
    await to_check(resident, code=code)
    cookie = dict(resident.client.cookies)
    tab = await resident.open(f"/{BRINKDORP}/nl/page/grade")
    await resident.open(f"/{BRINKDORP}/nl/stop")
    await resident.send(("choice", "erase"))
    resident.client.cookies.update(cookie)
    assert (await resident.send(("answer", "4"), page=tab)).step == "erased"
    assert await answers_kept(place) == []


async def test_an_answer_outside_the_path_is_redirected_to_where_the_resident_is(resident: Resident) -> None:
    await to_check(resident)
    assert (await resident.open(f"/{BRINKDORP}/nl/page/wish")).step == "check"
    await resident.begin(LEIDEN)
    assert (await resident.open(f"/{LEIDEN}/nl/page/q30")).step == "q35"
    assert (await resident.open(f"/{LEIDEN}/nl/check")).step == "q35"


async def test_skipping_is_an_answer_that_is_kept_as_such(place: Place) -> None:
    resident = place.resident()
    await resident.begin(BRINKDORP)
    await resident.follow({"age": ["3"]}, until="code")
    await resident.send(("no_code", "1"))
    check = await resident.follow({}, until="check")
    assert "Overgeslagen" in check.words
    await resident.send()
    (answers,) = await answers_kept(place)
    assert answers["grade"] == SKIPPED


async def test_after_the_last_day_only_the_other_pages_are_open(place: Place, resident: Resident) -> None:
    await to_check(resident)
    place.today = place.today.replace(year=2027, month=3, day=3)
    for path in ("start", "check", "page/grade"):
        assert (await resident.open(f"/{BRINKDORP}/nl/{path}")).status == 410
    for path in ("help", "privacy", "social-map", "withdraw"):
        assert (await resident.open(f"/{BRINKDORP}/nl/{path}")).status == 200


async def test_after_the_last_day_for_withdrawing_the_page_says_so(place: Place, resident: Resident) -> None:
    place.today = place.today.replace(year=2027, month=3, day=16)
    page = await resident.open(f"/{BRINKDORP}/nl/withdraw")
    assert page.status == 200
    assert not any(form.get("method") == "post" for form in page.html.iter("form"))


async def test_the_social_map_is_there_without_answering(resident: Resident) -> None:
    page = await resident.open(f"/{LEIDEN}/nl/social-map")
    area = next(link for link in page.links() if link.endswith("social-map/WK054606"))
    page = await resident.open(area)
    assert "Voorbeeld" in page.words
    assert (await resident.open(f"/{LEIDEN}/nl/social-map/nowhere")).status == 404
