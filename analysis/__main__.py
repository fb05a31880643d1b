"""The analysis' commands: `python -m analysis COMMAND`."""

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Weigh the answers of an export folder and report on them."""


if __name__ == "__main__":
    main(prog_name="python -m analysis")
