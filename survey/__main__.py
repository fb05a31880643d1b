"""The survey's commands: `python -m survey COMMAND`."""

from survey import interrupts

if __name__ == "__main__":
    interrupts.end_at_once()

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

import click
import msgspec
from uvicorn.loops.auto import auto_loop_factory

from survey import fieldwork, kiosk_commands
from survey.questionnaires.folder import (
    DEFINITIONS,
    find_folder,
    list_recordings,
    read_folder,
    write_catalogue,
)
from survey.questionnaires.lint import check as check_files
from survey.questionnaires.parsing import parse, read
from survey.questionnaires.problems import Findings, Problem, QuestionnaireError, exit_code, listing, summary
from survey.questionnaires.recordings import account
from survey.questionnaires.translations import states, update_catalogue
from survey.settings import PREFIX, read_settings
from survey.web import serving
from survey.web.preview import Preview
from survey.web.theme import ThemeError, read_theme

EXTRA = {
    "demo": ("survey.demo", "simulate"),
    "simulate": ("survey.simulate.command", "simulate"),
    "slips": ("survey.slips", "slips"),
}
"""Commands with dependencies of their own: the module they stand in, and the extra that installs these."""


class Commands(click.Group):
    """The commands below and those of `EXTRA`, whose modules are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted({*super().list_commands(ctx), *EXTRA})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; one that says what to install when its dependencies are missing."""
        if cmd_name not in EXTRA:
            return super().get_command(ctx, cmd_name)
        module, extra = EXTRA[cmd_name]
        try:
            return cast("click.Command", getattr(import_module(module), cmd_name))
        except ModuleNotFoundError as error:
            return not_installed(cmd_name, extra, str(error.name))


