"""The colours of a municipality: read, refused where people could not tell them apart, and really printed."""

import io
import re
import subprocess
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from analysis.__main__ import gathered, made_of
from analysis.reporting import report
from analysis.reporting.exports.dataset import InputError
from analysis.reporting.files import printing
from analysis.reporting.files.table_book import WORKBOOK
from analysis.reporting.files.themes import TOKEN, read_theme
from survey.contrast import contrast_ratio
from tests.analysis.reporting.test_report import BRINKDORP, run
from tests.analysis.simulated import write_simulated_export

OURS = report.our_palette()
BLUE = "#5a2d82"
SHEET = f"""\
/* Also holds the tokens of the survey's pages. */
.brinkdorp-theme {{ --utrecht-heading-color: red; {TOKEN}residents: {BLUE}; }}
:root {{ {TOKEN}companions: hsl(120 100% 20%); {TOKEN}diverging-5: {BLUE}; {TOKEN}sequence-4: {BLUE} }}
@media (prefers-color-scheme: dark) {{ :root {{ {TOKEN}ink: white }} }}
"""


@pytest.mark.parametrize(
    ("tokens", "problem"),
    [
        ("", "WA290: No token begins with --wijkpeil-report-"),
        ("residentz: #000000", "WA291: The report has no colour residentz. Did you mean residents?"),
        ("paper: #eeeeee", "WA291: The report has no colour paper."),
        ("ink: var(--black)", "WA292: var(--black) is no colour"),
        ("ink: #00000080", "WA292: #00000080 is no colour that covers"),
        ("ink: #777777", "WA293: ink #777777 on paper #ffffff has a contrast of 4.48, and 4.5 is needed"),
        ("sequence-1: #0b4f6c", "WA293: ink #16232e on sequence-1 #0b4f6c has a contrast of 1.79"),
        ("sequence-2: #d0e4ec", "WA294: sequence-2 #d0e4ec is not clearly darker than sequence-1 #d6e6ee"),
        ("diverging-3: #78aec8", "WA294: diverging-4 #78aec8 is not clearly darker than diverging-3 #78aec8"),
    ],
)
def test_what_is_wrong_with_a_theme_is_said_with_its_token(tokens: str, problem: str) -> None:
    sheet = f":root {{ {TOKEN}{tokens} }}" if tokens else ":root { --nl-link-color: red }"
    with pytest.raises(InputError, match=re.escape(problem)):
        read_theme(sheet.encode(), "huisstijl.css", OURS)


def test_a_theme_changes_what_it_names_outside_of_conditions() -> None:
    theme = read_theme(SHEET.encode(), "huisstijl.css", OURS)
    assert theme.colours == {
        "residents": BLUE,
        "companions": "#006600",
        "diverging-5": BLUE,
        "sequence-4": BLUE,
    }


@given(st.binary(max_size=200))
def test_whatever_the_file_holds_it_is_a_theme_or_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_theme(data, "huisstijl.css", OURS)


@given(st.sampled_from(["residents", "companions", "warning", "muted"]), st.integers(0, 0xFFFFFF))
def test_a_colour_of_text_is_taken_just_when_it_can_be_read_on_paper(name: str, number: int) -> None:
    colour = (number >> 16, number >> 8 & 0xFF, number & 0xFF)
    ratio = contrast_ratio((1, 1, 1), tuple(channel / 255 for channel in colour))  # type: ignore[arg-type]
    sheet = f":root {{ {TOKEN}{name}: #{number:06x} }}".encode()
    if ratio >= 4.5:
        assert read_theme(sheet, "huisstijl.css", OURS).colours == {name: f"#{number:06x}"}
    else:
        with pytest.raises(InputError, match="WA293"):
            read_theme(sheet, "huisstijl.css", OURS)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_simulated_export(folder / "export", invited=200, respondents=150, definition=BRINKDORP)
    plan = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    (folder / "plain.toml").write_text(plan, encoding="utf-8")
    named = plan.replace("[report]\n", '[report]\ntheme = "huisstijl.css"\n')
    (folder / "plan.toml").write_text(named, encoding="utf-8")
    (folder / "huisstijl.css").write_text(SHEET, encoding="utf-8")
    return folder


