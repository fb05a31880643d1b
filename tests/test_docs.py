"""The documentation is true: what it names exists, and what exists it names."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import analysis.__main__ as analysis_commands
import survey.__main__ as survey_commands

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(path for path in (ROOT / "README.md", *ROOT.glob("docs/**/*.md")) if path.is_file())
GROUPS = {"survey": survey_commands.main, "analysis": analysis_commands.main}
NAMED = re.compile(r"python3? -m (survey|analysis) ([a-z][a-z-]*)([^`\n]*(?:\\\n[^`\n]*)*)")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def command(group: str, name: str) -> click.Command | None:
    first, *rest = name.split()
    with click.Context(GROUPS[group]) as context:
        found = GROUPS[group].get_command(context, first)
    return found.commands[rest[0]] if rest and isinstance(found, click.Group) else found


def commands() -> Iterator[tuple[str, str]]:
    for group, main in GROUPS.items():
        with click.Context(main) as context:
            for name in main.list_commands(context):
                found = main.get_command(context, name)
                yield from within(group, name, found)


def within(group: str, name: str, found: click.Command | None) -> Iterator[tuple[str, str]]:
    """A command by name; of a group of commands each of them."""
    if isinstance(found, click.Group):
        yield from ((group, f"{name} {part}") for part in found.commands)
    else:
        yield group, name


def setup_lines() -> list[str]:
    return [
        line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("python3 -m venv")
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_names_exists_with_its_options(document: Path) -> None:
    for group, name, arguments in NAMED.findall(document.read_text()):
        found = command(group, name)
        if isinstance(found, click.Group):
            found = found.commands.get(arguments.split()[0])
        assert found is not None, f"python -m {group} {name}{arguments}"
        known = {option for parameter in found.params for option in parameter.opts} | {"-h", "--help"}
        assert set(re.findall(r"(?<=\s)--[a-z-]+", arguments)) <= known, f"python -m {group} {name}"


@pytest.mark.parametrize(("group", "name"), [*commands()])
def test_every_command_is_documented_and_explains_itself(group: str, name: str) -> None:
    found = command(group, name)
    assert found is not None
    assert found.help
    texts = [document.read_text() for document in DOCUMENTS]
    assert any(f"python -m {group} {name}" in text for text in texts)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    for target in LINK.findall(document.read_text()):
        assert (document.parent / target).exists(), target


def test_the_readme_sets_up_with_two_lines_and_the_build_runs_the_second() -> None:
    demo, tests = setup_lines()
    assert demo == f"{tests} -s demo"
    assert tests in (ROOT / ".ci" / "run").read_text().splitlines()


def test_pinned_requirements_name_no_registry_and_have_hashes() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        assert "://" not in text
        packages = re.findall(r"^[a-z0-9].*$", text, flags=re.MULTILINE)
        assert packages
        assert all("==" in package and package.endswith("\\") for package in packages)
