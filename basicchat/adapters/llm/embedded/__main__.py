"""The embedded model server's own process: ``python -m basicchat.adapters.llm.embedded --port 0``.

The first line of standard input is a JSON object with ``token`` and ``models`` (name to path). The port is printed as
one JSON line on standard output. When standard input closes the process ends: no server outlives its owner.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import socket
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

import uvicorn

from basicchat.adapters.llm.embedded.app import application
from basicchat.adapters.llm.embedded.engine import Engine


def main() -> None:
    """Serve until the owner goes."""
    arguments = _arguments()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    greeting = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_owner, args=(sys.stdin,), daemon=True, name="owner").start()
    models = {str(name): Path(path) for name, path in greeting["models"].items()}
    engine = Engine(models, threads=arguments.threads, window=arguments.window)
    app = application(engine, token=str(greeting["token"]), version=version("xllamacpp"))
    with socket.create_server(("127.0.0.1", arguments.port)) as listener:
        sys.stdout.write(json.dumps({"port": listener.getsockname()[1]}) + "\n")
        sys.stdout.flush()
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        uvicorn.Server(config).run(sockets=[listener])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="basicchat-embedded", description="BasicChat's embedded model server")
    parser.add_argument("--port", type=int, default=0, help="port on this machine; 0 takes a free one")
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--window", type=int, default=8192, help="context window in tokens")
    return parser.parse_args()


def _end_with_owner(owner: TextIO) -> None:
    while owner.readline():
        pass
    # Not sys.exit: llama.cpp may be in the middle of a batch and nothing here needs saving.
    os._exit(0)


if __name__ == "__main__":
    main()
