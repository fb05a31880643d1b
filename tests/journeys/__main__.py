"""Look at every page in every language and write what was found into `survey/web/accessibility.json`."""

import re
import subprocess
import sys
from datetime import date

import msgspec

from survey.web.evidence import FILE
from survey.web.views import Evidence
from tests.journeys.conftest import launched, previewing
from tests.journeys.inspection import AXE
from tests.journeys.looking import (
    JOURNEYS,
    QUESTIONNAIRE,
    Found,
    files,
    invalid_html,
    languages,
    look_at_samples,
    look_at_steps,
    real_steps,
)
from tests.validator import JAR
from tests.web.sample_pages import PAGES


def main() -> int:
    marks = files()
    if subprocess.run([sys.executable, "-m", "pytest", "-q", *JOURNEYS], check=False).returncode != 0:
        print("Not written: what the statement says of these tests is not true.")  # noqa: T201
        return 1
    found: Found = {"wcag": [], "contrast": [], "targets": [], "sideways": [], "html": invalid_html()}
    with launched() as browser, previewing(QUESTIONNAIRE) as address:
        chromium = browser.version
        for tag in languages():
            steps = dict.fromkeys(real_steps(), tag)
            for seen in (look_at_samples(browser, tag), look_at_steps(browser, address, steps)):
                for check, faults in seen.items():
                    found[check] += faults
    evidence = Evidence(
        made=date.today().isoformat(),
        programs={
            "axe-core": version_of_axe(),
            "Chromium": chromium,
            "Nu Html Checker": version_of_validator(),
        },
        pages=tuple(PAGES),
        languages=languages(),
        steps=len(real_steps()),
        faults={check: len(faults) for check, faults in found.items()},
        journeys=JOURNEYS,
        files=marks,
    )
    if files() != marks:
        print("Not written: a template, style sheet or script was changed meanwhile. Run this again.")  # noqa: T201
        return 1
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(evidence)) + b"\n")
    faults = [f"{check}: {fault}" for check, all_of_it in found.items() for fault in all_of_it]
    print("\n".join(faults) or f"Nothing is wrong. Written: {FILE}")  # noqa: T201
    return 1 if faults else 0


def version_of_axe() -> str:
    found = re.search(r"axe v([\d.]+)", AXE)
    return found[1] if found else "unknown"


def version_of_validator() -> str:
    java = ["java", "-jar", str(JAR), "--version"]
    return subprocess.run(java, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
