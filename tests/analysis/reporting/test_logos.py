"""The logo of who sends the report: printed with its owner's name, and refused when it may do harm."""

import io
import re
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from analysis.__main__ import gathered, made_of
from analysis.reporting import report
from analysis.reporting.exports.dataset import InputError
from analysis.reporting.files import printing
from analysis.reporting.files.logos import HIGHEST, MOST_BYTES, WIDEST, read_logo
from tests.analysis.reporting.test_pdf import elements
from tests.analysis.reporting.test_report import BRINKDORP, run
from tests.analysis.simulated import write_simulated_export
from tests.analysis.verapdf import ARCHIVAL, validate

OWNER = "gemeente Brinkdorp (verzonnen)"
SVG = """\
<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 300 100">
<title>Brinkdorp</title><defs><clipPath id="c"><rect width="100" height="100"/></clipPath>
<linearGradient id="a"><stop stop-color="#5a2d82"/><stop offset="1" style="stop-color:#063;stop-opacity:1"/>
</linearGradient><linearGradient id="g" xlink:href="#a" gradientTransform="rotate(.5)" x2="1e2%%"/></defs>
<path d="M0 0h100v100h-100z" fill="url(#g)" clip-path="url(#c)"/>
<circle cx="200" cy="50" r="50" fill="#006600"/>%s
</svg>
"""


def png(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGBA", (width, height), (90, 45, 130, 128)).save(data, "PNG")
    return data.getvalue()


def header(width: int, height: int) -> bytes:
    """Of a picture that says how large it is, whose pixels are not looked for."""
    start, said = png(300, 100)[:12], b"IHDR" + struct.pack(">II5B", width, height, 8, 6, 0, 0, 0)
    return start + said + zlib.crc32(said).to_bytes(4, "big") + png(300, 100)[33:]


def test_a_logo_fits_its_place_whatever_its_form() -> None:
    wide = read_logo(png(1200, 200), "logo.png", OWNER)
    assert (wide.width, wide.height) == (WIDEST, 10.0)
    square = read_logo(png(400, 400), "LOGO.PNG", OWNER)
    assert (square.width, square.height) == (HIGHEST, HIGHEST)
    drawing = read_logo((SVG % "").encode(), "logo.svg", OWNER)
    assert (drawing.width, drawing.height) == (54.0, HIGHEST)


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("<script>1</script>", "<script>: WA297: Remove it: paper runs no scripts"),
        ('<g onclick="x()"/>', "<g onclick>: WA297: A logo has no such thing"),
        ("<text>Leiden</text>", "<text>: WA297: Turn letters into outlines"),
        ("<foreignObject/>", "<foreignObject>: WA297: Save it as plain SVG"),
        ('<image href="data:image/png;base64,AAAA"/>', "<image>: WA297: Give the logo as a PNG"),
        ('<use href="#c"/>', "<use>: WA297: Save it as plain SVG: paths only"),
        ("<g style=\"fill: url( '//example.org/a')\"/>", "<g fill>: WA297: A logo has no such thing"),
        ('<g fill="\\75rl(//example.org/a)"/>', "<g fill>: WA297: A logo has no such thing"),
        ('<g fill="url&#40;b.svg#c)"/>', "<g fill>: WA297: A logo has no such thing"),
        ('<g xml:base="https://example.org/"/>', "<g base>: WA297: A logo has no such thing"),
        ('<g href="#c"/>', "<g href>: WA297: A logo has no such thing"),
        ('<g style="stroke-dasharray:1e-9"/>', "<g stroke-dasharray>: WA297: A logo has no such thing"),
        ("<style/>", "<style>: WA297: Save it as plain SVG"),
        ("<g/>@import 'a.css';", "<g>: WA297: Text stands in it that is not drawn"),
        ('<linearGradient href="b.svg#a"/>', "<linearGradient href>: WA297: A logo"),
        ('<linearGradient id="h" href="#h"/>', "<linearGradient href>: WA297: A logo"),
        ('<linearGradient href="#g"/>', "<linearGradient href>: WA297: A logo"),
        ('<linearGradient spreadMethod="repeat"/>', "<linearGradient spreadMethod>: WA297: A logo"),
        ('<clipPath><path clip-path="url(#c)"/></clipPath>', "<path clip-path>: WA297: A logo"),
        ('<g fill="url(#a)"/>' * 5000, "WA297: Its gradients and clip paths are drawn too often"),
        (
            f"<g style='stroke:url(#a)'>{'<path/>' * 5000}</g>",
            "WA297: Its gradients and clip paths are drawn",
        ),
        ("<g>" * 20_000 + "</g>" * 20_000, "WA297: It has more than 12 groups within groups"),
        ("<?xml-stylesheet href='a.css'?>", "line 7: WA297: It has declarations or instructions"),
        ("<g>", "line 8: WA295: This cannot be read as SVG"),
    ],
)
def test_a_drawing_that_has_more_than_a_logo_needs_is_refused(part: str, problem: str) -> None:
    with pytest.raises(InputError, match=re.escape(problem)):
        read_logo((SVG % part).encode(), "logo.svg", OWNER)


