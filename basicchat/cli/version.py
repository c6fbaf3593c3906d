"""``basicchat version``."""

from __future__ import annotations

import platform
from importlib import metadata

import click

from basicchat.cli import invocation


@click.command()
@invocation.common_options
def version() -> None:
    """Say which BasicChat and which Python this is."""
    output = invocation.output()
    found = metadata.version("basicchat")
    if output.as_json:
        output.document({"version": found, "python": platform.python_version(), "platform": platform.platform()})
    output.say(f"basicchat {found} (Python {platform.python_version()}, {platform.system()} {platform.machine()})")
