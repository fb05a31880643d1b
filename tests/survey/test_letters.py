"""Letters to print: one for every code, each in its own language."""

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from click.testing import CliRunner, Result
from tinyhtml5.parser import HTMLParser

from survey.__main__ import main

HEADER = "code,area,round,language"
SITE = "https://vragen.example.nl/"
TAGS = ("nl", "nl-x-simpel", "ar", "en", "pl", "tr", "uk")
LINES = tuple(f"BCDF-GHJK-MNPR-ST{number:02},WK054608,1,{tag}" for number, tag in enumerate(TAGS))


def write(folder: Path, *lines: str, header: str = HEADER) -> Result:
    codes = folder / "codes.csv"
    codes.write_text("\n".join([header, *lines]), encoding="utf-8")
    command = ["letters", "leiden-eindevaluatie", str(codes), str(folder / "letters.html"), "--site", SITE]
    return CliRunner().invoke(main, command)


def articles(folder: Path) -> list[Element]:
    parser = HTMLParser(namespace_html_elements=False)
    document = parser.parse((folder / "letters.html").read_bytes())
    assert parser.errors == []
    return list(document.iter("article"))


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_every_code_has_a_letter_in_its_language_with_the_address_in_it(tmp_path: Path) -> None:
    result = write(tmp_path, *LINES)
    assert result.exit_code == 0, result.output
    assert "7 letters" in result.output
    for letter, line, tag in zip(articles(tmp_path), LINES, TAGS, strict=True):
        assert (letter.get("lang"), letter.get("dir")) == (tag, "rtl" if tag == "ar" else "ltr")
        assert line[:19] in words(letter)
        assert f"https://vragen.example.nl/leiden-eindevaluatie/{tag} " in words(letter)
        assert "Merenwijk" in words(letter)
        assert letter.find(".//bdi[@lang]") is None


def test_a_line_without_a_language_has_a_letter_in_that_of_the_questionnaire(tmp_path: Path) -> None:
    write(tmp_path, "BCDF-GHJK-MNPR-STVW,WK054608,1,")
    (letter,) = articles(tmp_path)
    assert letter.get("lang") == "nl"
    assert "Beste bewoner," in words(letter)


def test_a_draft_says_so_and_the_source_language_does_not(tmp_path: Path) -> None:
    write(tmp_path, LINES[0], LINES[3])
    dutch, english = map(words, articles(tmp_path))
    assert "nagekeken" not in dutch
    assert "has not been checked yet" in english


def test_letters_can_be_read_by_their_owner_only_and_none_are_lost(tmp_path: Path) -> None:
    write(tmp_path, *LINES)
    first = (tmp_path / "letters.html").read_bytes()
    assert (tmp_path / "letters.html").stat().st_mode & 0o777 == 0o600
    assert write(tmp_path, LINES[0]).exit_code == 1
    assert (tmp_path / "letters.html").read_bytes() == first


@pytest.mark.parametrize(
    ("header", "line", "said"),
    [
        (HEADER, "BCDF-GHJK-MNPR-STVW,WK054608,1,ti", "not offered the language ti"),
        (HEADER, "BCDF-GHJK-MNPR-STVW,WK054608,1", "line 2 has 3 cells instead of 4"),
        ("code,wijk", "BCDF-GHJK-MNPR-STVW,WK054608", "the first line is not code,area,round,language"),
    ],
)
def test_a_file_that_is_no_file_of_codes_is_refused_and_nothing_written(
    tmp_path: Path, header: str, line: str, said: str
) -> None:
    result = write(tmp_path, line, header=header)
    assert result.exit_code == 1
    assert said in result.output
    assert not (tmp_path / "letters.html").exists()
