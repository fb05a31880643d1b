"""What is known of the municipality from elsewhere: published figures to compare with, and outlines.

Both come from the municipality's own files, which travel in the export folder.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from analysis.reporting.charts.maps import Ring, Shape
from analysis.reporting.charts.plots import Point
from survey.questionnaires.decoding import decode_text
from survey.questionnaires.problems import Findings

COMPARISON = "municipality/comparison.csv"
OUTLINES = "municipality/areas.geojson"


class Published(Struct, frozen=True, kw_only=True):
    """A figure that somebody else published. `secondary`: from a newspaper or weblog about the source."""

    key: str
    indicator: str
    area: str
    area_name: str
    year: str
    value: float
    unit: str
    source: str
    source_kind: Literal["primary", "secondary"]
    comparable: Literal["", "yes", "limited", "no"]
    remark: str


class Background(Struct, frozen=True, kw_only=True):
    """Published figures and area outlines; either may be empty."""

    published: tuple[Published, ...] = ()
    shapes: tuple[Shape, ...] = ()


class _Properties(Struct):
    area: str
    name: str
    label: Point


class _Geometry(Struct):
    type: Literal["Polygon", "MultiPolygon"]
    coordinates: msgspec.Raw


class _Feature(Struct):
    properties: _Properties
    geometry: _Geometry


class _Collection(Struct):
    features: tuple[_Feature, ...]


def parse(files: Mapping[str, bytes], findings: Findings) -> Background:
    """The background in the files of an export; faults are reported, a file that is absent is not one."""
    return Background(
        published=tuple(_published(files.get(COMPARISON, b""), findings)),
        shapes=_shapes(files[OUTLINES], findings) if OUTLINES in files else (),
    )


def _published(data: bytes, findings: Findings) -> Iterator[Published]:
    rows = csv.DictReader(io.StringIO(decode_text(data, findings) or "", newline=""))
    for row in rows:
        try:
            yield msgspec.convert(row, Published, strict=False)
        except msgspec.ValidationError as error:
            findings.error("WA213", f"{COMPARISON}, line {rows.line_num}", f"{error}. Correct this line.")


def _shapes(data: bytes, findings: Findings) -> tuple[Shape, ...]:
    try:
        features = msgspec.json.decode(data, type=_Collection).features
        return tuple(_shape(feature) for feature in features)
    except msgspec.DecodeError as error:
        findings.error(
            "WA213", OUTLINES, f"{error}. Correct the file, or leave it out: then there is no map."
        )
        return ()


def _shape(feature: _Feature) -> Shape:
    geometry = feature.geometry
    if geometry.type == "Polygon":
        rings = msgspec.json.decode(geometry.coordinates, type=tuple[Ring, ...])
    else:
        parts = msgspec.json.decode(geometry.coordinates, type=tuple[tuple[Ring, ...], ...])
        rings = tuple(ring for part in parts for ring in part)
    about = feature.properties
    return Shape(code=about.area, name=about.name, rings=rings, label=about.label)
