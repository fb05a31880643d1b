"""What a style sheet asks of a browser, in the names of MDN's browser-compat-data.

The names: `css.properties.NAME`, `css.properties.NAME.KEYWORD`, `css.properties.gap.flex_context`,
`css.selectors.NAME`, `css.types.FUNCTION`, `css.at-rules.NAME` and `css.at-rules.media.FEATURE`.
"""

import re
from collections.abc import Iterable, Iterator

import tinycss2
from msgspec import Struct
from tinycss2.ast import AtRule, Declaration, FunctionBlock, IdentToken, LiteralToken, Node, QualifiedRule

FLEX = {"flex", "inline-flex"}


class Use(Struct, frozen=True):
    """A feature and the line it stands on; `covered` by the same property before it, in an older way."""

    feature: str
    line: int
    covered: bool = False


def features(css: str) -> list[Use]:
    """Every feature of a style sheet, but for what stands within `@supports`."""
    return list(_of_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)))


def _of_rules(rules: Iterable[Node]) -> Iterator[Use]:
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            yield from _of_selectors(rule)
            yield from _of_declarations(rule.content)
        elif isinstance(rule, AtRule):
            yield Use(f"css.at-rules.{rule.lower_at_keyword}", rule.source_line)
            if rule.lower_at_keyword == "media":
                for feature in re.findall(r"\(\s*(?:min-|max-)?([\w-]+)", tinycss2.serialize(rule.prelude)):
                    yield Use(f"css.at-rules.media.{feature}", rule.source_line)
                yield from _of_rules(tinycss2.parse_rule_list(rule.content, skip_whitespace=True))


def _of_selectors(rule: QualifiedRule) -> Iterator[Use]:
    """Pseudo-classes and -elements; one that is not in every selector of a list takes the others down."""
    selectors = [_pseudos(part) for part in _split(rule.prelude)]
    for pseudo in set().union(*selectors):
        alone = all(pseudo in selector for selector in selectors)
        yield Use(f"css.selectors.{pseudo}{'' if alone else ' in a list'}", rule.source_line)


def _split(prelude: Iterable[Node]) -> list[list[Node]]:
    parts: list[list[Node]] = [[]]
    for node in prelude:
        if node == ",":
            parts.append([])
        else:
            parts[-1].append(node)
    return parts


def _pseudos(nodes: list[Node]) -> set[str]:
    found: set[str] = set()
    for before, node in zip([None, *nodes], nodes, strict=False):
        after_colon = isinstance(before, LiteralToken) and before.value in {":", "::"}
        if after_colon and isinstance(node, IdentToken):
            found.add(node.lower_value)
        elif after_colon and isinstance(node, FunctionBlock):
            found |= {node.lower_name} | _pseudos(node.arguments)
    return found


def _of_declarations(content: Iterable[Node]) -> Iterator[Use]:
    declared = [one for one in tinycss2.parse_blocks_contents(content) if isinstance(one, Declaration)]
    names = [one.lower_name for one in declared]
    flex = any(one.lower_name == "display" and _words(one.value) & FLEX for one in declared)
    for number, one in enumerate(declared):
        covered = bool({one.lower_name, f"-webkit-{one.lower_name}"}.intersection(names[:number]))
        if one.name.startswith("--"):
            yield Use("css.properties.custom-property", one.source_line)
        elif not one.name.startswith("-"):
            name = f"css.properties.{one.lower_name}"
            context = ".flex_context" if flex and one.lower_name in {"gap", "row-gap", "column-gap"} else ""
            yield Use(name + context, one.source_line, covered)
            for word in _words(one.value):
                yield Use(f"{name}.{word}", one.source_line, covered)
        for function in _functions(one.value):
            yield Use(f"css.types.{function}", one.source_line, covered)


def _words(value: Iterable[Node]) -> set[str]:
    return {node.lower_value for node in value if isinstance(node, IdentToken)}


def _functions(value: Iterable[Node]) -> Iterator[str]:
    for node in value:
        if isinstance(node, FunctionBlock):
            yield node.lower_name
            yield from _functions(node.arguments)
