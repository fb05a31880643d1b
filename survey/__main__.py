"""The survey's commands: `python -m survey COMMAND`."""

import sys
from pathlib import Path

import click
import msgspec

from survey.questionnaires.folder import read_folder
from survey.questionnaires.lint import check as check_files
from survey.questionnaires.problems import Problem, QuestionnaireError, exit_code, summary


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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
