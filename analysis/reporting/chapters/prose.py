"""The evaluator's own text: Markdown whose figures are references, filled in from what is published.

Besides ordinary Markdown (headings, lists, emphasis, quotes, links) a text knows two marks at the start of
a paragraph: `[!opmerking]` is a comment that only a draft shows, `[!bouwsteen]` a sentence that the program
made and nobody has adopted yet.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup, escape
from msgspec import Struct

from analysis.reporting.phrases import Phrases, later
from survey.questionnaires.problems import Findings

COMMENT = later("opmerking")
BLOCK = later("bouwsteen")
"""What stands between [! and ] before a comment, or a paragraph that was made from figures."""

_COMMENT_MARKS = frozenset({"opmerking", "comment"})
_BLOCK_MARKS = frozenset({"bouwsteen", "block"})
"""In every language that a report can be in: a mark is never left standing in a printed text."""

Kind = Literal["comment", "block", "withheld", "typed"]

_MARK = re.compile(r"\[!(\w+)\] *")
_COMMENTS = re.compile(rf"^\[!(?:{'|'.join(sorted(_COMMENT_MARKS))})\] *", re.IGNORECASE | re.MULTILINE)
_AUTHOR = re.compile(r"([^:\n]{1,60}): +")
_NAME = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_HIDDEN = re.compile(r"\s*(?:<!--.*?-->\s*)+", re.DOTALL)
_LINK = re.compile(r"(?:https?://|mailto:).", re.IGNORECASE)
_TYPED = {
    "nl": re.compile(
        r"""
    \d+(?:[.,]\d+)?\s?(?:%|procent)             # 61%, 61 procentpunten
    | (?<![\d.,€])(?<!€\s)\d+,\d+               # 7,1
    | \b(?:cijfer|gemiddelde?|een)\s\d{1,2}\b   # een 7
    | \bn\s?=\s?\d[\d.]*                        # n = 1.818
    | \bmarge\s\d+
    | \d+\s(?:van|op)\sde\s\d+                  # 6 van de 10
    """,
        re.IGNORECASE | re.VERBOSE,
    ),
    "en": re.compile(
        r"""
    \d+(?:[.,]\d+)?\s?(?:%|per\s?cent)                 # 61%, 61 percentage points
    | (?<![\d.,€])(?<!€\s)\d+\.\d+                      # 7.1
    | \b(?:grade|mean|average|an?)\s(?:of\s)?\d{1,2}\b  # a 7
    | \bn\s?=\s?\d[\d,]*                                # n = 1,818
    | \bmargin\s\d+
    | \d+\s(?:out\s)?of\s(?:the\s)?\d+                  # 6 out of 10
    """,
        re.IGNORECASE | re.VERBOSE,
    ),
}
"""By language, how a text that should have been a reference tells a figure."""


class TextRemark(Struct, frozen=True, kw_only=True):
    """What a reader of the draft must know about a line of the text."""

    kind: Kind
    line: int
    text: str


class Withheld(Struct, frozen=True):
    """A figure that may not be quoted: the words that say why."""

    words: str


class Prose(Struct, frozen=True, kw_only=True):
    """A text that can be printed. `written`: it says more than comments, headings and building blocks."""

    tokens: tuple[Token, ...]
    remarks: tuple[TextRemark, ...]
    written: bool

    @property
    def printed(self) -> bool:
        """Whether anything but comments is left of it."""
        return any(token.type != "comment" for token in self.tokens)

    def html(self, level: int, *, comment: str = "") -> Markup:
        """The text, its highest heading h`level`; `comment` stands before each comment; without it, none."""
        env = {"level": level, "comment": comment}
        return Markup(_MARKDOWN.renderer.render(self.tokens, _MARKDOWN.options, env))  # noqa: S704 - escaped


def parse(text: str, known: Mapping[str, str | Withheld], findings: Findings, phrases: Phrases) -> Prose:
    """The text with its references filled in from `known`; the words of what is withheld stand in its place.

    What cannot be printed is an error in `findings`, with its line.
    """
    tokens = [
        token
        for token in _MARKDOWN.parse(text)
        if token.type != "html_block" or not _hidden(token, _line(token), findings)
    ]
    remarks: list[TextRemark] = []
    block = written = False
    for place, token in enumerate(tokens):
        line = _line(token)
        if token.type == "comment":
            remarks.append(TextRemark(kind="comment", line=line, text=_said(token)))
        elif token.type == "paragraph_open":
            block = "block" in token.meta
        elif token.type == "inline":
            remarks += _filled(token, known, findings, phrases)
            heading = tokens[place - 1].type == "heading_open"
            if block and not heading:
                remarks.append(TextRemark(kind="block", line=line, text=_plain(token)))
            written |= not heading and not block
            if heading and not _plain(token).strip():
                findings.error(
                    "WA305", f"line {line}", "This heading has no words. Write them, or remove it."
                )
    _nest(tokens)
    return Prose(tokens=tuple(tokens), remarks=tuple(remarks), written=written)


# --- marks ----------------------------------------------------------------------------------------


def _marks(state: StateCore) -> None:
    """Between blocks and their contents: quotes that are comments, and paragraphs that begin with a mark."""
    found: list[Token] = []
    tokens = iter(state.tokens)
    for token in tokens:
        if token.type == "blockquote_open":
            inside = [token, *_until_closed(tokens, token)]
            first = next((each for each in inside if each.type == "inline"), None)
            if first is not None and _COMMENTS.match(first.content):
                found += _comments([each for each in inside if each.type == "inline"])
            else:
                found += inside
        else:
            found.append(token)
    state.tokens = list(_paragraphs(found))


def _until_closed(tokens: Iterator[Token], opening: Token) -> Iterator[Token]:
    for token in tokens:
        yield token
        if token.type == "blockquote_close" and token.level == opening.level:
            return


def _paragraphs(tokens: Sequence[Token]) -> Iterator[Token]:
    """Paragraphs with `[!opmerking]` as comments, those with `[!bouwsteen]` marked."""
    waiting = iter(tokens)
    for token in waiting:
        if token.type != "paragraph_open":
            yield token
            continue
        inline, closing = next(waiting), next(waiting)
        mark = _MARK.match(inline.content)
        if mark is not None and mark[1].lower() in _COMMENT_MARKS:
            yield from _comments([inline])
            continue
        if mark is not None and mark[1].lower() in _BLOCK_MARKS:
            token.meta["block"] = True
            token.attrSet("class", "block")
            inline.meta["block"] = True
            inline.content = inline.content[mark.end() :]
        yield from (token, inline, closing)


def _comments(inlines: Sequence[Token]) -> Iterator[Token]:
    """A token for each comment; a paragraph without the mark goes on with the comment before it."""
    for inline in inlines:
        starts = [0, *(found.start() for found in _COMMENTS.finditer(inline.content) if found.start())]
        for start, end in zip(starts, [*starts[1:], len(inline.content)], strict=True):
            line = _line(inline) + inline.content[:start].count("\n")
            text = _COMMENTS.sub("", inline.content[start:end]).strip()
            author = _AUTHOR.match(text)
            yield Token(
                "comment",
                "",
                0,
                content=text[author.end() :] if author else text,
                meta={"author": author[1] if author else ""},
                map=[line - 1, line],
            )


def _said(comment: Token) -> str:
    author = comment.meta["author"]
    return f"{author}: {comment.content}" if author else comment.content


# --- contents -------------------------------------------------------------------------------------


def _reference(state: StateInline, silent: bool) -> bool:
    """`{{ name }}`; what begins with {{ and is nothing of the kind is a reference to nothing."""
    if not state.src.startswith("{{", state.pos):
        return False
    found = _NAME.match(state.src, state.pos)
    if not silent:
        token = state.push("reference", "", 0)
        token.content = found[1] if found else ""
    state.pos = found.end() if found else state.pos + 2
    return True


def _filled(
    inline: Token, known: Mapping[str, str | Withheld], findings: Findings, phrases: Phrases
) -> Iterator[TextRemark]:
    """Fill in the references of a paragraph or heading, and tell of it what there is to tell."""
    line = _line(inline)
    children = []
    for child in inline.children or ():
        place = f"line {line}"
        if child.type in {"softbreak", "hardbreak"}:
            line += 1
        elif child.type == "reference":
            yield from _filled_in(child, known, line, findings)
        elif child.type == "text":
            yield from (
                TextRemark(kind="typed", line=line, text=found[0])
                for found in _TYPED[phrases.tag].finditer(child.content)
            )
            if mark := _MARK.search(child.content):
                _refuse_mark(mark, place, findings, phrases)
        elif child.type == "link_open" and not _LINK.match(str(child.attrGet("href"))):
            findings.error(
                "WA304",
                place,
                f"{child.attrGet('href')} is no address of a page. Write it in full, with https://.",
            )
        if child.type != "html_inline" or not _hidden(child, line, findings):
            children.append(child)
        elif "\n" in child.content:
            line += child.content.count("\n")
    for before, after in pairwise(children):
        if before.type == "link_open" and after.type == "link_close":
            findings.error("WA304", f"line {line}", "This link has no words. Write them between [ and ].")
    if "block" in inline.meta:
        children = [
            Token("strong_open", "strong", 1),
            Token("text", "", 0, content=phrases.say("Bouwsteen:")),
            Token("strong_close", "strong", -1),
            Token("text", "", 0, content=" "),
            *children,
        ]
    inline.children = children


def _filled_in(
    token: Token, known: Mapping[str, str | Withheld], line: int, findings: Findings
) -> Iterator[TextRemark]:
    name = token.content
    if not name:
        findings.error(
            "WA303", f"line {line}", "A reference ends with }}, and has a name: {{ knows_house }}."
        )
    elif name not in known:
        near = get_close_matches(name, known, n=3)
        hint = f"Did you mean {', '.join(near)}?" if near else "verwijzingen.csv lists all names."
        findings.error("WA301", f"line {line}", f"There is no figure {{{{ {name} }}}}. {hint}")
    else:
        value = known[name]
        if isinstance(value, Withheld):
            yield TextRemark(kind="withheld", line=line, text=name)
        token.content = value.words if isinstance(value, Withheld) else value


def _refuse_mark(mark: re.Match[str], place: str, findings: Findings, phrases: Phrases) -> None:
    known = mark[1].lower() in _COMMENT_MARKS | _BLOCK_MARKS
    findings.error(
        "WA306",
        place,
        f"{mark[0].strip()} begins a paragraph: put an empty line before it."
        if known
        else f"There is no mark {mark[0].strip()}. There are: [!{phrases.say(COMMENT)}] and "
        f"[!{phrases.say(BLOCK)}].",
    )


def _hidden(token: Token, line: int, findings: Findings) -> bool:
    """True of <!-- what nobody prints -->; any other HTML is refused."""
    if not _HIDDEN.fullmatch(token.content):
        findings.error(
            "WA302",
            f"line {line}",
            f"{token.content.strip().splitlines()[0]:.40} is HTML, which is not printed. Write Markdown, and "
            "end what is not to be printed with -->.",
        )
    return True


def _plain(inline: Token) -> str:
    """The words of a paragraph, as they are printed."""
    # The first four say that the paragraph is a building block.
    children = (inline.children or [])[4 if "block" in inline.meta else 0 :]
    return "".join(" " if child.type in {"softbreak", "hardbreak"} else child.content for child in children)


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _nest(tokens: Sequence[Token]) -> None:
    """Give every heading a depth from 1 that is never more than one below the heading before it."""
    above: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            while above and above[-1] >= token.tag:
                above.pop()
            above.append(token.tag)
        if token.type in {"heading_open", "heading_close"}:
            token.meta["depth"] = len(above)


# --- printing -------------------------------------------------------------------------------------


def _heading(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Mapping[str, Any]
) -> str:
    name = f"h{min(env['level'] + tokens[place].meta['depth'] - 1, 6)}"
    return f"<{name}>" if tokens[place].nesting == 1 else f"</{name}>\n"


def _printed_reference(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Mapping[str, Any]
) -> str:
    return str(escape(tokens[place].content))


def _printed_comment(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Mapping[str, Any]
) -> str:
    if not env["comment"]:
        return ""
    return (
        f'<p class="comment"><strong>{escape(env["comment"])}</strong> {escape(_said(tokens[place]))}</p>\n'
    )


def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": True})
    made.disable(["backticks", "code", "fence", "hr", "image", "lheading"])
    made.core.ruler.after("block", "marks", _marks)
    made.inline.ruler.before("emphasis", "reference", _reference)
    for name, rule in (
        ("heading_open", _heading),
        ("heading_close", _heading),
        ("reference", _printed_reference),
        ("comment", _printed_comment),
    ):
        made.add_render_rule(name, rule)
    return made


_MARKDOWN = _markdown()
