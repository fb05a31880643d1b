"""`python -m tests.coverage [scene ...]`: measures coverage and writes the tables into docs/coverage.md."""

import argparse
import re
import sys
import time
from pathlib import Path

from tests.coverage.people import everybody
from tests.coverage.tables import SCENES, study, table

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"


def main() -> None:
    known = {scene.name: scene for scene in SCENES}
    parser = argparse.ArgumentParser(prog="python -m tests.coverage", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="scene", help=f"one of {', '.join(known)}; none: all")
    parser.add_argument("--draws", type=int, help="as many draws of each, and the page is left as it is")
    asked = parser.parse_args()
    strange = [name for name in asked.scenes if name not in known]
    if strange:
        parser.error(f"there is no scene {strange[0]}; there are {', '.join(known)}")
    people = everybody()
    for name in asked.scenes or known:
        scene, start = known[name], time.monotonic()
        lines = table(scene, list(study(scene, people, asked.draws or scene.draws)))
        sys.stdout.write(f"{name}, {time.monotonic() - start:.0f} s\n\n{lines}\n\n")
        sys.stdout.flush()
        if asked.draws is None:
            write(name, lines)


def write(name: str, lines: str) -> None:
    """Put a table between its two marks on the page."""
    page = PAGE.read_text(encoding="utf-8")
    marked = re.compile(f"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not marked.search(page):
        raise SystemExit(f"{PAGE.name} has no place for {name}: write <!-- {name} --> and <!-- end -->.")
    PAGE.write_text(marked.sub(lambda found: f"{found[1]}{lines}\n{found[2]}", page), encoding="utf-8")


if __name__ == "__main__":
    main()
