"""Recordings in parts, over real HTTP."""

import shutil
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaires.folder import AUDIO
from survey.web.ranges import OutsideError, part_of
from tests.web.conftest import SAMPLES
from tests.web.test_serving import running

SOUND = bytes(range(256)) * 4
LENGTH = len(SOUND)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of one recording, served."""
    place = tmp_path_factory.mktemp("place")
    folder = shutil.copytree(SAMPLES / "brinkdorp", place / "brinkdorp")
    (folder / AUDIO).mkdir()
    (folder / AUDIO / "sound.mp3").write_bytes(SOUND)
    with running("serve", str(folder), "--port", "0", data=place / "data") as (_, site):
        yield f"{site}/audio/brinkdorp-peiling/sound.mp3"


def test_the_whole_says_that_parts_can_be_had(address: str) -> None:
    reply = httpx.get(address)
    assert (reply.status_code, reply.content) == (200, SOUND)
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["content-type"] == "audio/mpeg"
    assert "content-range" not in reply.headers


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-1", 0, 1),  # what Safari asks first
        ("bytes=0-", 0, LENGTH - 1),
        ("bytes=1000-", 1000, LENGTH - 1),
        ("bytes=10-99999", 10, LENGTH - 1),
        ("bytes=-10", LENGTH - 10, LENGTH - 1),
        ("bytes=-99999", 0, LENGTH - 1),
        (f"bytes={LENGTH - 1}-{LENGTH - 1}", LENGTH - 1, LENGTH - 1),
    ],
)
def test_a_part_is_given_with_its_place(address: str, asked: str, first: int, last: int) -> None:
    reply = httpx.get(address, headers={"range": asked})
    assert reply.status_code == 206
    assert reply.headers["content-range"] == f"bytes {first}-{last}/{LENGTH}"
    assert reply.headers["content-length"] == str(last - first + 1)
    assert reply.content == SOUND[first : last + 1]


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "bytes=-", "bytes", "bytes=x-y"]
)
def test_what_is_no_one_part_gets_the_whole(address: str, asked: str) -> None:
    reply = httpx.get(address, headers={"range": asked})
    assert (reply.status_code, reply.content) == (200, SOUND)


@pytest.mark.parametrize("asked", [f"bytes={LENGTH}-", "bytes=99999-99999", "bytes=-0"])
def test_a_part_outside_the_file_is_refused_with_its_length(address: str, asked: str) -> None:
    reply = httpx.get(address, headers={"range": asked})
    assert (reply.status_code, reply.content) == (416, b"")
    assert reply.headers["content-range"] == f"bytes */{LENGTH}"


def test_a_part_of_a_file_that_changed_is_the_whole_of_the_new_one(address: str) -> None:
    mark = httpx.get(address).headers["etag"]
    same, other, day = (
        httpx.get(address, headers={"range": "bytes=0-1", "if-range": known}).status_code
        for known in (mark, '"another"', "Sat, 28 Nov 2026 12:00:00 GMT")
    )
    assert (same, other, day) == (206, 200, 200)


def test_asking_about_a_part_without_wanting_it_tells_of_the_whole(address: str) -> None:
    reply = httpx.head(address, headers={"range": "bytes=0-1"})
    assert (reply.status_code, reply.headers["content-length"]) == (200, str(LENGTH))


@given(st.text(alphabet="bytes=-,0123456789 x"), st.integers(0, 3000))
def test_any_header_gives_a_part_within_the_file_or_is_refused(asked: str, length: int) -> None:
    try:
        part = part_of(asked, length)
    except OutsideError:
        return
    assert part is None or 0 <= part.start < part.stop <= length