PLAIN_OF_INKSCAPE = """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Created with Inkscape (http://www.inkscape.org/) -->
<svg width="210mm" height="70mm" viewBox="0 0 210 70" version="1.1" id="svg5" xmlns="http://www.w3.org/2000/svg"
   xmlns:svg="http://www.w3.org/2000/svg"><defs id="defs2" /><g id="layer1" style="display:inline">
<path style="fill:#5a2d82;fill-opacity:1;stroke:none;stroke-width:0.26;stroke-dasharray:none;marker:none"
   id="path1" d="m 9,9 h 9 z" transform="matrix(0.26,0,0,0.26,-1.5e-4,2)" /></g></svg>
"""
SVG_OF_ILLUSTRATOR = """\
<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator 27.0, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<svg version="1.1" id="Laag_1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
   x="0px" y="0px" viewBox="0 0 210 70" style="enable-background:new 0 0 210 70;" xml:space="preserve"><g>
<path fill="#5A2D82" d="M9,9h9V9z"/><polygon fill-rule="evenodd" points="1,1 2,2 3,1 "/></g></svg>
"""


@pytest.mark.parametrize("drawing", [PLAIN_OF_INKSCAPE, SVG_OF_ILLUSTRATOR])
def test_what_drawing_programs_save_as_plain_is_taken(drawing: str) -> None:
    assert read_logo(drawing.encode(), "logo.svg", OWNER).width == 54.0


def test_entities_are_refused_before_they_grow() -> None:
    doctype = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg viewBox="0 0 1 1">&b;</svg>'
    with pytest.raises(InputError, match="line 1: WA297: It has declarations"):
        read_logo(doctype.encode(), "logo.svg", OWNER)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        with pytest.raises(InputError, match="WA295: It is not in UTF-8"):
            read_logo(doctype.encode(encoding), "logo.svg", OWNER)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "no-such-thing", ""])
def test_a_drawing_in_another_encoding_is_refused(encoding: str) -> None:
    drawing = (SVG % "").replace('version="1.0"', f'version="1.0" encoding="{encoding}"')
    with pytest.raises(InputError, match="WA295: It is not in UTF-8"):
        read_logo(drawing.encode(), "logo.svg", OWNER)


def test_the_size_is_that_of_the_box_or_of_two_sides_in_one_unit() -> None:
    def size(attributes: str) -> tuple[float, float]:
        logo = read_logo((SVG % "").replace('viewBox="0 0 300 100"', attributes).encode(), "logo.svg", OWNER)
        return logo.width, logo.height

    for same in ('viewBox="-1 0 3e2 100"', 'viewBox="0,0,300,1.e2" width="100%" height="100%"'):
        assert size(same) == (54.0, HIGHEST)
    for same in ('width="150px" height="50px"', 'width="3" height="1"', 'width=" 15.0cm" height="5cm "'):
        assert size(same) == (54.0, HIGHEST)
    for wrong in (
        'width="100%" height="100%"',
        'width="10cm" height="50px"',
        'width="10em" height="5em"',
        'width="10"',
        'viewBox="0 0 300"',
        'viewBox="0 0 nan 100"',
        'viewBox="0 0 1e999 100"',
        'viewBox="0 0 300 0"',
        'viewBox="0 0 300 100 7" width="3" height="1"',
    ):
        with pytest.raises(InputError, match="WA295: It is no SVG with a viewBox"):
            size(wrong)


@pytest.mark.parametrize(
    ("data", "name", "problem"),
    [
        (png(400, 100), "logo.jpg", "WA295: It is no file of a logo. Give an SVG or a PNG"),
        (b"GIF89a", "logo.png", "WA295: This cannot be read as a PNG"),
        (png(400, 100)[:-40], "logo.png", "WA295: This cannot be read as a PNG"),
        (png(120, 60), "logo.png", "WA296: It is 120 by 60 pixels. Give one of 300 to 4000"),
        (png(4001, 1001), "logo.png", "WA296: It is 4001 by 1001 pixels"),
        (header(300, 0), "logo.png", "WA295: This cannot be read as a PNG"),
        (header(16_000, 4000), "logo.png", "WA296: It is 16000 by 4000 pixels"),
        (header(10_000, 10_000), "logo.png", "WA296: It is more than"),
        (header(60_000, 60_000), "logo.png", "WA296: It is more than"),
        (png(400, 40), "logo.png", "WA296: It is 400 by 40, too long for its place"),
        (bytes(MOST_BYTES + 1), "logo.png", "WA296: It is larger than 300000 bytes. Save it smaller"),
        (b"<svg/>", "logo.svg", "WA295: It is no SVG with a viewBox"),
        (b'<html viewBox="0 0 9 9"/>', "logo.svg", "WA295: It is no SVG with a viewBox"),
    ],
)
def test_a_file_that_makes_no_good_logo_is_refused_with_what_to_do(
    data: bytes, name: str, problem: str
) -> None:
    with pytest.raises(InputError, match=re.escape(problem)):
        read_logo(data, name, OWNER)


