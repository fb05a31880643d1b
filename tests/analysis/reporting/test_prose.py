"""The evaluator's own text: what is printed of it, what only a draft shows, and what is refused."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reporting.chapters.prose import Prose, TextRemark, Withheld, parse
from analysis.reporting.phrases import phrases
from survey.questionnaires.problems import Findings

DUTCH = phrases()["nl"]
KNOWN = {
    "knows": "61%",
    "knows.margin": "marge 58 tot 64",
    "grade": "7,1",
    "few": Withheld("te weinig antwoorden"),
    "odd": "<5 & meer",
}


def good(text: str) -> Prose:
    findings = Findings("04-x.md")
    prose = parse(text, KNOWN, findings, DUTCH)
    assert [*map(str, findings)] == []
    return prose


def faults(text: str) -> list[str]:
    findings = Findings("04-x.md")
    parse(text, KNOWN, findings, DUTCH)
    return [str(problem) for problem in findings]


def remarks(text: str, kind: str) -> list[tuple[int, str]]:
    return [(each.line, each.text) for each in good(text).remarks if each.kind == kind]


def test_a_reference_becomes_the_figure_wherever_it_stands() -> None:
    prose = good(
        "# Kop {{ knows }}\n\nDat is **{{knows}}** ({{ knows.margin }}).\n\n- een {{ grade }}\n- {{ odd }}\n"
    )
    assert prose.html(2) == (
        "<h2>Kop 61%</h2>\n<p>Dat is <strong>61%</strong> (marge 58 tot 64).</p>\n"
        "<ul>\n<li>een 7,1</li>\n<li>&lt;5 &amp; meer</li>\n</ul>\n"
    )
    assert prose.remarks == ()
    assert prose.written


def test_a_figure_that_does_not_exist_is_an_error_with_its_line_and_names_that_are_like_it() -> None:
    (fault,) = faults("Eerste regel\nmet {{ knovs.magrin }}.\n")
    assert fault == (
        "04-x.md: line 2: WA301: There is no figure {{ knovs.magrin }}. Did you mean knows.margin?"
    )
    (fault,) = faults("<!-- uitleg\nvan twee regels -->\n\n{{ q999zz }}\n")
    assert fault.startswith("04-x.md: line 4: WA301")
    assert fault.endswith("verwijzingen.csv lists all names.")


@pytest.mark.parametrize("text", ["{{ knows }", "{{ }}", "{{ knows of }}", "a {{"])
def test_braces_that_are_no_reference_are_an_error(text: str) -> None:
    (fault,) = faults(text)
    assert fault.startswith("04-x.md: line 1: WA303: A reference ends with }}")


def test_a_withheld_figure_is_not_printed_and_remarked_upon() -> None:
    prose = good("Regel\nvan {{ few }} mensen")
    assert "van te weinig antwoorden mensen" in prose.html(2)
    assert prose.remarks == (TextRemark(kind="withheld", line=2, text="few"),)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Dat is 61% en 3 procent", ["61%", "3 procent"]),
        ("een cijfer van 7,1", ["7,1"]),
        ("men gaf een 7", ["een 7"]),
        ("(n = 1.818; marge 58 tot 64)", ["n = 1.818", "marge 58"]),
        ("6 van de 10 mensen", ["6 van de 10"]),
        ("In 2024, op 1 mei 2025, in wijk 3, voor € 2,5 miljoen aan 300 mensen", []),
        ("{{ knows }} en {{ grade }}", []),
    ],
)
def test_a_number_that_was_typed_is_remarked_upon(text: str, typed: list[str]) -> None:
    assert remarks(f"Regel een.\n\n{text}", "typed") == [(3, each) for each in typed]


def test_a_comment_stands_in_a_draft_only() -> None:
    text = (
        "Tekst.\n\n> [!opmerking] Anna: klopt {{ dit }}? 12%\n> [!OPMERKING] van niemand\n> en verder\n"
        ">\n> slot\n"
    )
    prose = good(text)
    assert prose.html(2) == "<p>Tekst.</p>\n"
    shown = prose.html(2, comment="Opmerking:")
    assert shown.count('<p class="comment">') == 3
    assert "Anna: klopt {{ dit }}? 12%" in shown
    assert [(each.line, each.text) for each in prose.remarks] == [
        (3, "Anna: klopt {{ dit }}? 12%"),
        (4, "van niemand\nen verder"),
        (7, "slot"),
    ]


def test_a_comment_without_a_quote_or_in_a_list_is_one_too() -> None:
    text = "[!opmerking] Bram: zo ook\n\n- punt\n- [!opmerking] Bram: hier\n"
    assert "Bram" not in good(text).html(2)
    assert remarks(text, "comment") == [(1, "Bram: zo ook"), (4, "Bram: hier")]


def test_a_building_block_is_marked_until_somebody_removes_its_mark() -> None:
    block = "## Kop\n\n[!bouwsteen] {{ knows }} kent het.\n"
    prose = good(block)
    assert '<p class="block"><strong>Bouwsteen:</strong> 61% kent het.</p>' in prose.html(2)
    assert remarks(block, "block") == [(3, "61% kent het.")]
    assert not prose.written
    adopted = good(block.replace("[!bouwsteen] ", ""))
    assert adopted.html(2) == "<h2>Kop</h2>\n<p>61% kent het.</p>\n"
    assert adopted.written
    assert adopted.remarks == ()


def test_what_is_not_text_is_not_called_written() -> None:
    for text in ("", "<!-- uitleg {{ niets }} -->\n", "# Kop\n", "> [!opmerking] Anna: ja\n"):
        assert not good(text).written
    assert good("<!-- uitleg -->").html(2) == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<b>vet</b>", "WA302"),
        ("<div>\nblok\n</div>", "WA302"),
        ("<!-- vergeten te sluiten\n\ntekst", "WA302"),
        ("<!-- uitleg --> en tekst", "WA302"),
        ("[hier](www.leiden.nl)", "WA304"),
        ("[hier](#tabel-3)", "WA304"),
        ("[](https://leiden.nl)", "WA304"),
        ("##\n\ntekst", "WA305"),
        ("[!bouwsten] tekst", "WA306"),
        ("tekst\n[!bouwsteen] nog een", "WA306"),
        ("# [!opmerking] in een kop", "WA306"),
    ],
)
def test_what_cannot_be_printed_is_refused(text: str, code: str) -> None:
    found = faults(text)
    assert found
    assert all(f": {code}: " in each for each in found), found


def test_a_link_and_a_quote_are_printed() -> None:
    html = good("[de gemeente](https://gemeente.leiden.nl/) zegt:\n\n> Dat *klopt*.\n").html(2)
    assert '<a href="https://gemeente.leiden.nl/">de gemeente</a>' in html
    assert "<blockquote>\n<p>Dat <em>klopt</em>.</p>\n</blockquote>" in html


@given(levels=st.lists(st.integers(1, 6), min_size=1), top=st.sampled_from([2, 3, 4]))
def test_headings_never_skip_a_level(levels: list[int], top: int) -> None:
    prose = good("\n\n".join(f"{'#' * level} kop" for level in levels))
    found = [int(level) for level in re.findall(r"<h(\d)>", prose.html(top))]
    assert found[0] == top
    assert all(top <= after <= min(before + 1, 6) for before, after in pairwise(found))
    assert len(found) == len(levels)


MARKS = ("[!opmerking] geheim", "[!bouwsteen] ", "> ", "- ", "# ", "*", "`", "![", "[", "](", ")", "---")
OTHERS = (
    "<",
    ">",
    "<!--",
    "-->",
    "{{",
    "}}",
    "knows",
    "\n",
    "\n\n",
    " ",
    "    ",
    "&",
    '"',
    "https://a",
    "61%",
)


@given(parts=st.lists(st.sampled_from(MARKS + OTHERS)))
def test_nothing_but_our_own_tags_is_ever_printed(parts: list[str]) -> None:
    html = parse("".join(parts), KNOWN, Findings(""), DUTCH).html(2)
    tags = re.findall(r"<[^>]*>", html)
    allowed = r'</?(?:p|ul|ol|li|em|strong|blockquote|h[2-6]|a|br)>|<br />|<p class="block">|<ol start="\d+">'
    assert all(re.fullmatch(rf'{allowed}|<a href="[^"<>]*"(?: title="[^"<>]*")?>', tag) for tag in tags), tags
