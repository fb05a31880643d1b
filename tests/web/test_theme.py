"""The theme of a municipality: which contrasts it has, what is refused, and how it is served."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from survey.web.pages import STATIC
from survey.web.theme import ThemeError, contrast_ratio, read_theme
from tests.web.conftest import SAMPLES
from tests.web.test_serving import BRINKDORP, refusal, running

THEMES = SAMPLES / "themes"
START = "brinkdorp-peiling/nl/start"


def theme(folder: Path, css: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "theme.css").write_text(css, encoding="utf-8")
    return folder


def ratios(folder: Path, scheme: str = "light") -> dict[tuple[str, str], float]:
    found = read_theme(folder).contrasts
    return {(one.ink, one.ground): round(one.ratio, 2) for one in found if one.scheme == scheme}


@pytest.mark.parametrize(
    ("grey", "ratio"),
    [
        # with white; the second and third are the two greys on either side of 4.5
        (0x00, 21.0),
        (0x76, 4.54),
        (0x77, 4.48),
        (0xFF, 1.0),
    ],
)
def test_the_contrast_is_that_of_wcag(grey: int, ratio: float) -> None:
    channel = grey / 255
    assert round(contrast_ratio((channel, channel, channel), (1, 1, 1)), 2) == ratio


@pytest.mark.parametrize("folder", [STATIC, THEMES / "brinkdorp", THEMES / "duinoord"], ids=lambda f: f.name)
def test_our_own_colours_and_the_themes_of_the_samples_can_be_read(folder: Path) -> None:
    assert [str(one) for one in read_theme(folder).contrasts if not one.enough] == []


def test_only_a_theme_with_colours_for_the_dark_is_dark_at_night() -> None:
    assert {one.scheme for one in read_theme(THEMES / "brinkdorp").contrasts} == {"light", "dark"}
    assert {one.scheme for one in read_theme(THEMES / "duinoord").contrasts} == {"light"}
    assert read_theme(THEMES / "brinkdorp").look.classes == "rs-dark brinkdorp-theme"
    assert read_theme(THEMES / "duinoord").look.classes == ""


def test_tokens_name_each_other_fall_back_and_may_be_see_through(tmp_path: Path) -> None:
    folder = theme(
        tmp_path,
        """:root{--a:#000; --utrecht-document-color:var(--a); --utrecht-document-background-color:#fff;
        --utrecht-link-color:var(--nowhere, var(--utrecht-nowhere, rgb(0 0 0 / 50%)));
        --utrecht-form-field-description-color:var(--round); --round:var(--round-again, #000);
        --round-again:var(--round)}
        @media print{:root{--a:#fff}} .elsewhere{--a:#fff}""",
    )
    found = ratios(folder)
    assert found["ink", "page"] == 21
    assert found["ink-soft", "page"] == 21
    assert found["action", "page"] == round(contrast_ratio((0.5, 0.5, 0.5), (1, 1, 1)), 2)


@pytest.mark.parametrize(
    ("css", "said"),
    [
        (
            ":root{--utrecht-link-color:oklch(60% .1 120)}",
            "--rs-action is oklch(60% .1 120), which is no colour",
        ),
        (":root{--utrecht-link-color:blauw}", "#rrggbb"),
        (':root{}\n@import "./design-tokens.css";', "theme.css:2: @import is not followed"),
        (
            '@font-face{src:url("https://example.nl/a.woff2")}',
            "theme.css:1: residents' browsers fetch nothing",
        ),
        ("@font-face{src:url(//example.nl/a.woff2)}", "theme.css:1: residents' browsers fetch nothing"),
    ],
)
def test_a_theme_that_cannot_be_used_is_refused_with_where_and_what_to_do(
    tmp_path: Path, css: str, said: str
) -> None:
    with pytest.raises(ThemeError) as refused:
        read_theme(theme(tmp_path, css))
    assert said in str(refused.value)


def test_a_folder_without_a_theme_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ThemeError, match=r"A theme is a folder with a file theme\.css"):
        read_theme(tmp_path / "nowhere")


def test_a_theme_that_people_cannot_read_is_not_served(tmp_path: Path) -> None:
    pale = theme(tmp_path / "pale", ".pale-theme{--utrecht-link-color:#8ab}")
    for command in (("serve", BRINKDORP), ("preview", BRINKDORP)):
        output = refusal(*command, "--port", "0", "--theme", str(pale), data=tmp_path / "data")
        assert "light: action on page 2.3, too little: at least 4.5" in output
        assert "ink on page" not in output


def test_the_command_tells_every_contrast_and_whether_all_are_enough(tmp_path: Path) -> None:
    told = {
        folder: subprocess.run(
            [sys.executable, "-m", "survey", "theme", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        for folder in (
            THEMES / "duinoord",
            theme(tmp_path, ":root{--utrecht-link-color:#8ab}"),
            tmp_path / "no",
        )
    }
    fine, pale, nowhere = told.values()
    assert fine.returncode == 0
    assert "light: on-main on main 11.7, enough" in fine.stdout
    assert pale.returncode == 1
    assert "light: action on page 2.3, too little: at least 4.5" in pale.stdout
    assert nowhere.returncode == 1
    assert "Traceback" not in nowhere.stderr


def test_a_theme_is_served_with_its_fonts_and_nothing_else_of_its_folder(tmp_path: Path) -> None:
    folder = theme(tmp_path / "house", (THEMES / "brinkdorp" / "theme.css").read_text())
    (folder / "house.woff2").write_bytes((STATIC / "fonts" / "ahn-latin-400.woff2").read_bytes())
    (folder / "notes.txt").write_text("not for residents")
    with running("serve", BRINKDORP, "--port", "0", "--theme", str(folder), data=tmp_path / "data") as (
        _,
        at,
    ):
        page = httpx.get(f"{at}/{START}").text
        assert '<html lang="nl" dir="ltr" class="rs-text-normal rs-dark brinkdorp-theme">' in page
        sheet = page.partition('href="/theme/')[2].partition('"')[0]
        assert (
            page.index("/static/theme.css")
            < page.index("/theme/theme.css")
            < page.index("/static/resident.css")
        )
        served = httpx.get(f"{at}/theme/{sheet}")
        assert served.content == (folder / "theme.css").read_bytes()
        assert "immutable" in served.headers["cache-control"]
        assert httpx.get(f"{at}/theme/house.woff2").headers["content-type"] == "font/woff2"
        assert httpx.get(f"{at}/theme/notes.txt").status_code == 404


def test_without_a_theme_there_is_no_third_sheet(tmp_path: Path) -> None:
    with running("serve", BRINKDORP, "--port", "0", data=tmp_path) as (_, at):
        page = httpx.get(f"{at}/{START}").text
        assert 'class="rs-text-normal rs-dark"' in page
        assert page.count('rel="stylesheet"') == 2
        assert httpx.get(f"{at}/theme/theme.css").status_code == 404
