"""Options that narrow a search down, for ``search`` and ``ask``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def filter_options(command: F) -> F:
    """Give a command ``--file --kind --from --to --tag --page``; it gets them as one `Filter` called ``only``."""

    @wraps(command)
    def filtered(**given: Any) -> Any:
        from basicchat.service.filtering import filter_of

        words = {name: given.pop(name) for name in ("files", "kinds", "since", "until", "tags", "pages")}
        return command(only=filter_of(**words), **given)

    options = (
        click.option("--page", "pages", multiple=True, metavar="N or N-M", help="Only these pages."),
        click.option("--tag", "tags", multiple=True, help="Only documents with this tag; of several, with all."),
        click.option("--to", "until", default="", metavar="DAY", help="Only documents taken in on this day or before."),
        click.option(
            "--from", "since", default="", metavar="DAY", help="Only documents taken in on this day or later."
        ),
        click.option("--kind", "kinds", multiple=True, help="Only files of this kind: pdf, docx, mail, sheets, ..."),
        click.option("--file", "files", multiple=True, metavar="NAME", help="Only this file; * stands for anything."),
    )
    for option in options:
        filtered = option(filtered)
    return filtered  # type: ignore[return-value]
