"""What is asked of every page, measured in the browser itself."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 640}
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

RUN_AXE = """options => axe.run(document, options).then(result => result.violations.map(
    violation => violation.id + ': ' + violation.nodes.map(node => node.html).join(' | ')))"""

SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, summary, label, select, input, textarea')]
    .filter(element => element.checkVisibility() && !element.closest('.rs-hidden')
        && !element.matches('h1 label, input[type=hidden], .utrecht-skip-link, label.utrecht-form-label')
        && !element.matches('.rs-choice__input, .rs-problem a'))
    .map(element => [element.outerHTML.slice(0, 90), element.getBoundingClientRect()])
    .filter(([html, box]) => box.height < 44 || box.width < 44)
    .map(([html, box]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${html}`)"""

TOO_WIDE = """sizes => {
    const root = document.documentElement;
    const wide = sizes.filter(size => {
        root.style.fontSize = size;
        return root.scrollWidth > root.clientWidth;
    });
    root.style.fontSize = '';
    return wide.map(size => `${root.clientWidth} px wide, text ${size}`);
}"""


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, or against the named rules only."""
    run_only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG_22_AA}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN_AXE, {"runOnly": run_only, "resultTypes": ["violations"]})
    return found


def small_targets(page: Page) -> list[str]:
    """What can be pressed and is smaller than 44 by 44 CSS pixels."""
    found: list[str] = page.evaluate(SMALL_TARGETS)
    return found


def overflows(page: Page) -> list[str]:
    """The circumstances under which the page has to be scrolled sideways on the smallest phone."""
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    found = too_wide(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return found


def too_wide(page: Page) -> list[str]:
    """The sizes of text at which the page has to be scrolled sideways."""
    found: list[str] = page.evaluate(TOO_WIDE, ["100%", "200%"])
    return found


def faults_of_page(page: Page) -> list[str]:
    """Everything that is wrong with the page as it stands."""
    return violations(page) + small_targets(page) + overflows(page)


def pale_in_the_dark(page: Page) -> list[str]:
    """What has too little contrast in the dark colours."""
    page.emulate_media(color_scheme="dark")
    found = violations(page, "color-contrast")
    page.emulate_media(color_scheme="light")
    return found


def pale_in_high_contrast(page: Page) -> list[str]:
    """What has too little contrast when more of it is asked for."""
    page.emulate_media(contrast="more")
    found = violations(page, "color-contrast")
    page.emulate_media(contrast="no-preference")
    return found


def spoken(page: Page) -> str:
    """What a screen reader gets: role, name, description and state of each thing in the main part."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return "\n".join(_lines(nodes)) + "\n"


PIECES = {"heading", "radio", "checkbox", "link", "button", "term", "textbox", "DisclosureTriangle"}
"""What is said as one thing: its name holds the words inside."""

UNSAID = {"LabelText", "ListMarker"}

SAID_AS = {"StaticText": "text", "DisclosureTriangle": "disclosure"}


def _lines(nodes: list[dict[str, Any]]) -> list[str]:
    main = next(node for node in nodes if node.get("role", {}).get("value") == "main")
    by_id = {node["nodeId"]: node for node in nodes}
    return [line for child in main["childIds"] for line in _spoken(by_id[child], by_id, 0)]


def _spoken(node: dict[str, Any], by_id: dict[str, dict[str, Any]], depth: int) -> list[str]:
    role, name = node.get("role", {}).get("value", "none"), node.get("name", {}).get("value", "")
    if role in UNSAID:
        return []
    said = (not node["ignored"] and name.strip() != "") or role == "textbox"
    lines = ["  " * depth + _line(node, role, name)] if said else []
    if role in PIECES or role == "StaticText":
        return lines
    for child in node.get("childIds", ()):
        lines += _spoken(by_id[child], by_id, depth + 1 if said else depth)
    return lines


def _line(node: dict[str, Any], role: str, name: str) -> str:
    states = {state["name"]: state["value"].get("value") for state in node.get("properties", ())}
    said = [SAID_AS.get(role, role), f'"{name}"']
    if "level" in states:
        said.insert(1, str(states["level"]))
    if node.get("description", {}).get("value"):
        said.append(f'described "{node["description"]["value"]}"')
    if node.get("value", {}).get("value"):
        said.append(f'value "{node["value"]["value"]}"')
    said += [word for word in ("checked", "invalid") if states.get(word) == "true"]
    if "expanded" in states:
        said.append("open" if states["expanded"] else "closed")
    return " ".join(said)