def test_pages_charts_and_the_page_for_the_web_have_the_colours_and_our_own_are_gone(
    town: Path, tmp_path: Path
) -> None:
    found = gathered(town / "export", town / "plan.toml")
    made = made_of(found)
    pages = [job.html for job in report.jobs(made)]
    files = report.data_files(made, found.made_from.week)
    web = files[report.PUBLIC].decode()
    assert "prefers-color-scheme" not in web  # our dark colours are the other side of ours
    for page in [*pages, web]:
        assert f"--residents: {BLUE}" in page
    assert any(f'fill="{BLUE}"' in page for page in pages)
    assert not any(f'"{OURS["residents"]}"' in page for page in [*pages, web])
    book = openpyxl.load_workbook(io.BytesIO(files[WORKBOOK]))
    links = {cell.font.color.rgb for row in book.worksheets[0] for cell in row if cell.hyperlink}
    assert links == {f"FF{BLUE[1:].upper()}"}
    assert web.index(f"--residents: {OURS['residents']}") < web.index(f"--residents: {BLUE}")
    job = next(job for job in report.jobs(made) if job.name.startswith("wijkprofiel"))
    printing.write_pdf(job, tmp_path, found.made_from)
    subprocess.run(["pdftoppm", "-r", "60", "-png", tmp_path / job.name, tmp_path / "page"], check=True)
    painted = set().union(*(colours(picture) for picture in tmp_path.glob("page-*.png")))
    assert _rgb(BLUE) in painted
    assert _rgb(OURS["residents"]) not in painted


def test_a_report_says_that_its_theme_was_another_one(town: Path) -> None:
    before = gathered(town / "export", town / "plan.toml").made_from
    sheet = town / "huisstijl.css"
    sheet.write_text(f"{SHEET}/* later */", encoding="utf-8")
    assert gathered(town / "export", town / "plan.toml").made_from.plan != before.plan
    sheet.write_text(SHEET, encoding="utf-8")
    assert gathered(town / "export", town / "plan.toml").made_from == before


@pytest.mark.parametrize(
    ("content", "said"), [(None, "No such file"), (f":root {{ {TOKEN}ink: #eee }}", "huisstijl.css")]
)
def test_a_theme_that_is_not_there_or_cannot_be_read_stops_the_report(
    town: Path, tmp_path: Path, content: str | None, said: str
) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_bytes((town / "plan.toml").read_bytes())
    if content is not None:
        (tmp_path / "huisstijl.css").write_text(content, encoding="utf-8")
    result = run("report", town / "export", plan, tmp_path / "out")
    assert result.exit_code == 2
    assert said in result.output
    assert "huisstijl.css" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("key", ["theme", "logo"])
@pytest.mark.parametrize(
    "name", ["/etc/hostname", "../huisstijl.css", "~/a.css", ".css", "c:a.css", r"..\\a"]
)
def test_a_plan_names_no_file_outside_of_its_folder(town: Path, tmp_path: Path, key: str, name: str) -> None:
    plan = tmp_path / "plan.toml"
    text = (town / "plain.toml").read_text(encoding="utf-8")
    plan.write_text(text.replace("[report]\n", f'[report]\n{key} = "{name}"\n'), encoding="utf-8")
    result = run("report", town / "export", plan, tmp_path / "out")
    assert result.exit_code == 2
    assert f"report.{key}: WP104: Expected text that names a file in the same folder" in result.output


@pytest.mark.parametrize(
    ("key", "name"), [("theme", "large.css"), ("logo", "large.svg"), ("logo", "large.png")]
)
def test_a_file_that_never_ends_is_refused(town: Path, tmp_path: Path, key: str, name: str) -> None:
    plan = tmp_path / "plan.toml"
    text = (town / "plain.toml").read_text(encoding="utf-8")
    plan.write_text(text.replace("[report]\n", f'[report]\n{key} = "{name}"\n'), encoding="utf-8")
    (tmp_path / name).symlink_to("/dev/zero")
    result = run("report", town / "export", plan, tmp_path / "out")
    assert result.exit_code == 2
    assert f"{name}: WA29" in result.output
    assert "It is larger than" in result.output


def colours(path: Path) -> set[tuple[int, int, int]]:
    with Image.open(path) as picture:
        return {colour for _, colour in picture.convert("RGB").getcolors(maxcolors=1 << 24) or ()}  # type: ignore[misc]


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
