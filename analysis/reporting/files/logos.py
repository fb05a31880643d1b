"""The logo of who sends the report: a file beside the plan, looked at before it is printed.

What a drawing may have is listed, and everything else refused: what draws SVG knows more than a logo needs,
and some of it takes hours (`use` within `use`), reads other files (style sheets), or is another drawing to
one program than to the next (encodings).
"""

import base64
import io
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Literal
from xml.etree import ElementTree as ET

from msgspec import Struct
from PIL import Image, ImageFile

from analysis.reporting.exports.dataset import InputError
from survey.questionnaires.problems import Findings

MOST_BYTES = 300_000
"""It stands in every PDF."""

WIDEST, HIGHEST = 60.0, 18.0
"""Of the place that it has on the cover, in millimetres."""

LEAST_PIXELS, MOST_PIXELS = 300, 4000
"""Of a picture's longer side: fewer are seen in print, more are lost in it."""

SHAPES = (1 / 4, 8.0)
"""Width by height, from the highest to the widest."""

DEEPEST = 12
"""Groups within groups: what is half transparent is measured once for each that it stands in."""

PLAIN = "Save it as plain SVG: paths only, their colours as attributes"

_SVG = "{http://www.w3.org/2000/svg}"
_LINKS = ("href", "{http://www.w3.org/1999/xlink}href")
_GRADIENTS = frozenset({"linearGradient", "radialGradient"})
_TOLD = frozenset({"title", "desc"})
_ELEMENTS = _GRADIENTS | _TOLD | {"svg", "g", "defs", "clipPath", "stop"}
_ELEMENTS |= {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_GEOMETRY = frozenset(
    {"viewBox", "preserveAspectRatio", "width", "height", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r"}
    | {"rx", "ry", "fx", "fy", "fr", "d", "points", "offset", "clip-path", "clip-rule", "clipPathUnits"}
    | {"transform", "gradientTransform", "gradientUnits"}
)
_PAINT = frozenset(
    {"color", "fill", "fill-opacity", "fill-rule", "opacity", "display", "stop-color", "stop-opacity"}
    | {"stroke", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width"}
)
_ATTRIBUTES = (
    _GEOMETRY | _PAINT | {"id", "version", "enable-background", "{http://www.w3.org/XML/1998/namespace}space"}
)
"""No dashes and no gradients that repeat: each can be made to have millions of parts."""

_AS_USUAL = frozenset({"none", "normal", "auto", "visible"})
"""What drawing programs write of styles that they did not change, whichever these are."""

_ADVICE = {
    "script": "Remove it: paper runs no scripts",
    "image": "Give the logo as a PNG: a picture in a drawing may come from elsewhere",
    "text": "Turn letters into outlines in your drawing program: the font may be missing elsewhere",
}
"""What to do about elements that drawing programs often leave behind, where it is not `PLAIN`."""

_DECLARATION = re.compile(r"<!(?!--)|<\?(?!xml\s)")
_ENCODING = re.compile(r"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
_REFERENCE = re.compile(r"url\(#([\w.-]+)\)")
_FUNCTION = re.compile(
    r"\b(?:matrix|translate|scale|rotate|skewX|skewY|rgba?|hsla?)\([\d\s.,%eE+-]*\)|" + _REFERENCE.pattern
)
_WORDS = re.compile(r"[\w\s.,#%+-]*")
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
# Of both: a length, its unit, the other length, its unit; a viewBox has no units.
_BOX = re.compile(rf"\s*{_NUMBER}[\s,]+{_NUMBER}[\s,]+({_NUMBER})()[\s,]+({_NUMBER})()\s*")
_SIDES = re.compile(rf"({_NUMBER})(px|pt|pc|mm|cm|in|) ({_NUMBER})(px|pt|pc|mm|cm|in|)")


class Logo(Struct, frozen=True, kw_only=True):
    """`kind` as the web names it; `width` and `height` on the cover in millimetres; `of`: whose it is."""

    data: bytes
    kind: Literal["image/svg+xml", "image/png"]
    width: float
    height: float
    of: str

    @property
    def url(self) -> str:
        return f"data:{self.kind};base64,{base64.b64encode(self.data).decode()}"


def read_logo(data: bytes, name: str, of: str) -> Logo:
    """The logo in a file, SVG or PNG by its name. Raises InputError with every problem."""
    findings = Findings(name)
    if len(data) > MOST_BYTES:
        findings.error("WA296", "", f"It is larger than {MOST_BYTES} bytes. Save it smaller, or as SVG.")
    ending = PurePath(name).suffix.lower()
    if ending not in {".svg", ".png"}:
        findings.error("WA295", "", "It is no file of a logo. Give an SVG or a PNG, by the end of its name.")
    elif not any(findings):
        size = _size_of_drawing(data, findings) if ending == ".svg" else _size_of_picture(data, findings)
        low, high = SHAPES
        if size is not None and not low <= size[0] / size[1] <= high:
            findings.error(
                "WA296", "", f"It is {size[0]:g} by {size[1]:g}, too long for its place. Cut it to its form."
            )
        if size is not None and not any(findings):
            scale = min(WIDEST / size[0], HIGHEST / size[1])
            return Logo(
                data=data,
                kind="image/svg+xml" if ending == ".svg" else "image/png",
                width=round(size[0] * scale, 2),
                height=round(size[1] * scale, 2),
                of=of,
            )
    raise InputError(list(findings))


def _size_of_picture(data: bytes, findings: Findings) -> tuple[float, float] | None:
    """Its pixels are counted before they are unpacked: few bytes may hold very many."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=["PNG"])
        wide, high = picture.size
        if LEAST_PIXELS <= max(wide, high) <= MOST_PIXELS and min(wide, high) > 0:
            with _nothing_cut_off():
                picture.load()
            return wide, high
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        told = f"more than {Image.MAX_IMAGE_PIXELS}"
    except (OSError, ValueError, SyntaxError):
        findings.error("WA295", "", "This cannot be read as a PNG. Save it again as PNG.")
        return None
    else:
        told = f"{wide} by {high}"
    findings.error(
        "WA296",
        "",
        f"It is {told} pixels. Give one of {LEAST_PIXELS} to {MOST_PIXELS} at its longer side, or an SVG.",
    )
    return None


@contextmanager
def _nothing_cut_off() -> Iterator[None]:
    """WeasyPrint has Pillow take what is left of a picture, for the whole process."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _size_of_drawing(data: bytes, findings: Findings) -> tuple[float, float] | None:
    root = _parsed(data, findings)
    if root is None:
        return None
    size = _size(root)
    if root.tag != f"{_SVG}svg" or size is None:
        findings.error(
            "WA295",
            "",
            "It is no SVG with a viewBox, such as 0 0 300 100, or two sides in one unit. Save it again.",
        )
    elif _too_deep(root):
        findings.error("WA297", "", f"It has more than {DEEPEST} groups within groups. {PLAIN}.")
    else:
        for place, what in dict.fromkeys(_foreign(root)):
            findings.error("WA297", place, what)
        if not any(findings) and _drawn_again(root) > MOST_BYTES:
            findings.error("WA297", "", f"Its gradients and clip paths are drawn too often. {PLAIN}.")
    return size


def _parsed(data: bytes, findings: Findings) -> ET.Element | None:
    """As UTF-8, without the noughts by which a parser knows UTF-16: entities in that are not seen here."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    encoding = _ENCODING.match(text)
    if "\0" in text or (encoding is not None and encoding[1].lower() != "utf-8"):
        findings.error("WA295", "", "It is not in UTF-8. Save it again as plain SVG, in UTF-8.")
        return None
    if found := _DECLARATION.search(text):
        line = text.count("\n", 0, found.start()) + 1
        findings.error(
            "WA297", f"line {line}", f"It has declarations or instructions beside its drawing. {PLAIN}."
        )
        return None
    try:
        return ET.fromstring(text)  # noqa: S314 - without entities nothing in it can grow
    except ET.ParseError as error:
        findings.error("WA295", f"line {error.position[0]}", "This cannot be read as SVG. Save it again.")
        return None


def _too_deep(root: ET.Element) -> bool:
    depths = {root: 0}
    for parent in root.iter():
        depths.update((child, depths[parent] + 1) for child in parent)
    return max(depths.values()) > DEEPEST


def _foreign(root: ET.Element) -> Iterator[tuple[str, str]]:
    """What a drawing has that is not on the list: its element, and what to do."""
    definitions = _definitions(root)
    clipping = {each for clip in root.iter(f"{_SVG}clipPath") for each in clip.iter()}
    for element in root.iter():
        tag = element.tag.removeprefix(_SVG)
        if tag not in _ELEMENTS:
            yield f"<{_local(tag)}>", f"{_ADVICE.get(_local(tag), PLAIN)}."
            continue
        told = element.tail if tag in _TOLD else f"{element.text or ''}{element.tail or ''}"
        if (told or "").strip():
            yield f"<{tag}>", f"Text stands in it that is not drawn. {PLAIN}."
        for name, value in _styled(element):
            if name in _LINKS:
                pointed = definitions.get(value.removeprefix("#"), [])
                allowed = tag in _GRADIENTS and value.startswith("#") and not any(map(_link, pointed))
            elif name == "clip-path" and element in clipping:
                allowed = False  # each of many drawn with each of many, and so on
            else:
                allowed = name in _ATTRIBUTES and _is_plain(value)
            if not allowed:
                yield f"<{tag} {_local(name)}>", f"A logo has no such thing, or not like this. {PLAIN}."


def _styled(element: ET.Element) -> Iterator[tuple[str, str]]:
    """Its attributes, with each declaration of `style` that changes something as one of them."""
    for name, value in element.attrib.items():
        if name != "style":
            yield name, value
            continue
        for declaration in value.split(";"):
            prop, _, said = declaration.partition(":")
            if declaration.strip() and said.strip() not in _AS_USUAL:
                yield prop.strip(), said


def _is_plain(value: str) -> bool:
    """Words and numbers; of functions only colours, transformations, and what stands in the same drawing."""
    return _WORDS.fullmatch(_FUNCTION.sub("", value)) is not None


def _drawn_again(root: ET.Element) -> int:
    """The bytes of gradients and clip paths, each as often as something is drawn with it.

    What a group is painted with, each part of it is painted with; it is clipped as a whole.
    """
    definitions = _definitions(root)
    own = {key: sum(len(ET.tostring(each)) for each in found) for key, found in definitions.items()}
    whole = {
        key: own[key] + sum(own.get(_link(each), 0) for each in found) for key, found in definitions.items()
    }
    return sum(
        whole.get(key, 0) * (1 if name == "clip-path" else sum(1 for _ in element.iter()))
        for element in root.iter()
        for name, value in _styled(element)
        for key in _REFERENCE.findall(value)
    )


def _definitions(root: ET.Element) -> dict[str, list[ET.Element]]:
    """Gradients and clip paths by their id; who draws may take any of those with the same one."""
    found: dict[str, list[ET.Element]] = {}
    for tag in (*_GRADIENTS, "clipPath"):
        for element in root.iter(f"{_SVG}{tag}"):
            found.setdefault(element.get("id", ""), []).append(element)
    return found


def _link(gradient: ET.Element) -> str:
    """The id of the gradient that it takes its colours from, if any."""
    return next((gradient.get(name, "").removeprefix("#") for name in _LINKS if gradient.get(name)), "")


def _size(root: ET.Element) -> tuple[float, float] | None:
    """By the viewBox, or by width and height where these are in one unit."""
    if "viewBox" in root.attrib:
        found = _BOX.fullmatch(root.get("viewBox", ""))
    else:
        found = _SIDES.fullmatch(f"{root.get('width', '').strip()} {root.get('height', '').strip()}")
    if found is None or found[2] != found[4]:
        return None
    wide, high = float(found[1]), float(found[3])
    return (wide, high) if 0 < wide < math.inf and 0 < high < math.inf else None


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
