"""The survey's commands: `python -m survey COMMAND`."""

import sys
from importlib import import_module
from pathlib import Path
from typing import cast

import click
import msgspec

from survey.questionnaires.folder import read_folder
from survey.questionnaires.lint import check as check_files
from survey.questionnaires.problems import Problem, QuestionnaireError, exit_code, summary

EXTRA = {"demo": ("survey.demo", "simulate"), "simulate": ("survey.simulate.command", "simulate")}
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
    refusal = f"The package {missing} is not installed. Install it with: pip install 'wijkpeil[{extra}]'"

    def refuse() -> None:
        raise click.ClickException(refusal)

    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=refuse, help=refusal, context_settings=settings)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Wijkpeil: hear residents per neighbourhood, anonymously and once each."""


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")
def check(path: Path, *, as_json: bool) -> None:
    """List every problem of the questionnaire in the folder PATH.

    Exit code 0: nothing to say; 1: advice only; 2: errors. docs/check-codes.md explains each code.
    """
    problems: tuple[Problem, ...]
    try:
        problems = check_files(read_folder(path))
    except QuestionnaireError as error:
        problems = error.problems
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(problems)))
    else:
        click.echo("\n".join([*map(str, problems), summary(problems)]))
    sys.exit(exit_code(problems))


if __name__ == "__main__":
    main(prog_name="python -m survey")
