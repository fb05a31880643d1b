import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import receipts

SECRET = b"s" * 32


@given(st.integers())
def test_a_receipt_is_six_known_words_and_is_read_back_whatever_the_case_and_separators(seed: int) -> None:
    receipt = receipts.make(random.Random(seed))
    assert len(receipt.split()) == receipts.LENGTH
    assert receipts.mistake(receipt) is None
    assert receipts.normalise(receipt.upper().replace(" ", "\n, 1. ")) == receipt


def test_there_are_256_words_so_that_six_hold_48_bits() -> None:
    assert len(set(receipts.WORDS)) == len(receipts.WORDS) == 256


def test_no_single_slip_turns_a_word_into_another() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    known = set(receipts.WORDS)
    for word in receipts.WORDS:
        for place in range(len(word) + 1):
            slips = {word[:place] + letter + word[place + 1 :] for letter in letters}
            slips |= {word[:place] + letter + word[place:] for letter in letters}
            slips.add(word[:place] + word[place + 1 :])
            assert not (slips - {word}) & known, word
    assert all(one != other for one, other in combinations(receipts.WORDS, 2))


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [(" \n", "empty"), ("fiets qqqq", "unknown_word"), ("fiets fiets", "wrong_length")],
)
def test_a_receipt_that_cannot_have_been_given_out_is_told_apart(typed: str, mistake: str) -> None:
    assert receipts.mistake(receipts.normalise(typed)) == mistake


@given(st.text())
def test_anything_typed_gives_words_or_nothing_and_reads_the_same_again(typed: str) -> None:
    once = receipts.normalise(typed)
    assert receipts.normalise(once) == once


def test_a_receipt_is_recognised_only_with_the_secret() -> None:
    receipt = receipts.make(random.Random(1))
    assert receipts.receipt_hash(receipt, SECRET) == receipts.receipt_hash(receipt, SECRET)
    assert receipts.receipt_hash(receipt, SECRET) != receipts.receipt_hash(receipt, b"t" * 32)
