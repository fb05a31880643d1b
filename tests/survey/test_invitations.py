import random
import string
import unicodedata
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import invitations
from survey.invitations import (
    ALPHABET,
    LENGTH,
    code_hash,
    draft_id,
    draft_key,
    make,
    mistake,
    normalise,
    written,
)

SECRET = b"s" * 32
codes = st.integers().map(lambda seed: make(random.Random(seed)))


@given(codes)
def test_a_code_is_read_back_as_it_stands_in_the_letter(code: str) -> None:
    assert normalise(written(code)) == code
    assert mistake(code) is None
    assert [len(group) for group in written(code).split("-")] == [4, 4, 4, 4]


@given(codes, st.sampled_from(["", " ", "-", "–", ". ", "\u00a0", "\n"]), st.booleans())
def test_case_spaces_and_dashes_do_not_matter(code: str, between: str, small: bool) -> None:
    typed = between.join(code.lower() if small else code)
    assert normalise(f" {typed}\t") == code


@given(codes)
def test_full_width_letters_and_digits_of_other_scripts_are_read(code: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code)
    arabic = code.translate({ord(str(digit)): chr(0x660 + digit) for digit in range(10)})
    assert normalise(wide) == normalise(arabic) == code


@given(codes)
def test_look_alikes_are_read_as_what_stands_there(code: str) -> None:
    likes = {"D": "O", "V": "U", "4": "A", "3": "E", "B": "8", "S": "5", "Z": "2", "G": "6", "7": "1"}
    assert normalise("".join(likes.get(char, char) for char in code)) == code


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, place: int, other: str) -> None:
    slip = code[:place] + other + code[place + 1 :]
    assert mistake(slip) == (None if slip == code else "wrong_check")


@given(codes, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_two_swapped_characters_are_always_noticed(code: str, one: int, other: int) -> None:
    characters = list(code)
    characters[one], characters[other] = characters[other], characters[one]
    swapped = "".join(characters)
    assert mistake(swapped) == (None if swapped == code else "wrong_check")


@given(st.text())
def test_whatever_is_typed_is_a_code_or_one_of_four_mistakes(typed: str) -> None:
    found = mistake(normalise(typed))
    assert found in {None, "empty", "unknown_character", "wrong_length", "wrong_check"}
    assert normalise(normalise(typed)) == normalise(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("--", "empty"),
        ("ж" * LENGTH, "unknown_character"),
        ("BCDF", "wrong_length"),
        ("B" * 15 + "C", "wrong_check"),
    ],
)
def test_each_mistake_has_its_own_name(typed: str, expected: str) -> None:
    assert mistake(normalise(typed)) == expected


def test_a_code_spells_no_word_and_holds_more_than_60_bits() -> None:
    assert not set(ALPHABET) & set("AEIOU")
    assert set(ALPHABET) <= set(string.ascii_uppercase + string.digits)
    assert len(set(ALPHABET)) == 23
    assert 23 ** (LENGTH - 2) > 2**60  # the first character of a slip is always the same
    assert unicodedata.is_normalized("NFKC", ALPHABET)


@given(codes, codes)
def test_what_is_derived_from_a_code_tells_nothing_without_the_secret_and_never_coincides(
    one: str, other: str
) -> None:
    derived = {
        code_hash(one, SECRET),
        draft_key(one, SECRET),
        draft_id(one, SECRET),
        code_hash(one, b"t" * 32),
    }
    assert len(derived) == 4
    assert (code_hash(one, SECRET) == code_hash(other, SECRET)) == (one == other)
    assert not any(one.encode() in value for value in derived)


def test_codes_are_drawn_evenly() -> None:
    chance = random.Random(1)
    drawn = "".join(invitations.make(chance)[1:-1] for _ in range(2000))
    expected = len(drawn) / len(ALPHABET)
    assert all(0.85 * expected < drawn.count(character) < 1.15 * expected for character in ALPHABET)


def test_a_code_says_whether_it_stands_on_a_slip_or_a_letter() -> None:
    chance = random.Random(1)
    for kind in get_args(invitations.CodeKind):
        made = [invitations.make(chance, kind) for _ in range(200)]
        assert {invitations.kind_of(code) for code in made} == {kind}
        assert {invitations.mistake(code) for code in made} == {None}
