"""What the server makes of what a kiosk sends: only what it sealed, only what a page takes."""

from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from survey import invitations, receipts
from survey.kiosk import (
    Envelope,
    Filled,
    IssuedCode,
    KioskError,
    Sent,
    delivery_hash,
    is_public_key,
    key_id,
    kiosk_response,
    opened,
    opening_key,
    opening_keys,
    place_code_hash,
    point,
    typed_code_hash,
)
from survey.participation import Response
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.parsing import parse
from tests.questionnaires.test_forms import with_parents
from tests.survey.kiosks import FILLED, RECEIPT, Device
from tests.survey.stored import SECRET

QUESTIONNAIRE = parse(read_folder(Path(__file__).parents[1] / "samples" / "brinkdorp"))
SURVEY, VERSION = QUESTIONNAIRE.key, QUESTIONNAIRE.version
KEYS = opening_keys(SECRET, SURVEY, 1)
DEVICE = Device(survey=SURVEY, area="BD01")
LETTER = IssuedCode(kind="letter", area="BD03")
SLIP = IssuedCode(kind="slip", area="BD01")


def envelope(filled: Filled | bytes = FILLED, *, number: int = 1, secret: bytes = SECRET) -> Envelope:
    return DEVICE.sent(filled, survey=SURVEY, version=VERSION, number=number, secret=secret)


def response(filled: Filled = FILLED, code: IssuedCode | None = None) -> Response:
    sent = Sent(filled=filled, kiosk=DEVICE.kiosk, code=code)
    return kiosk_response(sent, QUESTIONNAIRE, week="2026-W48", secret=SECRET)


def answering(**answers: tuple[str, ...]) -> Filled:
    return replace(FILLED, answers={**FILLED.answers, **answers})


def refusal_of(filled: Filled, code: IssuedCode | None = None) -> str:
    with pytest.raises(KioskError) as refused:
        response(filled, code)
    return refused.value.refusal


def refusal_on_opening(sent: Envelope, device: Device = DEVICE) -> str:
    with pytest.raises(KioskError) as refused:
        opened(sent, device.kiosk, KEYS)
    return refused.value.refusal


# Opening.


@given(st.text(max_size=3000))
def test_what_a_kiosk_sealed_opens_as_it_was(text: str) -> None:
    filled = answering(wish=(text,))
    assert opened(envelope(filled), DEVICE.kiosk, KEYS) == filled


def test_an_envelope_travels_as_json() -> None:
    sent = envelope()
    assert msgspec.json.decode(msgspec.json.encode(sent), type=Envelope) == sent


def test_short_and_long_answers_have_one_length() -> None:
    assert len(envelope(answering(wish=("x" * 200,))).sealed) == len(envelope().sealed)


@given(
    place=st.integers(0), bit=st.integers(0, 7), part=st.sampled_from(["ephemeral", "sealed", "signature"])
)
def test_one_changed_bit_is_refused(place: int, bit: int, part: str) -> None:
    sent = envelope()
    changed = bytearray(getattr(sent, part))
    changed[place % len(changed)] ^= 1 << bit
    assert refusal_on_opening(replace(sent, **{part: bytes(changed)})) == "wrong_signature"


@pytest.mark.parametrize(
    ("part", "other"),
    [("version", "0" * 16), ("kiosk", "0" * 64), ("delivery", "0" * 32)],
)
def test_a_response_cannot_be_passed_off_as_that_of_another_version_kiosk_or_time(
    part: str, other: str
) -> None:
    moved = replace(envelope(), **{part: other})
    assert refusal_on_opening(moved) == "wrong_signature"
    assert refusal_on_opening(DEVICE.signed(moved)) == "broken_seal"


def test_a_device_sends_for_the_survey_of_its_place_only() -> None:
    sent = DEVICE.sent(FILLED, survey="peiling", version=VERSION)
    with pytest.raises(KioskError, match="unknown_kiosk"):
        opened(sent, DEVICE.kiosk, opening_keys(SECRET, "peiling", 1))


