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
    from basicchat.cli.essentials import fetch_for_page
    from basicchat.cli.serve import serve

    settings, output = invocation.settings(), invocation.output()
    serve(settings, port=port, open_browser=not no_browser, prepare=lambda: fetch_for_page(settings, output))
