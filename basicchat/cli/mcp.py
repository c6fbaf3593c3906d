"""``basicchat mcp``."""

from __future__ import annotations

from importlib import metadata

import click

from basicchat.cli import invocation
from basicchat.cli.tools import opened

PORT = 8511


@click.command()
@click.option("--http", is_flag=True, help="Over HTTP, on this machine alone, to whoever shows the token.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="Port of --http.")
@invocation.place_options
def mcp(http: bool, port: int) -> None:
    """Serve documents and tools by the Model Context Protocol, over standard input and output.

    Tools that write or reach the network are refused unless you let them run always.
    """
    from basicchat.toolbox.mcp_server import serve

    version = metadata.version("basicchat")
    with opened() as box:
        if not http:
            serve(box, version=version)
            return
        import uvicorn

        from basicchat.toolbox.mcp_http import HOST, app_of, token_in

        file = invocation.settings().home / "mcp-token"
        app = app_of(box, version=version, token=token_in(file))
        click.echo(f"http://{HOST}:{port}/mcp, with the token in {file} as Authorization: Bearer ...", err=True)
        uvicorn.run(app, host=HOST, port=port, log_level="warning", server_header=False, ws="none")
