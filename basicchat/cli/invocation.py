"""What every command can be told: where the state is, which profile to run, and how to print.

The three options are accepted before and after the command's name; the one nearer to the command wins.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from basicchat.cli.output import Output
from basicchat.core.errors import InvalidInput

if TYPE_CHECKING:
    from basicchat.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value not in (None, False):
        context.meta[f"basicchat.{parameter.name}"] = value


def common_options(command: F) -> F:
    """Give a command ``--home``, ``--profile`` and ``--json``. Their values are read with `settings` and `output`."""
    options = (
        click.option("--json", "json", is_flag=True, expose_value=False, callback=_keep, help="Print JSON on stdout."),
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
    """The settings of the command that runs. Raises `InvalidInput` for one that does not make sense."""
    from pydantic import ValidationError

    from basicchat.settings import load

    try:
        return load(home=_given("home"), profile=_given("profile"))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'settings'}: {problem['msg']}" for problem in error.errors()
        )
        raise InvalidInput(
            f"A setting does not make sense: {problems}.", hint="See docs/reference/settings.md for what it may be."
        ) from error
    except ValueError as error:
        raise InvalidInput(f"settings.toml cannot be read: {error}.", hint="Mend the file or delete it.") from error


def _given(name: str) -> Any:
    return click.get_current_context().meta.get(f"basicchat.{name}")
