"""The command line: the group that every command hangs on."""

import click


@click.group()
def main() -> None:
    """A private assistant for your documents."""
