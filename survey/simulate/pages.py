"""Reading a page as a browser does: its form, what can be chosen on it, and its links."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser, LexborNode

Fields = tuple[tuple[str, str], ...]
"""Names and values in the order in which a browser sends them."""


class Button(Struct, frozen=True, kw_only=True):
    name: str | None
    value: str


class Form(Struct, frozen=True, kw_only=True):
    """A form: where it goes, its hidden fields, what its fields offer, where one can type, its buttons."""

    action: str
    hidden: Fields
    offers: dict[str, tuple[str, ...]]
    typed: frozenset[str]
    buttons: tuple[Button, ...]

    def button(self, name: str | None) -> Button | None:
        return next((button for button in self.buttons if button.name == name), None)

    def filled(self, values: Mapping[str, Sequence[str]], button: str | None = None) -> Fields:
        """What a browser sends with these fields filled in, sent with the button of this name.

        Raises KeyError when there is no such button, ValueError when a field does not offer a value.
        """
        for name, chosen in values.items():
            unknown = [value for value in chosen if value not in self.offers.get(name, ())]
            if unknown and name not in self.typed:
                raise ValueError(f"{name} does not offer {', '.join(unknown)}")
        fields = [*self.hidden, *((name, value) for name, chosen in values.items() for value in chosen)]
        if button is not None:
            pressed = self.button(button)
            if pressed is None:
                raise KeyError(button)
            fields.append((button, pressed.value))
        return tuple(fields)


class Page(Struct, frozen=True, kw_only=True):
    """A page: its form that posts (if any), its links by `rel` and address, and the words of a receipt."""

    form: Form | None
    links: tuple[tuple[str, str], ...]
    receipt: tuple[str, ...] = ()

    def link(self, ending: str) -> str | None:
        """The first link whose path ends like this."""
        return next((href for _rel, href in self.links if href.partition("?")[0].endswith(ending)), None)

    def related(self, rel: str) -> str | None:
        """The link with this `rel`, such as `prev`."""
        return next((href for found, href in self.links if found == rel), None)


def read_page(html: bytes) -> Page:
    """The page in an HTML document; of several forms that post, the first."""
    tree = LexborHTMLParser(html)
    form = tree.css_first("form[method=post]")
    links = tuple((_text(node, "rel"), _text(node, "href")) for node in tree.css("a[href]"))
    receipt = tuple(node.text(strip=True) for node in tree.css("section[aria-labelledby=words] li"))
    return Page(form=None if form is None else _read_form(tree, form), links=links, receipt=receipt)


def _read_form(tree: LexborHTMLParser, form: LexborNode) -> Form:
    hidden: list[tuple[str, str]] = []
    offers: dict[str, tuple[str, ...]] = {}
    typed: set[str] = set()
    buttons: list[Button] = []
    for node in _controls(tree, form):
        name = node.attributes.get("name")
        kind = node.attributes.get("type") or ""
        if node.tag == "button" or kind == "submit":
            buttons.append(Button(name=name, value=_text(node, "value")))
        elif name and kind == "hidden":
            hidden.append((name, _text(node, "value")))
        elif name and kind in {"radio", "checkbox"}:
            offers[name] = (*offers.get(name, ()), _text(node, "value"))
        elif name:
            typed.add(name)
    return Form(
        action=_text(form, "action"),
        hidden=tuple(hidden),
        offers=offers,
        typed=frozenset(typed),
        buttons=tuple(buttons),
    )


def _controls(tree: LexborHTMLParser, form: LexborNode) -> list[LexborNode]:
    """The controls inside the form, and those elsewhere that name it."""
    controls = form.css("input, textarea, select, button")
    name = form.attributes.get("id")
    return controls + (tree.css(f'[form="{name}"]') if name else [])


def _text(node: LexborNode, attribute: str) -> str:
    return node.attributes.get(attribute) or ""