def test_a_picture_that_unpacks_to_much_more_than_it_shows_is_not_unpacked() -> None:
    squeezed, megabyte = zlib.compressobj(9), bytes(1_000_000)
    packed = b"".join(squeezed.compress(megabyte) for _ in range(290)) + squeezed.flush()
    checked = zlib.crc32(b"IDAT" + packed).to_bytes(4, "big")
    data = png(300, 100)[:33] + len(packed).to_bytes(4, "big") + b"IDAT" + packed + checked
    assert len(data) < MOST_BYTES
    tracemalloc.start()
    try:
        assert read_logo(data, "logo.png", OWNER).height == HIGHEST
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=200), st.sampled_from([".svg", ".png"]))
def test_whatever_the_file_holds_it_is_a_logo_or_refused(data: bytes, ending: str) -> None:
    start = b"" if ending == ".svg" else png(300, 100)[:33]
    chunk = len(data).to_bytes(4, "big") + b"IDAT" + data + zlib.crc32(b"IDAT" + data).to_bytes(4, "big")
    with pytest.raises(InputError):
        read_logo(start + chunk if start else data, f"logo{ending}", OWNER)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_simulated_export(folder / "export", invited=200, respondents=150, definition=BRINKDORP)
    plan = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    for name in ("logo.svg", "logo.png"):
        (folder / f"{name}.toml").write_text(plan.replace("[report]\n", f'[report]\nlogo = "{name}"\n'))
    (folder / "logo.svg").write_text(SVG % "", encoding="utf-8")
    (folder / "logo.png").write_bytes(png(600, 200))
    return folder


@pytest.mark.parametrize("name", ["logo.svg", "logo.png"])
def test_the_cover_profiles_and_summaries_have_the_logo_with_the_name_of_its_owner(
    town: Path, tmp_path: Path, name: str
) -> None:
    found = gathered(town / "export", town / f"{name}.toml")
    made = made_of(found)
    profiles, summaries = (
        [job.name for job in report.jobs(made) if job.name.startswith(kind)]
        for kind in ("wijkprofiel", "samenvatting")
    )
    wanted = dict.fromkeys(summaries, 1) | {profiles[0]: 2}
    for job in report.jobs(made):
        if job.name in {report.MAIN, *wanted}:
            pages = printing.write_pdf(job, tmp_path, found.made_from)
            assert job.name == report.MAIN or pages == wanted[job.name]
    files = [tmp_path / report.MAIN, tmp_path / summaries[0], tmp_path / profiles[0]]
    for file in files:
        (logo,) = [str(each.Alt) for each in elements(file) if each.S == "/Figure" and str(each.Alt) == OWNER]
        assert logo
    assert f'alt="{OWNER}"' in report.data_files(made, found.made_from.week)[report.PUBLIC].decode()
    for rules in ((), (ARCHIVAL,)):
        assert validate(files, *rules).count("PASS") == 3
    job = next(job for job in report.jobs(made) if job.name == summaries[0])
    before = (tmp_path / job.name).read_bytes()
    printing.write_pdf(job, tmp_path, found.made_from)
    assert (tmp_path / job.name).read_bytes() == before


def test_a_report_says_that_its_logo_was_another_one(town: Path) -> None:
    before = gathered(town / "export", town / "logo.svg.toml").made_from
    (town / "logo.svg").write_text(SVG % "<g/>", encoding="utf-8")
    assert gathered(town / "export", town / "logo.svg.toml").made_from.plan != before.plan
    (town / "logo.svg").write_text(SVG % "", encoding="utf-8")
    assert gathered(town / "export", town / "logo.svg.toml").made_from == before


def test_a_logo_that_is_not_there_stops_the_report(town: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_bytes((town / "logo.svg.toml").read_bytes())
    result = run("report", town / "export", plan, tmp_path / "out")
    assert result.exit_code == 2
    assert "logo.svg" in result.output
    assert not (tmp_path / "out").exists()
