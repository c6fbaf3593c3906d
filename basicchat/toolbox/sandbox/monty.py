"""Monty: a Python of its own, written in Rust, that knows no files and no network. The default on every platform.

It runs in a worker process and knows a part of Python: most of the language, and of the library math, json, re,
datetime, itertools, collections and the like.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from basicchat.core.errors import DependencyMissing, ToolDenied
from basicchat.core.tools import Limits, Ran
from basicchat.toolbox.sandbox.values import as_json

if TYPE_CHECKING:
    from pydantic_monty import CollectString, Monty

LIMITS = (
    "TimeoutError: feed time limit",
    "MemoryError: ",
    "RuntimeError: suspension limit",
    "TimeoutError: total sleep",
)
"""How the errors begin that mean a limit was reached."""


class MontySandbox:
    """A `Sandbox` of Monty's. Every run gets a worker of its own, which ends with it."""

    name = "monty"

    @staticmethod
    def installed() -> bool:
        """Whether the package is here."""
        return importlib.util.find_spec("pydantic_monty") is not None

    def run(self, code: str, *, limits: Limits) -> Ran:
        """Run it. Raises `ToolDenied` for a limit, `DependencyMissing` where Monty or its program is absent."""
        try:
            from pydantic_monty import CollectString, Monty, MontyCrashedError, MontyError
        except ImportError as error:
            raise DependencyMissing("pydantic-monty", hint="Install it with: pip install pydantic-monty") from error
        printed = CollectString(max_bytes=limits.output_bytes)
        try:
            with Monty(max_processes=1, request_timeout=limits.seconds + 2) as pool:
                return self._fed(pool, code, printed, limits)
        except MontyCrashedError as error:
            raise ToolDenied("The sandbox was stopped: the code used too much of it.") from error
        except MontyError as error:
            said = str(error).strip()
            if said.startswith(LIMITS):
                raise ToolDenied(f"The code reached a limit of the sandbox: {said}.", hint="Let it do less.") from error
            return Ran(printed.output, error=said or type(error).__name__, backend=self.name)
        except FileNotFoundError as error:
            raise DependencyMissing("Monty's program", hint="Install it with: pip install pydantic-monty") from error

    def _fed(self, pool: Monty, code: str, printed: CollectString, limits: Limits) -> Ran:
        with pool.checkout(
            limits={
                "max_feed_duration_secs": limits.seconds,
                "max_memory": limits.memory_mb * 2**20,
                "max_total_sleep_secs": limits.seconds,
                "max_suspensions": 10_000,
            }
        ) as session:
            value = session.feed_run(code, print_callback=printed)
        return Ran(printed.output, as_json(value, limit=limits.output_bytes), backend=self.name)
