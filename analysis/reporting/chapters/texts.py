"""The evaluator's texts beside the plan: a file for every section of the main report that may have one."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting.chapters.building_blocks import CLOSING
from analysis.reporting.chapters.documents import Chapter, MainReport, Noted, Review, TextFile
from analysis.reporting.chapters.prose import Prose, Withheld, parse
from analysis.reporting.exports.dataset import InputError
from analysis.reporting.phrases import Phrases, later
from survey.questionnaires.problems import Findings, Problem

SUFFIX = ".md"
_SUFFIXES = (SUFFIX, f"{SUFFIX}.txt")

_NUMBERED = re.compile(r"(?:\d+-)?(.+)\.md")

_EXPLANATION = later("""\
<!--
Hier schrijft u uw tekst bij: {title}

Wat tussen deze tekens staat, wordt niet gedrukt. Schrijf uw tekst eronder.

Opmaak     Een lege regel begint een nieuwe alinea. ## maakt een kopje. *schuin*, **vet**.
           - begint een punt van een opsomming, > een citaat. Een link: [woorden](https://adres.nl)
Cijfers    Typ geen cijfer over, maar zet een verwijzing neer: {{{{ {example} }}}}.
           Het programma vult haar in met wat in de tabellen staat. Alle namen staan in {listing}.
Opmerking  > [!opmerking] Uw naam: wat u kwijt wilt
           Staat alleen in het concept, en moet weg zijn voor iemand het rapport vrijgeeft.
{blocks}-->
""")

_BLOCKS = later("""\
Bouwsteen  Een alinea die begint met [!bouwsteen] heeft het programma uit de cijfers gemaakt. Verbeter haar en
           haal [!bouwsteen] weg: dan is het uw tekst. Of haal de hele alinea weg.
""")


class Texts(Struct, frozen=True, kw_only=True):
    """The texts that there are by the anchor of their section, and what is left to do about them."""

    prose: Mapping[str, Prose]
    review: Review


def files_for(main: MainReport) -> tuple[TextFile, ...]:
    """Of every section that may have a text, in the order of the pages."""
    found = [part for chapter in main.whole if chapter.own_text for part in chapter.parts]
    return tuple(
        TextFile(anchor=part.anchor, title=part.title, name=f"{number:02}-{part.anchor}{SUFFIX}")
        for number, part in enumerate(found, start=1)
    )


def folder_of(plan: Path) -> Path:
    """Where the texts of a plan stand."""
    return plan.with_name(f"{plan.stem}-teksten")


def is_text(name: str) -> bool:
    """Also of a file that Windows gave a second ending, so that it is refused and not overlooked."""
    return name.endswith(_SUFFIXES) and not name.startswith(".")


def starters(  # noqa: PLR0913 - what a file to begin with is made of
    phrases: Phrases,
    wanted: Iterable[TextFile],
    there: Iterable[str],
    *,
    blocks: str,
    example: str,
    listing: str,
) -> dict[str, str]:
    """A file to begin with for each section without one `there`; the conclusions hold the `blocks`."""
    written = {_anchor(name) for name in there}
    return {
        file.name: phrases.say(
            _EXPLANATION,
            title=file.title,
            example=example,
            listing=listing,
            blocks=phrases.say(_BLOCKS) if file.anchor == CLOSING else "",
        )
        + (f"\n{blocks}\n" if file.anchor == CLOSING else "")
        for file in wanted
        if file.anchor not in written
    }


def read(
    files: Mapping[str, bytes],
    wanted: Sequence[TextFile],
    known: Mapping[str, str | Withheld],
    phrases: Phrases,
) -> Texts:
    """The texts in files by their names, with their references filled in.

    A file belongs to the section that its name ends in, whatever its number. Raises InputError with every
    problem.
    """
    problems: list[Problem] = []
    by_anchor: dict[str, tuple[str, Prose]] = {}
    anchors = [file.anchor for file in wanted]
    for name, data in sorted(files.items()):
        findings, anchor = Findings(name), _anchor(name)
        if anchor not in anchors:
            near = get_close_matches(anchor, anchors, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(anchors)}."
            findings.error("WA311", "", f"The report has no section {anchor} that may have a text. {hint}")
        elif anchor in by_anchor:
            other = by_anchor[anchor][0]
            findings.error("WA312", "", f"{other} is a text for the same section. Put them into one file.")
        else:
            text = _decoded(data, findings)
            by_anchor[anchor] = (name, parse(text, known, findings, phrases))
        problems += findings
    if problems:
        raise InputError(problems)
    named = [
        replace(file, name=by_anchor[file.anchor][0]) if file.anchor in by_anchor else file for file in wanted
    ]
    prose = {anchor: text for anchor, (_, text) in by_anchor.items()}
    return Texts(prose=prose, review=_review(named, prose))


def told(main: MainReport, texts: Texts, *, draft: bool) -> MainReport:
    """The report with its texts; chapters that would be empty are left out."""
    return replace(
        main,
        chapters=_all_told(main.chapters, texts.prose),
        annexes=_all_told(main.annexes, texts.prose),
        review=texts.review if draft else None,
    )


def _all_told(chapters: Iterable[Chapter], prose: Mapping[str, Prose]) -> tuple[Chapter, ...]:
    found = (_told(chapter, prose) for chapter in chapters)
    return tuple(chapter for chapter in found if not _empty(chapter))


def _told(chapter: Chapter, prose: Mapping[str, Prose]) -> Chapter:
    sections = tuple(replace(section, text=prose.get(section.anchor)) for section in chapter.sections)
    return replace(chapter, text=prose.get(chapter.anchor), sections=sections)


def _empty(chapter: Chapter) -> bool:
    text = chapter.text is not None and bool(chapter.text.tokens)
    return not (
        text or chapter.lead or chapter.paragraphs or chapter.figures or chapter.quotes or chapter.sections
    )


def _review(wanted: Sequence[TextFile], prose: Mapping[str, Prose]) -> Review:
    return Review(
        missing=tuple(file for file in wanted if file.anchor not in prose or not prose[file.anchor].written),
        notes=tuple(_notes(wanted, prose)),
    )


def _notes(wanted: Sequence[TextFile], prose: Mapping[str, Prose]) -> Iterator[Noted]:
    for file in wanted:
        if file.anchor in prose:
            for remark in prose[file.anchor].remarks:
                yield Noted(file=file, remark=remark)


def _anchor(name: str) -> str:
    found = _NUMBERED.fullmatch(name)
    return found[1] if found else name


def _decoded(data: bytes, findings: Findings) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        findings.error("WA313", f"line {line}", "This is no UTF-8. Save the file as plain text in UTF-8.")
        return ""
