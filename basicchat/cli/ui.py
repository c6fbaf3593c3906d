"""``basicchat ui``."""

from __future__ import annotations

import click

from basicchat.cli import invocation


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=None, help="Port to try first; the next free one is taken."
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@invocation.common_options
def ui(port: int | None, no_browser: bool) -> None:
    """Start the page and say its address. Ctrl+C stops it."""
    from basicchat.cli.serve import serve

    serve(invocation.settings(), port=port, open_browser=not no_browser, report=invocation.output().progress)
