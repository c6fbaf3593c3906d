"""``basicchat mcp``."""

from __future__ import annotations

from importlib import metadata

import click

from basicchat.cli import invocation
from basicchat.cli.tools import opened


@click.command()
@invocation.place_options
def mcp() -> None:
    """Serve documents and tools by the Model Context Protocol, over standard input and output.

    Tools that write or reach the network are refused unless you let them run always.
    """
    from basicchat.toolbox.mcp_server import serve

    with opened() as box:
        serve(box, version=metadata.version("basicchat"))
