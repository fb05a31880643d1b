"""Chosen pages of a simulated report look as they did: nothing moved, nothing overlaps, nothing went away."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.analysis.reporting import pages

WRITTEN = Path(__file__).parents[3] / "build" / "pages"


def reference_of(name: str) -> Image.Image:
    with Image.open(pages.REFERENCES / f"{name}.png") as picture:
        return picture.convert("RGB")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Image.Image]]:
    folder = tmp_path_factory.mktemp("pages")
    pages.files(folder)
    yield dict(pages.pictures(folder))
    shutil.rmtree(folder)


def test_every_chosen_page_looks_like_its_reference(found: dict[str, Image.Image]) -> None:
    """When a change of pages is meant, look at build/pages, and make the references anew: `nox -s pictures`."""
    shutil.rmtree(WRITTEN, ignore_errors=True)
    assert {path.stem for path in pages.REFERENCES.glob("*.png")} == set(found)
    changed = [name for name, picture in found.items() if not _same(name, picture)]
    assert changed == [], f"look at {WRITTEN}"


def _same(name: str, picture: Image.Image) -> bool:
    """Whether a page is as it was; else it is written down, with its reference and where they differ."""
    wanted = reference_of(name)
    apart = pages.differences(picture, wanted)
    if apart.sum() <= pages.MOST:
        return True
    WRITTEN.mkdir(parents=True, exist_ok=True)
    picture.save(WRITTEN / f"{name}-found.png")
    wanted.save(WRITTEN / f"{name}-wanted.png")
    shown = np.where(apart[..., None], (200, 0, 0), 255 - (255 - np.asarray(wanted)) // 3)
    Image.fromarray(shown.astype(np.uint8)).save(WRITTEN / f"{name}-difference.png")
    return False


def test_references_are_small() -> None:
    assert sum(path.stat().st_size for path in pages.REFERENCES.glob("*.png")) < 400_000


@pytest.mark.parametrize("name", list(pages.CHOSEN))
def test_another_smoothing_passes_and_a_line_a_millimetre_away_does_not(name: str) -> None:
    wanted = reference_of(name)
    smeared = Image.blend(wanted, _moved(wanted, 0, wanted.height, 1), 0.15)
    assert pages.differences(smeared, wanted).sum() <= pages.MOST
    bands = _bands(wanted)
    assert len(bands) > 5
    for top, bottom in bands:
        moved = _moved(wanted, top, bottom, 2)
        assert pages.differences(moved, wanted).sum() > pages.MOST, (top, bottom)


def _bands(picture: Image.Image) -> list[tuple[int, int]]:
    """From where to where there is ink, with white above and below: lines of text, rules, charts."""
    dark = np.pad((np.asarray(picture.convert("L")) < 225).any(axis=1).astype(int), 1)
    edges = np.diff(dark)
    found = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    return [(int(top), int(bottom)) for top, bottom in found if top >= 2 and bottom < picture.height]


def _moved(picture: Image.Image, top: int, bottom: int, pixels: int) -> Image.Image:
    """With what is in a band so much higher."""
    moved, band = picture.copy(), picture.crop((0, top, picture.width, bottom))
    ImageDraw.Draw(moved).rectangle((0, bottom - pixels, picture.width, bottom - 1), fill="white")
    moved.paste(band, (0, top - pixels))
    return moved


def test_a_word_that_went_away_and_a_page_of_another_size_are_seen() -> None:
    wanted = reference_of("summary")
    gone = wanted.copy()
    ImageDraw.Draw(gone).rectangle((47, 104, 62, 112), fill="white")
    assert pages.differences(gone, wanted).sum() > pages.MOST
    assert pages.differences(wanted.resize((400, 585)), wanted).all()
