"""Puts the page and the owner's endpoint into one process."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable

from basicchat import bootstrap
from basicchat.api.app import create
from basicchat.settings import Settings
from basicchat.ui import launch

ENDPOINT = "/api/local"

TURN_SECONDS = 0.0003
"""How long a thread that computes keeps the interpreter while another one waits for it; Python's own choice is 0.005.
A click takes many turns, and each would wait so long while files are cut."""


def serve(settings: Settings, *, port: int | None, open_browser: bool, prepare: Callable[[], None]) -> None:
    """Own the library, ``prepare``, and serve the page until Ctrl+C; chat models are fetched in the background.

    Raises `StoreLocked` while another process owns the library.
    """
    from starlette.routing import Mount

    sys.setswitchinterval(TURN_SECONDS)
    with bootstrap.shared_assistant(settings, prepare=prepare) as assistant:
        if settings.models.fetch:
            assistant.models.ensure_defaults()
        token = secrets.token_urlsafe(32)
        endpoint = create(lambda: bootstrap.shared_assistant(settings), token)

        def announce(address: str) -> None:
            here = address.replace("//localhost", "//127.0.0.1")
            bootstrap.take_calls(settings, url=here + ENDPOINT, token=token)

        routes = [Mount(ENDPOINT, app=endpoint)]
        launch.run(settings, port=port, open_browser=open_browser, routes=routes, ready=announce)
