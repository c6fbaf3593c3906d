"""What every command can be told: where the state is, which profile to run, and how to print.

The three options are accepted before and after the command's name; the one nearer to the command wins.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from basicchat.cli.output import Output

if TYPE_CHECKING:
    from basicchat.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value not in (None, False):
        context.meta[f"basicchat.{parameter.name}"] = value


def common_options(command: F) -> F:
    """Give a command ``--home``, ``--profile`` and ``--json``. Their values are read with `settings` and `output`."""
    command = place_options(command)
    option = click.option(
        "--json", "json", is_flag=True, expose_value=False, callback=_keep, help="Print JSON on stdout."
    )
    return option(command)


def place_options(command: F) -> F:
    """Give a command ``--home`` and ``--profile`` alone."""
    options = (
        click.option(
            "--profile",
            type=click.Choice(["default", "fake"]),
            expose_value=False,
            callback=_keep,
            help="`fake` runs with no model, no network and no server.",
        ),
        click.option(
            "--home",
            type=click.Path(path_type=Path, file_okay=False),
            expose_value=False,
            callback=_keep,
            help="Folder that holds all state; default is BASICCHAT_HOME, then ~/.basicchat.",
        ),
    )
    for option in options:
        command = option(command)
    return command


def output() -> Output:
    """The printer of the command that runs."""
    return Output(as_json=bool(_given("json")))


def settings() -> Settings:
    """The settings of the command that runs, whose log goes to their home from now on.

    Raises `InvalidInput` for one that does not make sense.
    """
    from basicchat.settings import load
    from basicchat.telemetry import log

    found = load(home=_given("home"), profile=_given("profile"))
    with suppress(OSError):  # a home that cannot be written is told by whoever wants to keep something in it
        log.configure(file=found.home / "logs" / "basicchat.log", level=found.log_level)
    return found


def _given(name: str) -> Any:
    return click.get_current_context().meta.get(f"basicchat.{name}")
