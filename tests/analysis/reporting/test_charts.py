"""Charts: real text, every value in words, and nothing where answers are too few."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from analysis.reporting.charts import maps, plots
from analysis.reporting.charts.maps import Shape
from analysis.reporting.charts.plots import Comparison, Dot, Palette, Row, Statement
from analysis.reporting.files.themes import STEP
from analysis.reporting.phrases import phrases

STYLESHEET = Path(__file__).parents[3] / "templates" / "report" / "report.css"
DUTCH = phrases()["nl"]
COLOURS = plots.palette(STYLESHEET.read_text(encoding="utf-8"))
DARK = plots.palette((STYLESHEET.parent / "dark.css").read_text(encoding="utf-8"))
SVG = "{http://www.w3.org/2000/svg}"
ROWS = (
    Row(label="Noord", dot=Dot(value=61, low=58, high=64), withheld="", reference=50),
    Row(label="Zuid & Oost", dot=None, withheld=plots.TOO_FEW),
)
SQUARE = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0))
SLIVER = ((100.0, 0.0), (102.0, 0.0), (102.0, 100.0), (100.0, 100.0), (100.0, 0.0))
SHAPES = (
    Shape(code="A", name="Noord", rings=(SQUARE,), label=(50.0, 50.0)),
    Shape(code="B", name="Zuiderdistrict", rings=(SLIVER,), label=(101.0, 50.0)),
)


def every_chart() -> dict[str, str]:
    statement = Statement(label="Ik voel mij welkom", shares=(5.0, 10.0, 20.0, 40.0, 25.0), withheld="")
    hidden = Statement(label="Verborgen", shares=None, withheld="beschermd")
    comparison = Comparison(group="Leeftijd", label="jong", unweighted=10, weighted=19, population=19)
    answers = ("helemaal oneens", "oneens", "geen", "eens", "helemaal eens")
    values = {"A": 40.0, "B": "beschermd"}
    return {
        "dots": plots.dots(
            DUTCH, COLOURS, ROWS, title="T", width=150, ticks=(0, 50, 100), reference_name="stad"
        ),
        "bars": plots.bars(DUTCH, COLOURS, ROWS, title="T", width=150, longest=61),
        "shifts": plots.shifts(DUTCH, COLOURS, [comparison], title="T", width=150),
        "agreement": plots.agreement(DUTCH, COLOURS, [statement, hidden], title="T", answers=answers),
        "ordered": plots.ordered(DUTCH, COLOURS, [statement, hidden], title="T", answers=answers),
        "participants": plots.participants(DUTCH, COLOURS, [comparison], title="T"),
        "choropleth": maps.choropleth(
            DUTCH,
            COLOURS,
            SHAPES,
            values,
            title="T",
            legend="Bereik",
            limits=(30, 40, 50),
            number=plots.percent,
        ),
        "locator": maps.locator(DUTCH, COLOURS, SHAPES, "A", title="T"),
        "guide": plots.reading_guide(DUTCH, COLOURS),
    }


@pytest.mark.parametrize("name", list(every_chart()))
def test_a_chart_is_well_formed_with_title_description_and_readable_text(name: str) -> None:
    svg = ET.fromstring(every_chart()[name])
    assert svg.find(f"{SVG}title") is not None
    description = svg.find(f"{SVG}desc")
    assert description is not None
    assert description.text
    sizes = [float(text.attrib["font-size"]) for text in svg.iter(f"{SVG}text")]
    assert all(size >= 7.5 for size in sizes)


@pytest.mark.parametrize("name", list(every_chart()))
def test_nothing_is_drawn_outside_a_chart(name: str) -> None:
    svg = ET.fromstring(every_chart()[name])
    width, height = (float(svg.attrib[side].removesuffix("pt")) for side in ("width", "height"))
    for element in svg.iter():
        for attribute, value in element.attrib.items():
            if attribute in ("x", "x1", "x2", "cx") and element.tag != f"{SVG}svg":
                assert -1 <= float(value) <= width + 1
            if attribute in ("y", "y1", "y2", "cy"):
                assert -1 <= float(value) <= height + 1


def test_too_few_answers_are_words_in_their_row_and_no_mark() -> None:
    svg = every_chart()["dots"]
    assert svg.count("<circle") == 1
    assert svg.count(plots.TOO_FEW) == 2  # in the plot and in the description
    assert "Zuid &amp; Oost: te weinig antwoorden." in svg


def test_a_row_says_in_words_of_its_own_why_it_has_no_mark() -> None:
    rows = [plots.Row(label="Noord", dot=None, withheld="marge onbekend")]
    for chart in (
        plots.dots(DUTCH, COLOURS, rows, title="t", width=140, ticks=(0, 50, 100)),
        plots.bars(DUTCH, COLOURS, rows, title="t", width=140, longest=10),
    ):
        assert chart.count("marge onbekend") == 2
        assert plots.TOO_FEW not in chart


@pytest.mark.parametrize("name", ["agreement", "ordered"])
def test_a_statement_says_why_it_has_no_bar(name: str) -> None:
    svg = every_chart()[name]
    assert svg.count("beschermd") == 2  # in the plot and in the description
    assert plots.TOO_FEW not in svg


def test_a_map_hatches_an_area_without_a_figure_and_names_a_narrow_one_beside_it() -> None:
    svg = every_chart()["choropleth"]
    assert svg.count('fill="url(#few)"') == 2  # the area and the key
    assert "Zuiderdistrict: beschermd." in svg


def test_a_description_gives_all_values_in_words() -> None:
    assert "Noord: 61 procent, marge 58 tot 64; vergelijking 50 procent." in every_chart()["dots"]


def test_rows_of_a_plot_are_as_high_as_the_labels_of_its_table() -> None:
    one = plots.bars(DUTCH, COLOURS, ROWS, title="T", width=150, longest=61)
    rows = (ROWS[0], Row(label="Een lang label", dot=None, withheld=plots.TOO_FEW, lines=2))
    two = plots.bars(DUTCH, COLOURS, rows, title="T", width=150, longest=61)
    heights = [float(found[1]) for svg in (one, two) if (found := re.search(r'height="([\d.]+)pt"', svg))]
    assert heights[1] - heights[0] == pytest.approx(plots.LINE, abs=0.11)


def test_every_colour_of_a_chart_is_a_token_of_the_stylesheet() -> None:
    for svg in every_chart().values():
        assert set(re.findall(r"#[0-9a-f]{6}", svg)) <= set(COLOURS.values())


@pytest.mark.parametrize("colours", [COLOURS, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("number", range(2, plots.MOST_SHADES + 1))
def test_ordered_answers_grow_paler_and_begin_and_end_alike_in_every_chart(
    number: int, colours: Palette
) -> None:
    """So that black and white tells them apart, and "no" looks the same whatever stands beside it."""
    fills = plots._sequence(number)
    assert len(fills) == number
    assert (fills[0], fills[-1]) == ("sequence-4", "paper")
    seen = [contrast(colours[fill], colours["paper"]) for fill in fills]
    assert all(stronger > STEP * paler for stronger, paler in pairwise(seen))
    assert "diverging-3" not in fills  # neither agrees nor disagrees


def test_a_part_in_the_colour_of_the_paper_has_an_edge_and_a_part_of_nobody_is_not_drawn() -> None:
    some = Statement(label="Geld", shares=(60.0, 0.0, 40.0), withheld="")
    svg = plots.ordered(DUTCH, COLOURS, [some], title="T", answers=("Ja", "Een beetje", "Nee"))
    drawn = re.findall(r'<path d="[^"]+" fill="([^"]+)" stroke="([^"]+)"', svg)
    paper, edge, dark, light = (COLOURS[name] for name in ("paper", "connector", "sequence-4", "sequence-2"))
    key = [(dark, paper), (light, paper), (paper, edge)]
    assert drawn == [*key, key[0], key[2]]


def contrast(colour: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(code: str) -> float:
        parts = [int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(colour), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [COLOURS, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("fill", [name for name in COLOURS if name.startswith(("diverging", "sequence"))])
def test_a_label_on_a_fill_is_readable(fill: str, colours: Palette) -> None:
    assert contrast(colours[fill], colours[plots.ink_on(fill)]) >= 4.5


@pytest.mark.parametrize("colours", [COLOURS, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "muted", "warning", "residents", "companions"])
def test_text_on_paper_is_readable(ink: str, colours: Palette) -> None:
    assert contrast(colours[ink], colours["paper"]) >= 4.5


@pytest.mark.parametrize("colours", [COLOURS, DARK], ids=["light", "dark"])
def test_words_on_a_grey_panel_and_lines_between_marks_are_seen(colours: Palette) -> None:
    assert contrast(colours["ink"], colours["diverging-3"]) >= 4.5
    assert contrast(colours["connector"], colours["paper"]) >= 3


def test_the_dark_has_every_token_and_no_more_than_paper_has_colours() -> None:
    """A mark is found by its colour on paper, so tokens that share one there share one in the dark."""
    assert set(DARK) == set(COLOURS)
    for name, colour in COLOURS.items():
        assert {DARK[other] for other, same in COLOURS.items() if same == colour} == {DARK[name]}