def not_installed(name: str, extra: str, missing: str) -> click.Command:
    refusal = (
        f"The package {missing} is not installed. Install it, in the folder of the program, with: "
        f"pip install '.[{extra}]'"
    )

    def refuse() -> None:
        raise click.ClickException(refusal)

    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=refuse, help=refusal, context_settings=settings)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Wijkpeil: hear residents per neighbourhood, anonymously and once each."""


@main.command()
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")
def check(path: str, *, as_json: bool) -> None:
    """List every problem of the questionnaire in the folder PATH (or with the key PATH).

    Its municipality's population.csv and comparison.csv are read too. It also says how far each
    translation is and who has approved it.
    Exit code 0: nothing to say; 1: advice only; 2: errors. docs/check-codes.md explains each code.
    """
    problems: tuple[Problem, ...]
    languages: list[str] = []
    try:
        files = read_folder(find_folder(path))
        problems = check_files(files)
        if (questionnaire := read(files).questionnaire) is not None:
            languages = list(states(questionnaire))
    except QuestionnaireError as error:
        problems = error.problems
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(problems)))
    else:
        click.echo("\n".join([*listing(problems), *languages, summary(problems)]))
    sys.exit(exit_code(problems))


@main.command()
@click.argument("path")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0: a free one.")
@click.option("--theme", type=Path, help="Folder with the theme of a municipality.")
def preview(path: str, *, port: int, theme: Path | None) -> None:
    """Show the questionnaire in the folder PATH (or with the key PATH) as residents will see it.

    Nothing is stored. Change the files and reload the page: it is read anew. A broken file shows what is
    wrong with it.
    """
    folder = find_folder(path)
    if not folder.is_dir():
        raise click.ClickException(
            f"{path} is not the key or the folder of a questionnaire. Give one that exists."
        )
    look = None if theme is None else serving.read_readable_theme(theme)
    bound = serving.bind("127.0.0.1", port)
    click.echo(f"Preview of {path}: {serving.address(bound)} (stop with Ctrl+C)")
    with until_interrupted():
        asyncio.run(serving.serve(Preview(folder, look), bound, lifespan=False))


@main.command()
@click.argument("surveys", metavar="[SURVEY]...", nargs=-1)
@click.option("--host", help="Address to listen on (WIJKPEIL_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one (WIJKPEIL_PORT).")
@click.option("--data", help="Folder for the database and the secret (WIJKPEIL_DATA).")
@click.option("--database-url", help="sqlite:///... or postgresql://... (WIJKPEIL_DATABASE_URL).")
@click.option("--theme", help="Folder with the theme of the municipality (WIJKPEIL_THEME).")
@click.option("--simulated", is_flag=True, default=None, help="Say on every page that it is a demonstration.")
def serve(surveys: tuple[str, ...], **options: str | int | None) -> None:
    """Serve surveys to residents: by key, or by the path of a folder; all of the program when none is named.

    Every setting can also stand in the environment; an option goes first.
    """
    names = surveys or tuple(sorted(folder.name for folder in DEFINITIONS.iterdir() if folder.is_dir()))
    read = serving.read_surveys(names)
    settings = read_settings(overridden(os.environ, options))
    bound = serving.bind(settings.host, settings.port)
    with until_interrupted(), asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serving.serve_surveys(read, settings, bound))


@main.command()
@click.argument("path")
@click.argument("language")
def translations(path: str, language: str) -> None:
    """Write or update LANGUAGE.po in the folder PATH (or that of the key PATH): an entry for every text.

    Translations stay; those whose source text changed are marked fuzzy and not shown until looked at again.
    """
    findings, folder = Findings(f"{language}.po"), find_folder(path)
    try:
        files = read_folder(folder)
        definition = {name: data for name, data in files.items() if not name.endswith(".po")}
        updated = update_catalogue(parse(definition), language, files.get(findings.file, b""), findings)
    except QuestionnaireError as error:
        raise click.ClickException(str(error)) from error
    if updated is None:
        raise click.ClickException("\n".join(map(str, findings)))
    try:
        written = write_catalogue(folder, language, updated.file)
    except OSError as error:
        raise click.ClickException(f"{folder}: {error.strerror}. Nothing was changed.") from error
    click.echo(
        f"{written}: {updated.translated} translated, {updated.changed} changed since, "
        f"{updated.missing} not translated, {updated.unused} no longer used."
    )


@main.command()
@click.argument("folder", type=Path)
def theme(folder: Path) -> None:
    """Say of every pair of colours of the theme in FOLDER whether people can read it (WCAG 2.2 AA).

    Exit code 0 when all of them have enough contrast, else 1.
    """
    try:
        found = read_theme(folder).contrasts
    except ThemeError as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join(map(str, found)))
    sys.exit(0 if all(contrast.enough for contrast in found) else 1)


@main.command()
@click.argument("path")
def audio(path: str) -> None:
    """List the sentences of the folder PATH (or the key PATH) that lack a recording, and stale files.

    One line each: `missing`, the name to record it under, the language, the sentence; or `stale` and the
    file. Exit code 0 when nothing is missing or stale, else 1.
    """
    folder = find_folder(path)
    try:
        found = account(parse(read_folder(folder)), list_recordings(folder))
    except QuestionnaireError as error:
        raise click.ClickException(str(error)) from error
    for name in found.missing:
        click.echo("\t".join(("missing", name, *found.wanted[name])))
    for file in found.stale:
        click.echo(f"stale\t{file}")
    click.echo(f"{len(found.missing)} of {len(found.wanted)} missing, {len(found.stale)} stale.", err=True)
    sys.exit(1 if found.missing or found.stale else 0)


main.add_command(fieldwork.export)
main.add_command(fieldwork.invite)
main.add_command(fieldwork.letters)
main.add_command(fieldwork.release)
main.add_command(kiosk_commands.kiosk)


def overridden(environment: Mapping[str, str], options: Mapping[str, str | int | None]) -> dict[str, str]:
    """The environment with the options that were given in place of its settings."""
    given = {
        name: str(int(value) if isinstance(value, bool) else value)
        for name, value in options.items()
        if value is not None
    }
    return {**environment, **{PREFIX + name.upper(): text for name, text in given.items()}}


@contextlib.contextmanager
def until_interrupted() -> Iterator[None]:
    """Ctrl+C is how a server is stopped, not an error."""
    with contextlib.suppress(KeyboardInterrupt):
        yield


if __name__ == "__main__":
    interrupts.raise_again()
    main(prog_name="python -m survey")
