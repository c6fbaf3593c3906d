"""Starts the embedded model server's process, notices when it died, and stops it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import IO

import httpx

from basicchat.adapters.llm.connection import Endpoint, client_settings
from basicchat.core.errors import ProviderUnavailable

PROVIDER = "embedded"
START_SECONDS = 30.0
STOP_SECONDS = 5.0
LOG_BYTES = 1_000_000


class ServerProcess:
    """The one process of an embedded server. `endpoint` starts it when it does not run."""

    def __init__(self, models: Mapping[str, Path], *, threads: int, window: int, log_file: Path | None) -> None:
        self._models = models
        self._threads = threads
        self._window = window
        self._log_file = log_file
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._endpoint = Endpoint("")
        self._told: dict[str, str] = {}
        self._closed = False

    @property
    def running(self) -> bool:
        """Whether there is a process now."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process, if there is one now."""
        return self._process.pid if self._process is not None and self.running else None

    def endpoint(self) -> Endpoint:
        """Where it answers; starts it first if it never ran or died. Raises `ProviderUnavailable`."""
        with self._lock:
            if self._closed:
                raise ProviderUnavailable("The embedded model server was shut down.", provider=PROVIDER)
            if not self.running:
                self._stop()
                self._start()
            self._tell_news()
            return self._endpoint

    def lost(self) -> None:
        """It hung up. If it is dying, wait until it is seen dead, so that the next call starts a new one."""
        process = self._process
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1.0)

    def close(self) -> None:
        """Stop it for good."""
        with self._lock:
            self._closed = True
            self._stop()

    def _start(self) -> None:
        token = secrets.token_urlsafe(32)
        self._told = {name: str(path.absolute()) for name, path in self._models.items()}
        package = Path(__file__).resolve().parents[4]
        path = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH", "")]))
        command = [sys.executable, "-m", "basicchat.adapters.llm.embedded", "--port", "0"]
        command += ["--threads", str(self._threads), "--window", str(self._window)]
        with self._log() as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                env={**os.environ, "PYTHONPATH": path},
                # Ctrl-C in a terminal is for the owner, which then closes the pipe.
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        port = self._greet(self._process, token)
        self._endpoint = Endpoint(f"http://127.0.0.1:{port}", token)

    def _greet(self, process: subprocess.Popen[str], token: str) -> int:
        answers: SimpleQueue[str] = SimpleQueue()
        if process.stdin is None or process.stdout is None:
            raise ProviderUnavailable("The embedded model server has no pipes.", provider=PROVIDER)
        stdout = process.stdout
        Thread(target=lambda: answers.put(stdout.readline()), daemon=True, name="embedded-greeting").start()
        try:
            process.stdin.write(json.dumps({"token": token, "models": self._told}) + "\n")
            process.stdin.flush()
            return int(json.loads(answers.get(timeout=START_SECONDS))["port"])
        except (Empty, OSError, ValueError, KeyError) as error:
            self._stop()
            raise ProviderUnavailable(
                "The embedded model server did not start.",
                provider=PROVIDER,
                hint=f"Its log is {self._log_file}." if self._log_file else "",
            ) from error

    def _tell_news(self) -> None:
        """Tell the running process of models that arrived since it started."""
        models = {name: str(path.absolute()) for name, path in self._models.items()}
        news = {name: path for name, path in models.items() if self._told.get(name) != path}
        if not news:
            return
        try:
            settings = client_settings(self._endpoint, timeout=httpx.Timeout(START_SECONDS))
            httpx.post(f"{self._endpoint.url}/api/register", json={"models": news}, **settings).raise_for_status()
        except httpx.HTTPError as error:
            raise ProviderUnavailable("The embedded model server does not answer.", provider=PROVIDER) from error
        self._told |= news

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _log(self) -> IO[bytes]:
        """The log, opened for appending; a long one is put aside first (one old log is kept)."""
        if self._log_file is None:
            return Path(os.devnull).open("ab")
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        if self._log_file.exists() and self._log_file.stat().st_size > LOG_BYTES:
            self._log_file.replace(self._log_file.with_suffix(self._log_file.suffix + ".1"))
        return self._log_file.open("ab")
