"""Chosen pages of a fixed simulated report as pictures, and how two pictures of a page are compared.

`python -m tests.analysis.reporting.pages` (`nox -s pictures`) makes the references anew.
"""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace
from PIL import Image
from PIL.ImageFilter import MaxFilter, MinFilter

from analysis.__main__ import gathered
from analysis.reporting import report
from analysis.reporting.files import printing
from survey.questionnaires.folder import find_folder
from tests.analysis.simulated import write_simulated_export

PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"
REFERENCES = Path(__file__).parent / "pictures"
DPI = 50
"""A pixel is half a millimetre."""
COLOURS = 64
"""In the palette of a reference: enough for what is printed, and small files."""

SHADE = 48
"""How much darker or lighter, of 255, a pixel may be than all around its place in the other picture."""
MOST = 6
"""Pixels of a page that may be more than that.

Edges may be smoothed in another way: the ink is next to its place then. What lies a millimetre elsewhere has
its ink where the other picture has none.
"""

MAIN = report.MAIN
PROFILE = "wijkprofiel-WK054609-stevenshofdistrict.pdf"
CHOSEN: Mapping[str, tuple[str, str]] = {
    "cover": (MAIN, "Eindevaluatie van het programma"),
    "summary": (MAIN, "Op één bladzijde In november"),
    "participants": (MAIN, "Niet elke groep deed even vaak mee"),
    "overview": (MAIN, "Alle uitkomsten voor"),
    "statements": (MAIN, "De uiteinden van de balk"),
    "groups": (MAIN, "Niet iedereen doet even gemakkelijk mee"),
    "map": (MAIN, "Elke wijk staat naast de rest van de stad."),
    "panels": (MAIN, "Elk vak is een wijk"),
    "companions": (MAIN, "Gemiddelde van cijfers van 1 tot en met 10"),
    "profile-front": (PROFILE, "Wijkprofiel, november"),
    "profile-back": (PROFILE, "De vragen bij dit profiel"),
    "summary-arabic": ("samenvatting-ar.pdf", ""),
}
"""A file of the report, and words that stand on the page and on none before it."""

CHAPTERS = ("deelnemers", "totaalbeeld", "p2", "p3", "moeilijk-bereikbaar", "wijken", "kring")
"""Of the main report: those that the pages are of."""

Marked = npt.NDArray[np.bool_]


def files(folder: Path) -> None:
    """The files of `CHOSEN`, of simulated answers with the same seed always."""
    made_of = folder / "exports"
    write_simulated_export(made_of / "residents", invited=300, respondents=620)
    beside = [made_of / survey for survey in ("leiden-medewerkers", "leiden-partners")]
    for path in beside:
        write_simulated_export(path, invited=300, respondents=150, definition=find_folder(path.name))
    found = gathered(made_of / "residents", PLAN, beside)
    made = report.reports(found.outcomes, found.background)
    chapters = tuple(each for each in made.main.chapters if each.anchor in CHAPTERS)
    made = replace(made, main=replace(made.main, chapters=chapters, annexes=()))
    for job in report.jobs(made):
        if job.name in {name for name, _ in CHOSEN.values()}:
            printing.write_pdf(job, folder, found.made_from)


def pictures(folder: Path) -> Iterator[tuple[str, Image.Image]]:
    """Every page of `CHOSEN` by its name."""
    for name, (file, words) in CHOSEN.items():
        number = _page(folder / file, words)
        start = folder / name
        only = ("-r", DPI, "-f", number, "-l", number, "-singlefile", "-png")
        subprocess.run(["pdftoppm", *map(str, only), folder / file, start], check=True)
        with Image.open(folder / f"{name}.png") as picture:
            yield name, picture.convert("RGB")


def _page(pdf: Path, words: str) -> int:
    """The first page that has these words; raises ValueError when none has."""
    text = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True, text=True).stdout
    for number, page in enumerate(text.split("\f"), 1):
        if " ".join(words.split()) in " ".join(page.split()):
            return number
    raise ValueError(f"{pdf.name} has no page with: {words}")


def differences(found: Image.Image, wanted: Image.Image) -> Marked:
    """The pixels in which two pictures lie apart, as rows of columns; all of them when the sizes differ."""
    if found.size != wanted.size:
        return np.ones((wanted.height, wanted.width), dtype=np.bool_)
    return _outside(found, wanted) | _outside(wanted, found)


def _outside(picture: Image.Image, other: Image.Image) -> Marked:
    """The pixels that are darker or lighter, in any colour, than all around their place in the other."""
    values = _values(picture)
    low, high = (_values(other.filter(kind(3))) for kind in (MinFilter, MaxFilter))
    apart: Marked = ((values < low - SHADE) | (values > high + SHADE)).any(axis=2)
    return apart


def _values(picture: Image.Image) -> npt.NDArray[np.int16]:
    return np.asarray(picture, dtype=np.int16)


def reference(picture: Image.Image) -> Image.Image:
    return picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        files(Path(place))
        REFERENCES.mkdir(exist_ok=True)
        for old in REFERENCES.glob("*.png"):
            old.unlink()
        for name, picture in pictures(Path(place)):
            reference(picture).save(REFERENCES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
