"""Small panels of every area: the same rows and scales, within the page, and nothing of a few people."""

import re
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from analysis.reporting.charts.panel_charts import WIDTH, Axis, Direction, Measure, Panel, Place, panels
from analysis.reporting.charts.plots import TOO_FEW, Dot, Row, palette
from analysis.reporting.phrases import phrases
from analysis.reporting.wording import Mark, most_marked, panels_title

DUTCH = phrases()["nl"]
COLOURS = palette(
    (Path(__file__).parents[3] / "templates" / "report" / "report.css").read_text(encoding="utf-8")
)
SVG = "{http://www.w3.org/2000/svg}"
LONG = "Buitengebied van de oude havens en het nieuwe landgoed, west"
MEASURES = (
    Measure(label="Kent het Huis van de Buurt", whole="47%"),
    Measure(label="Noemt als reden ‘niet in mijn wijk’ of een andere reden", whole="12%"),
    Measure(label="Cijfer voor wonen in de buurt", whole="7,1"),
)
AXES = (Axis(rows=2, ticks=(0, 50, 100), unit="%"), Axis(rows=1, ticks=(5, 9), unit=""))


def place(label: str, dot: Dot | None, whole: float, direction: Direction | None = None) -> Place:
    row = Row(label=label, dot=dot, withheld=TOO_FEW, reference=whole)
    return Place(row=row, printed="" if dot is None else f"{dot.value:.0f}", direction=direction)


def panel(name: str, share: float | None, direction: Direction | None = None) -> Panel:
    """An area with one share and one grade; None: too few answers to everything."""
    few = share is None
    return Panel(
        name=name,
        places=(
            place("a", None if few else Dot(value=share, low=share - 5, high=share + 5), 47, direction),
            place("b", None, 12),
            place("c", None if few else Dot(value=7, low=6.5, high=7.5), 7.1),
        ),
    )


def drawn(areas: list[Panel], whole: str = "Leiden") -> ET.Element:
    svg = panels(DUTCH, COLOURS, areas, MEASURES, AXES, title="De titel", whole_name=whole)
    return ET.fromstring(svg)


def words(svg: ET.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


@given(st.lists(st.one_of(st.none(), st.floats(5, 95)), min_size=1, max_size=15), st.booleans())
def test_every_area_has_its_panel_in_order_and_all_stays_inside(
    shares: list[float | None], long: bool
) -> None:
    areas = [panel(f"{LONG} {number}" if long else f"Wijk {number}", s) for number, s in enumerate(shares)]
    svg = drawn(areas, LONG if long else "Leiden")
    assert [int(found) for found in re.findall(r"(?:Wijk|west) (\d+)", svg.findtext(f"{SVG}desc") or "")] == [
        *range(len(shares))
    ]
    height = float(svg.get("height", "").removesuffix("pt"))
    for text in svg.iter(f"{SVG}text"):
        x, y = float(text.get("x", "")), float(text.get("y", ""))
        length = 0.5 * float(text.get("font-size", "")) * len(text.text or "")
        left = x - length * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")]
        assert left >= -1, text.text
        assert left + length <= WIDTH + 1, text.text
        assert 0 < y <= height
    for circle in svg.iter(f"{SVG}circle"):
        assert 0 <= float(circle.get("cx", "")) <= WIDTH
        assert 0 <= float(circle.get("cy", "")) <= height
    assert len([*svg.iter(f"{SVG}circle")]) == 2 * sum(share is not None for share in shares)


def test_the_same_value_lies_in_the_same_place_of_every_panel() -> None:
    """Also with another number of panels in the last line."""
    svg = drawn([panel(f"Wijk {number}", 30) for number in range(6)])
    lefts = sorted(
        {float(t.get("x", "")) for t in svg.iter(f"{SVG}text") if (t.text or "").startswith("Wijk")}
    )
    assert len(lefts) == 4
    centres = [float(circle.get("cx", "")) for circle in svg.iter(f"{SVG}circle")]
    inside = [x - max(left for left in lefts if left < x) for x in centres]
    for same in (inside[::2], inside[1::2]):
        assert max(same) - min(same) <= 0.11  # a tenth of a point, as coordinates are written
    whole = [line for line in svg.iter(f"{SVG}line") if line.get("stroke-width") == "1.1"]
    assert len(whole) == 6 * 2


def test_an_area_with_too_few_answers_is_a_grey_panel_that_says_so() -> None:
    svg = drawn([panel("Noord", 60), panel("Zuid", None)])
    grey = [rect for rect in svg.iter(f"{SVG}rect") if rect.get("fill") == COLOURS["diverging-3"]]
    assert len(grey) == 2  # the row of Noord, and the whole of Zuid
    assert float(grey[1].get("height", "")) > 2 * float(grey[0].get("height", ""))
    description = svg.findtext(f"{SVG}desc") or ""
    assert description.endswith(f"Zuid: {TOO_FEW}.")
    assert f"b: {TOO_FEW}." in description


def test_a_mark_is_a_sign_a_word_and_not_only_a_colour() -> None:
    svg = drawn([panel("Noord", 60, "higher"), panel("Zuid", 30, "lower"), panel("Oost", 47)])
    assert len([*svg.iter(f"{SVG}path")]) == 2
    description = svg.findtext(f"{SVG}desc") or ""
    assert "Noord. a: 60 procent, marge 55 tot 65; vergelijking 47 procent; hoger dan de rest." in description
    assert description.count("dan de rest") == 2
    bold = [t.text for t in svg.iter(f"{SVG}text") if t.get("font-weight") == "600"]
    assert {"60", "30"} <= set(bold)
    assert "47" not in bold


def test_labels_stand_once_at_the_left_of_every_line_of_panels() -> None:
    svg = drawn([panel(f"Wijk {number}", 30) for number in range(9)])
    lines = [*groupby(sorted(t.get("y", "") for t in svg.iter(f"{SVG}text") if t.text == "Leiden"))]
    assert len(lines) == words(svg).count("47%") == 3


def test_the_title_counts_differences_and_ranks_no_areas() -> None:
    areas: list[tuple[str, list[Mark | None]]] = [
        ("Noord", ["higher", "lower"]),
        ("Zuid", ["same", "lower"]),
        ("Oost", [None, None]),
    ]
    assert panels_title(DUTCH, areas, "Leiden") == (
        "Twee uitkomsten per wijk: drie duidelijke verschillen bij vier vergelijkingen"
    )
    none = panels_title(DUTCH, [("Noord", ["same"]), ("Zuid", [None])], "Leiden")
    assert none == (
        "Eén uitkomst per wijk: geen wijk die te vergelijken is, wijkt duidelijk af van de rest van Leiden"
    )


def test_where_areas_are_ranked_it_says_over_how_many_outcomes() -> None:
    one = most_marked(DUTCH, [("Noord", ["higher", "lower"]), ("Zuid", ["same", "lower"])], "Leiden")
    assert one == (
        "Over twee uitkomsten geteld wijkt Noord het vaakst af van de rest van Leiden: bij twee uitkomsten."
    )
    both = most_marked(DUTCH, [("Noord", ["higher", "same"]), ("Zuid", ["lower", "same"])], "Leiden")
    assert both == (
        "Over twee uitkomsten geteld wijken Noord en Zuid het vaakst af van de rest van Leiden: "
        "bij één uitkomst."
    )
