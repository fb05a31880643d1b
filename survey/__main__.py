"""The survey's commands: `python -m survey COMMAND`."""

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Wijkpeil: hear residents per neighbourhood, anonymously and once each."""


if __name__ == "__main__":
    main(prog_name="python -m survey")