def test_a_response_signed_by_another_device_is_refused() -> None:
    assert refusal_on_opening(Device(survey=SURVEY, area="BD01").signed(envelope())) == "wrong_signature"


def test_a_forged_place_code_or_one_that_was_never_paired_is_an_unknown_kiosk() -> None:
    for kiosk in (None, DEVICE.issued):
        with pytest.raises(KioskError, match="unknown_kiosk"):
            opened(envelope(), kiosk, KEYS)


def test_a_revoked_kiosk_is_refused() -> None:
    with pytest.raises(KioskError, match="revoked"):
        opened(envelope(), replace(DEVICE.kiosk, revoked=True), KEYS)


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    assert refusal_on_opening(replace(envelope(), signature=bytes(length))) == "wrong_signature"


@pytest.mark.parametrize("plain", [b"", b"{}", b"\xff", b'{"language": 1}'])
def test_what_a_paired_device_sealed_that_is_no_response_is_refused(plain: bytes) -> None:
    assert refusal_on_opening(envelope(plain)) == "broken_seal"


def test_what_is_no_point_of_the_curve_is_refused() -> None:
    sent = DEVICE.signed(replace(envelope(), ephemeral=b"\x04" + bytes(64)))
    assert refusal_on_opening(sent) == "broken_seal"
    assert not is_public_key(sent.ephemeral)
    assert is_public_key(DEVICE.public_key)


def test_after_a_rotation_what_was_sealed_for_the_earlier_key_still_opens() -> None:
    rotated = opening_keys(SECRET, SURVEY, 2)
    assert opened(envelope(number=1), DEVICE.kiosk, rotated) == FILLED
    assert opened(envelope(number=2), DEVICE.kiosk, rotated) == FILLED


def test_a_key_that_the_server_does_not_have_is_named_so_that_the_response_is_kept() -> None:
    assert refusal_on_opening(envelope(number=2)) == "unknown_key"
    assert refusal_on_opening(envelope(secret=b"another secret of the tests, 32b")) == "unknown_key"


def test_each_survey_has_keys_of_its_own() -> None:
    ids = {
        key_id(point(opening_key(SECRET, survey, number).public_key()))
        for survey in ("a", "b")
        for number in (1, 2)
    }
    assert len(ids) == 4


# Codes.


def test_a_place_code_is_no_invitation_code() -> None:
    code = invitations.make(Random(1))
    assert place_code_hash(code, SECRET) != invitations.code_hash(code, SECRET)


def test_a_delivery_is_kept_as_something_that_the_device_does_not_have() -> None:
    first, second = envelope(), envelope()
    assert delivery_hash(first, SECRET) == delivery_hash(first, SECRET) != delivery_hash(second, SECRET)
    assert bytes.fromhex(first.delivery) not in delivery_hash(first, SECRET)


def test_without_a_code_nobody_takes_part_where_one_is_needed() -> None:
    strict = Device(survey=SURVEY, area="BD01", needs_code=True).kiosk
    with pytest.raises(KioskError, match="code_needed"):
        typed_code_hash(FILLED, strict, SECRET)
    assert typed_code_hash(FILLED, DEVICE.kiosk, SECRET) is None


def test_a_code_is_read_as_it_is_on_the_phone() -> None:
    code = invitations.make(Random(1))
    typed = replace(FILLED, code=invitations.written(code).lower())
    assert typed_code_hash(typed, DEVICE.kiosk, SECRET) == invitations.code_hash(code, SECRET)


# The response.


