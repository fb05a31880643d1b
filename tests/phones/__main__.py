"""Write `support.json` anew from `data.json` of the npm package @mdn/browser-compat-data (CC0-1.0):

npm pack @mdn/browser-compat-data && tar xzf mdn-browser-compat-data-*.tgz
python -m tests.phones package/data.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.phones.features import features
from tests.phones.test_phones import FLOOR, SHEETS, SUPPORT, number


def version(data: dict[str, Any], feature: str, browser: str) -> str | None:
    """The first version that has a feature by this name, if only in part; None when the data lack it."""
    found: Any = data
    for name in feature.removesuffix(" in a list").split("."):
        found = found.get(name, {})
    if "__compat" not in found:
        return None
    support = found["__compat"]["support"][browser]
    entries = support if isinstance(support, list) else [support]
    versions = [
        str(entry["version_added"]).lstrip("≤")
        for entry in entries
        if entry["version_added"]
        and not entry.keys() & {"prefix", "flags", "alternative_name"}
        and ("version_removed" not in entry or entry.get("partial_implementation"))
    ]
    return min(versions, key=number, default="never")


def main() -> None:
    data = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    used = sorted(
        {use.feature.removesuffix(" in a list") for sheet in SHEETS for use in features(sheet.read_text())}
    )
    table = {
        feature: None
        if version(data, feature, "safari_ios") is None
        else {b: version(data, feature, b) for b in FLOOR}
        for feature in used
    }
    source = f"@mdn/browser-compat-data {data['__meta']['version']}, CC0-1.0"
    SUPPORT.write_text(json.dumps({"source": source, "features": table}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
