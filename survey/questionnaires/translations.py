"""Translations: PO catalogues whose context is the key of a text, and looking a sentence up.

A translation counts as long as its source sentence (msgid) is the one in the questionnaire; when that
changes, the translation is stale: it is not shown until a translator has looked at it again.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, cast, get_args

import polib
from msgspec import Struct

from survey.questionnaires.answers import options_of
from survey.questionnaires.decoding import decode_text, is_date
from survey.questionnaires.model import Catalogue, CatalogueState, Questionnaire, Text
from survey.questionnaires.problems import Findings

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
"""An insert in a text: `{area}`, `{house}`, `{answer.q7}`."""

LANGUAGE_TAG = r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*"
"""A BCP 47 tag, for instance `en` or `nl-x-simpel`."""

_PO_LINE = re.compile(r'#.*|(?:(?:msgctxt|msgid|msgstr)\s*)?"(?:[^"\\]|\\.)*"')
"""A comment or a quoted string with or without keyword: polib reads an unclosed string as an empty one."""

AREA_UNKNOWN = "area_unknown"
"""The insert that stands in for `{area}` when the area of a resident is not known."""

MARKUP = re.compile(r"<[/!]?[a-zA-Z][^<>]*>|&[a-zA-Z]+;|&#\d+;")
"""HTML, which residents would see as it is written: every text is plain."""

NUMBER = re.compile(r"\d+")
"""A number in figures: an age, a number of days, a code. A translation says the same ones."""


def texts(part: object) -> Iterator[Text]:
    """Every text inside a part of a questionnaire, in reading order; one used twice comes twice."""
    if isinstance(part, Text):
        yield part
    elif isinstance(part, Struct):
        for name in part.__struct_fields__:
            yield from texts(getattr(part, name))
    elif isinstance(part, tuple):
        for member in part:
            yield from texts(member)
    elif isinstance(part, Mapping):
        for member in part.values():
            yield from texts(member)


@lru_cache(maxsize=64)
def reachable_texts(questionnaire: Questionnaire) -> tuple[Text, ...]:
    """Every text that a resident can meet, once each.

    Not: inserts that no text uses, and options of other areas than the question is asked in.
    """
    found = {text.key: text for text in texts(questionnaire)}
    for key in _never_offered(questionnaire):
        del found[key]
    used = {name for text in found.values() for name in PLACEHOLDER.findall(text.source)}
    if "area" in used:
        used.add(AREA_UNKNOWN)
    for insert in questionnaire.inserts:
        if insert.key not in used:
            for text in texts(insert):
                del found[text.key]
    return tuple(found.values())


def _never_offered(questionnaire: Questionnaire) -> set[str]:
    """The keys of the texts of options that stand only in questions of other areas."""
    offered: dict[bool, set[str]] = {True: set(), False: set()}
    for question in (question for block in questionnaire.blocks for question in block.questions):
        for option in options_of(question):
            meets = not (question.areas and option.areas) or not {*question.areas}.isdisjoint(option.areas)
            offered[meets].update(text.key for text in texts((option.label, option.stop)))
    return offered[False] - offered[True]


def translate(questionnaire: Questionnaire, text: Text, tag: str) -> tuple[str, str]:
    """The sentence in the language `tag`, or in the source language, with the tag that it is in."""
    sentence = _sentences(questionnaire).get(tag, _NOTHING).get(text.key)
    return (text.source, questionnaire.source_language) if sentence is None else (sentence, tag)


_NOTHING: dict[str, str] = {}


@lru_cache(maxsize=64)
def _sentences(questionnaire: Questionnaire) -> dict[str, dict[str, str]]:
    return {catalogue.tag: catalogue.sentences for catalogue in questionnaire.catalogues}


def parse_catalogue(
    tag: str, data: bytes, questionnaire: Questionnaire | None, findings: Findings
) -> Catalogue | None:
    """The translations in a PO file that can be shown now.

    Without the questionnaire (it could not be read itself) only the file's own form is checked.
    """
    written = _read(tag, data, findings)
    if written is None:
        return None
    if questionnaire is not None and _is_source(tag, questionnaire, findings):
        return None
    _check_language(tag, written.metadata, findings)
    header = _header(written.metadata, findings)
    _check_contexts(written, findings)
    sentences: dict[str, str] = {}
    if questionnaire is not None:
        sentences = dict(_current(written, questionnaire, findings, complete=header.state != "prepared"))
    return Catalogue(tag=tag, sentences=sentences, **header._asdict())


def _read(tag: str, data: bytes, findings: Findings) -> polib.POFile | None:
    if not re.fullmatch(LANGUAGE_TAG, tag):
        findings.error(
            "WP402",
            "",
            f"`{tag}` is not a language tag: two or three small letters, then parts of at most eight "
            "letters or digits. Name the file for instance en.po.",
        )
        return None
    text = decode_text(data, findings)
    if text is None:
        return None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not _PO_LINE.fullmatch(line.strip()):
            findings.error(
                "WP401", f"line {number}", "This is not a line of a PO file; look at its quotation marks."
            )
    if list(findings):
        return None
    try:
        return polib.pofile(text + "\n")
    except (OSError, ValueError) as error:
        lines = re.findall(r"\(line (\d+)\)", str(error))
        where = f"line {lines[-1]}" if lines else ""
        findings.error("WP401", where, "An entry is not complete: msgctxt, msgid, msgstr in this order.")
        return None


def _check_language(tag: str, metadata: dict[str, str], findings: Findings) -> None:
    language = metadata.get("Language", "").strip().replace("_", "-")
    if language.lower() not in {"", tag.lower()}:
        findings.error("WP407", "line 1", f"The header says `Language: {language}`, the file name `{tag}`.")


class _Header(NamedTuple):
    """The fields of a catalogue that stand in the header of its file."""

    state: CatalogueState
    reviewer: str | None
    reviewed_on: str | None


def _header(metadata: dict[str, str], findings: Findings) -> _Header:
    state = metadata.get("X-State", "")
    reviewer, day = (metadata.get(name, "").strip() or None for name in ("X-Reviewer", "X-Reviewed-On"))
    if state not in get_args(CatalogueState):
        findings.error("WP403", "line 1", "The header must hold `X-State: prepared`, `draft` or `reviewed`.")
        state = "draft"
    if state == "reviewed" and (reviewer is None or day is None or not is_date(day)):
        findings.error(
            "WP403",
            "line 1",
            "A reviewed catalogue says in its header who did it and when: `X-Reviewer: ...` and "
            "`X-Reviewed-On: 2027-05-01`.",
        )
    return _Header(cast("CatalogueState", state), reviewer, day)


def _check_contexts(written: polib.POFile, findings: Findings) -> None:
    seen = Counter(entry.msgctxt for entry in written if not entry.obsolete)
    for context, times in seen.items():
        if not context:
            findings.error("WP404", "", "An entry has no msgctxt. Each entry needs the key of its text.")
        elif times > 1:
            findings.error("WP404", context, "This text has more than one entry. Keep one.")


def _is_source(tag: str, questionnaire: Questionnaire, findings: Findings) -> bool:
    same = tag == questionnaire.source_language
    if same:
        findings.error(
            "WP408",
            "",
            f"The questionnaire itself is in `{tag}`. Change its texts in questionnaire.toml; "
            "a catalogue is for another language.",
        )
    return same


def _current(
    written: polib.POFile, questionnaire: Questionnaire, findings: Findings, *, complete: bool
) -> Iterator[tuple[str, str]]:
    """Key and sentence of what can be shown; `complete` says that a missing translation is worth advice."""
    sources = {text.key: text.source for text in reachable_texts(questionnaire)}
    entries = {entry.msgctxt: entry for entry in written if entry.msgctxt and not entry.obsolete}
    for key, source in sources.items():
        entry = entries.get(key)
        if entry is None or not entry.msgstr.strip():
            if complete:
                findings.advise("WP411", key, "Not translated yet; residents read the source language here.")
        elif entry.msgid != source or entry.fuzzy:
            findings.advise(
                "WP412", key, "The source text has changed since; look at this translation again."
            )
        elif not (faults := list(_sentence_faults(source, entry.msgstr))):
            yield key, entry.msgstr
        else:
            for code, message in faults:
                findings.error(code, key, message)
    for key in entries:
        if key not in sources:
            findings.advise("WP413", key, "No text of this questionnaire has this key; remove the entry.")


def _sentence_faults(source: str, sentence: str) -> Iterator[tuple[str, str]]:
    expected, found = set(PLACEHOLDER.findall(source)), set(PLACEHOLDER.findall(sentence))
    if expected != found:
        names = ", ".join(f"{{{name}}}" for name in sorted(expected ^ found))
        yield "WP405", f"The same inserts must stand in source and translation; look at {names}."
    if MARKUP.search(sentence):
        yield "WP406", "HTML is shown to residents as it is written. Use plain text."
    numbers, said = (Counter(NUMBER.findall(PLACEHOLDER.sub("", text))) for text in (source, sentence))
    if numbers != said:
        differing = ", ".join(sorted({*(numbers - said), *(said - numbers)}))
        yield (
            "WP409",
            f"The same numbers must stand in source and translation, in figures; look at {differing}.",
        )


def states(questionnaire: Questionnaire) -> Iterator[str]:
    """Per catalogue a line for researchers: how far it is, and whether somebody has approved it."""
    total = len(reachable_texts(questionnaire))
    for catalogue in questionnaire.catalogues:
        yield f"{catalogue.tag}: {len(catalogue.sentences)} of {total} texts; {_approval(catalogue)}."


def _approval(catalogue: Catalogue) -> str:
    return {
        "prepared": "prepared, not offered to residents until X-State says draft",
        "draft": "draft, no native reader has approved it",
        "reviewed": f"reviewed by {catalogue.reviewer} on {catalogue.reviewed_on}",
    }[catalogue.state]


class Updated(Struct, frozen=True, kw_only=True):
    """A PO file brought up to date (bytes), and how many of its texts stand how."""

    file: bytes
    translated: int
    changed: int
    missing: int
    unused: int


def update_catalogue(
    questionnaire: Questionnaire, tag: str, existing: bytes, findings: Findings
) -> Updated | None:
    """The PO file of a language with an entry for every text, in reading order.

    Translations stay. One whose source text changed is marked fuzzy, with the sentence that it was made
    for beside it; one whose text is gone is kept as obsolete, for when it comes back. `existing` is the
    file so far, empty for a new language; None (after reporting) when it cannot be read.
    """
    written = _read(tag, existing, findings)
    if written is None or _is_source(tag, questionnaire, findings):
        return None
    former = {entry.msgctxt: entry for entry in written}
    made_for = _questions_of_texts(questionnaire)
    updated = polib.POFile()
    updated.metadata = written.metadata or _new_header(questionnaire.key, tag)
    updated.header = written.header or questionnaire.title.source
    for text in reachable_texts(questionnaire):
        updated.append(_updated_entry(text, former.pop(text.key, None), made_for.get(text.key, "")))
    for entry in former.values():
        if entry.msgctxt and entry.msgstr:
            entry.obsolete = True
            updated.append(entry)
    current = [entry for entry in updated if not entry.obsolete]
    changed = sum(entry.fuzzy for entry in current)
    missing = sum(not entry.msgstr for entry in current)
    return Updated(
        file=f"{updated}\n".encode(),
        translated=len(current) - changed - missing,
        changed=changed,
        missing=missing,
        unused=len(updated) - len(current),
    )


def _new_header(project: str, tag: str) -> dict[str, str]:
    return {
        "Project-Id-Version": project,
        "Language": tag,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "X-State": "prepared",
        "X-Reviewer": "",
        "X-Reviewed-On": "",
    }


def _questions_of_texts(questionnaire: Questionnaire) -> dict[str, str]:
    """Per text key the question that it belongs to (the first one), as a translator needs to know it."""
    found: dict[str, str] = {}
    for question in (question for block in questionnaire.blocks for question in block.questions):
        for text in texts(question):
            if text is not question.label:
                found.setdefault(text.key, question.label.source)
    return found


def _updated_entry(text: Text, former: polib.POEntry | None, question: str) -> polib.POEntry:
    entry = polib.POEntry(msgctxt=text.key, msgid=text.source, comment=question)
    if former is None:
        return entry
    entry.msgstr, entry.tcomment, entry.flags = former.msgstr, former.tcomment, former.flags
    if former.msgstr and former.msgid != text.source:
        entry.previous_msgid = former.msgid
        entry.flags = [*(flag for flag in former.flags if flag != "fuzzy"), "fuzzy"]
    elif former.fuzzy:
        entry.previous_msgid = former.previous_msgid
    return entry
