"""Starts the page: one process, this machine only, nothing sent anywhere."""

from __future__ import annotations

import os
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from basicchat.core.errors import BasicChatError, Conflict
from basicchat.settings import Settings
from basicchat.ui import state, theme

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

PORTS_TRIED = 50
WARM_SECONDS = 10.0
"""How long the end waits for the beginning, when the page is stopped as soon as it starts."""


def script() -> Path:
    """The entry script: inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "app.py"
    return packaged if packaged.is_file() else package.parent / "app.py"


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on ``port`` or the next free one. Raises `Conflict` when `PORTS_TRIED` in a row are taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        opened = socket.socket(family, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere the option would let two programs share a port
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((host, candidate))
            opened.listen(128)
        except OSError:
            opened.close()
            continue
        return opened
    raise Conflict(f"No free port from {port} on.", hint="Close another program or choose a port with --port.")


def configure(*, host: str, port: int) -> None:
    """Hand Streamlit its options. They win over any ``config.toml`` of the folder the program was started in."""
    from streamlit import config

    options: dict[str, Any] = theme.server_options() | theme.theme_options()
    options |= {"theme.fontFaces": theme.font_faces(), "server.address": host, "server.port": port}
    for name, value in options.items():
        config.set_option(name, value)


def application(
    settings: Settings,
    *,
    routes: Sequence[BaseRoute] = (),
    on_start: Sequence[str] = (),
    started: Callable[[], None] = lambda: None,
) -> Any:
    """The ASGI application: the page, its fonts and ``routes``. Addresses in ``on_start`` are opened in a browser.

    ``started`` is called when the server minds the signals that stop it.
    """
    import streamlit as st
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    state.use(settings)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
        warming = threading.Thread(target=_warm, name="warm", daemon=True)
        warming.start()
        for address in on_start:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        started()
        try:
            yield {}
        finally:
            warming.join(WARM_SECONDS)  # what is being opened cannot be closed
            state.close()

    fonts = Mount(theme.FONT_ROUTE, app=StaticFiles(directory=theme.FONTS), name="fonts")
    return st.App(script(), routes=[fonts, *routes], lifespan=lifespan)


def _warm() -> None:
    """Load what the first page needs while the browser is still opening. What goes wrong, the page says."""
    from basicchat.ui import pages  # noqa: F401 - loading it is the point

    with suppress(BasicChatError):
        state.assistant()


def run(
    settings: Settings,
    *,
    port: int | None = None,
    open_browser: bool = True,
    routes: Sequence[BaseRoute] = (),
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the page until Ctrl+C, on the first free port from ``port`` (or the setting) on, and print the address.

    ``ready`` is told the address before the first request can come.
    """
    import uvicorn

    host = settings.server.host
    listening = bind(host, port or settings.server.port)
    with listening:
        chosen = int(listening.getsockname()[1])
        address = f"http://{'localhost' if host == '127.0.0.1' else f'[{host}]' if ':' in host else host}:{chosen}"
        configure(host=host, port=chosen)
        ready(address)

        def started() -> None:
            # Not before: a Ctrl+C in between, while modules are loaded, could get lost.
            click.echo(f"BasicChat is at {address}  (Ctrl+C stops it)")

        app = application(settings, routes=routes, on_start=[address] if open_browser else [], started=started)
        options = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, server_header=False)
        try:
            uvicorn.Server(options).run(sockets=[listening])
        except KeyboardInterrupt:
            click.echo("Stopped.")
