"""What is sealed opens with its own key only, and shows nothing of itself but a coarse length."""

import os

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.sealing import MARK_BYTES, BrokenSealError, derived_key, keyed_hash, seal, unseal


class Note(msgspec.Struct, frozen=True):
    text: str


KEY = bytes(range(32))


@given(st.text(max_size=5000))
def test_what_was_sealed_opens_again(text: str) -> None:
    assert unseal(seal(Note(text), KEY), KEY, Note) == Note(text)


@given(st.text(max_size=300), st.data())
def test_one_changed_bit_breaks_the_seal(text: str, data: st.DataObject) -> None:
    sealed = bytearray(seal(Note(text), KEY))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BrokenSealError):
        unseal(bytes(sealed), KEY, Note)


@pytest.mark.parametrize("length", [0, 5, 12, 28, 895])
def test_a_part_of_a_sealed_value_is_broken(length: int) -> None:
    with pytest.raises(BrokenSealError):
        unseal(seal(Note("text"), KEY)[:length], KEY, Note)


def test_another_key_or_another_kind_does_not_open_it() -> None:
    class Number(msgspec.Struct, frozen=True):
        number: int

    sealed = seal(Note("text"), KEY)
    with pytest.raises(BrokenSealError):
        unseal(sealed, os.urandom(32), Note)
    with pytest.raises(BrokenSealError):
        unseal(sealed, KEY, Number)


@given(st.integers(0, 4000))
def test_the_length_is_one_of_a_few(letters: int) -> None:
    assert len(seal(Note("x" * letters), KEY)) in {896, 1792, 3584, 7168}


def test_what_must_be_longer_is_of_one_length_up_to_there() -> None:
    assert {len(seal(Note("x" * letters), KEY, shortest=4096)) for letters in (0, 1000, 4000)} == {4096}


def test_no_two_sealed_values_begin_alike() -> None:
    assert len({seal(Note("text"), KEY)[:MARK_BYTES] for _ in range(1000)}) == 1000


def test_keys_and_hashes_of_different_uses_differ() -> None:
    uses = [("cookie", b""), ("forms", b""), ("cookie", b"1"), ("cooki", b"e")]
    assert len({derived_key(KEY, purpose, about) for purpose, about in uses}) == len(uses)
    assert len({keyed_hash(KEY, purpose, about) for purpose, about in uses}) == len(uses)
