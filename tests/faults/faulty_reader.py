"""A reading process whose loader goes wrong in every way that a hostile file can bring about.

Run as a script it takes the place of the real one. The first word of a file says what happens.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from basicchat.adapters.load.options import LoadOptions
from basicchat.adapters.load.worker import serve
from basicchat.core.errors import DependencyMissing
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument, Page, Progress, Table
from basicchat.testing.loading import TextLoader

MEGABYTE = 2**20


class FaultyLoader:
    """Reads text, as `TextLoader` does, unless the first word of the file is the name of a fault."""

    media_types = frozenset({"text/plain"})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, or goes wrong."""
        word = path.read_text(encoding="utf-8").partition(" ")[0].strip()
        if word == "records":
            yield from _records()
        elif word in _FAULTS:
            text = _FAULTS[word](tell) or "nothing happened"
            yield LoadedDocument(word, (Page(1, text),), "text/plain")
        else:
            yield from TextLoader().load(path, name=name, password=password, tell=tell)


def _records() -> Iterator[LoadedDocument]:
    for number in range(100_000):
        yield LoadedDocument(f"record {number}", (Page(1, "harbour " * 20),), "text/plain")


def _allocate(_: Tell) -> None:
    held = []
    while True:
        held.append(bytearray(os.urandom(64)) * MEGABYTE)


def _spin(_: Tell) -> None:
    while True:
        pass


def _spin_native(_: Tell) -> None:
    # Holds the interpreter's lock for minutes: no thread of this process runs meanwhile.
    pow(7, 10**9)


def _advance(tell: Tell) -> None:
    until = time.monotonic() + 3
    step = 0
    while time.monotonic() < until:
        step += 1
        tell(Progress("reading", step, 0, "steps"))


def _sleep(_: Tell) -> None:
    time.sleep(3600)


def _pages(tell: Tell) -> None:
    tell(Progress("reading", 1, 10**9, "pages"))


def _write_file(_: Tell) -> None:
    with Path("huge").open("wb") as file:
        while True:
            file.write(bytes(MEGABYTE))


def _write_outside(_: Tell) -> None:
    Path(sys.prefix, "written-by-a-reader").write_text("x", encoding="utf-8")


def _exit(_: Tell) -> None:
    os._exit(3)


def _segfault(_: Tell) -> None:
    ctypes.string_at(0)


def _connect(_: Tell) -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def _connect_native(_: Tell) -> str:
    """The same without Python's own socket module, as a library in C would; what the system answers."""
    libc = ctypes.CDLL(None, use_errno=True)
    address = b"\x02\x00" + (53).to_bytes(2, "big") + bytes([192, 0, 2, 1]) + bytes(8)
    descriptor = libc.socket(2, 2, 0)
    if descriptor >= 0 and libc.connect(descriptor, address, len(address)) == 0:
        return "connected"
    return f"refused: {os.strerror(ctypes.get_errno())}"


def _fork(_: Tell) -> None:
    while True:
        if os.fork() == 0:
            time.sleep(3600)


def _run(_: Tell) -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True)


def _child(_: Tell) -> None:
    """A child that the guard knows nothing of, which holds the memory in the parent's place."""
    libc = ctypes.CDLL(None)
    if libc.fork() == 0:
        time.sleep(3600)
    time.sleep(3600)


def _print(_: Tell) -> str:
    sys.stdout.write("this is no frame")
    sys.stdout.flush()
    os.write(1, b"nor is this")
    return "printed"


def _nonsense(_: Tell) -> None:
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"\x00\x00\x00\x05hello")
        except OSError:
            continue


def _bug(_: Tell) -> None:
    raise KeyError("harbour")


def _missing(_: Tell) -> None:
    raise DependencyMissing("rapidocr", extra="ocr")


def _output(_: Tell) -> str:
    return "x" * (64 * MEGABYTE)


def _deep(_: Tell) -> None:
    _deep(_)


def _environment(_: Tell) -> str:
    return "\n".join(sorted(os.environ))


_FAULTS: dict[str, Callable[[Tell], str | None]] = {
    "allocate": _allocate,
    "spin": _spin,
    "spin-native": _spin_native,
    "advance": _advance,
    "sleep": _sleep,
    "pages": _pages,
    "write-file": _write_file,
    "write-outside": _write_outside,
    "exit": _exit,
    "segfault": _segfault,
    "connect": _connect,
    "connect-native": _connect_native,
    "fork": _fork,
    "run": _run,
    "child": _child,
    "print": _print,
    "nonsense": _nonsense,
    "bug": _bug,
    "missing": _missing,
    "output": _output,
    "deep": _deep,
    "environment": _environment,
}


class TableLoader:
    """Gives a table of as many rows as the file says."""

    media_types = frozenset({"text/csv"})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document."""
        rows = tuple(
            (number, f"row {number}", number / 2, None, True) for number in range(int(path.read_text("utf-8")))
        )
        table = Table("numbers", ("n", "name", "half", "nothing", "yes"), rows, 1, "A1:E9")
        yield LoadedDocument("numbers", (Page(1, "numbers"),), "text/csv", tables=(table, table))


def loaders(_: LoadOptions) -> tuple[FaultyLoader, TableLoader]:
    """What this process reads."""
    return FaultyLoader(), TableLoader()


if __name__ == "__main__":
    serve(loaders)