def test_the_response_has_the_answers_that_count_and_the_stratum_of_the_place() -> None:
    assert response() == Response(
        survey=SURVEY,
        version=VERSION,
        language="nl",
        channel="kiosk",
        sampled_area="BD01",
        week="2026-W48",
        purposes=FILLED.purposes,
        answers={
            "age": 2,
            "place": "BD01",
            "grade": 8,
            "visits": (1, 3),
            "house_a": 3,
            "house_b": -5,
            "wish": "Een bankje",
        },
        receipt_hash=receipts.receipt_hash(RECEIPT, SECRET),
    )


def test_a_slip_belongs_to_the_place_and_a_letter_to_its_sample() -> None:
    slip, letter = response(code=SLIP), response(code=LETTER)
    assert (slip.channel, slip.sampled_area) == ("slip", "BD01")
    assert (letter.channel, letter.sampled_area) == ("invited", "BD03")


def test_a_response_is_read_by_the_version_that_the_kiosk_held() -> None:
    shorter = replace(QUESTIONNAIRE, version="shorter", blocks=QUESTIONNAIRE.blocks[:1])
    sent = Sent(filled=FILLED, kiosk=DEVICE.kiosk, code=None)
    kept = kiosk_response(sent, shorter, week="2026-W48", secret=SECRET)
    assert (kept.version, kept.answers) == ("shorter", {"age": 2})


def test_an_answer_off_the_path_does_not_count() -> None:
    kept = response(answering(visits=("3",))).answers
    assert kept == {key: answer for key, answer in response().answers.items() if "house" not in key} | {
        "visits": (3,)
    }


@pytest.mark.parametrize(
    "answers",
    [
        {"grade": ("11",)},
        {"grade": ("8", "9")},
        {"visits": ("1", "99")},
        {"visits": ("2",)},  # only in BD02
        {"place": ("BD9999",)},
        {"wish": ("x" * 201,)},
        {"age": ()},  # may not be skipped
    ],
)
def test_what_no_page_would_take_is_refused(answers: dict[str, tuple[str, ...]]) -> None:
    assert refusal_of(answering(**answers)) == "wrong_answer"


@pytest.mark.parametrize("absent", ["age", "grade", "wish"])
def test_half_a_response_is_refused(absent: str) -> None:
    answers = {variable: given for variable, given in FILLED.answers.items() if variable != absent}
    assert refusal_of(replace(FILLED, answers=answers)) == "wrong_answer"


def test_who_answered_what_ends_taking_part_is_not_kept() -> None:
    assert refusal_of(answering(age=("1",))) == "stopped"


@pytest.mark.parametrize("purposes", [frozenset(), {"opinion"}, {"taking_part", "everything"}])
def test_without_the_consent_that_is_needed_nothing_is_kept(purposes: frozenset[str]) -> None:
    assert refusal_of(replace(FILLED, purposes=frozenset(purposes))) == "not_consented"


@pytest.mark.parametrize("changed", [{"language": "xx"}, {"receipt": ""}, {"receipt": "aap"}])
def test_a_language_or_receipt_that_no_kiosk_gives_is_refused(changed: dict[str, str]) -> None:
    assert refusal_of(replace(FILLED, **changed)) == "wrong_answer"


def test_under_16_only_a_letter_to_parents_shows_their_consent() -> None:
    youth = parse(with_parents(read_folder(find_folder("leiden-jongeren"))))
    age = replace(FILLED, purposes=frozenset(one.key for one in youth.purposes), answers={"age": ("2",)})
    for code, reached in ((None, False), (SLIP, False), (LETTER, True)):
        # With the letter the age is taken, and the parent's answer is the next that is missing.
        asked = replace(age, answers={**age.answers, "parent": ("2",)})
        sent = Sent(filled=asked, kiosk=DEVICE.kiosk, code=code)
        with pytest.raises(KioskError) as refused:
            kiosk_response(sent, youth, week="2026-W48", secret=SECRET)
        assert (refused.value.refusal == "stopped") is reached


def test_the_hash_of_the_place_code_is_what_a_kiosk_is_called() -> None:
    assert envelope().kiosk_hash == DEVICE.hash
