"""What a reading process gives up before it opens the first file. Every promise here is about the process itself.

What the system enforces (limits, no network on Linux) also binds native code. The audit hook binds Python code
everywhere, also where the system offers nothing.
"""

from __future__ import annotations

import ctypes
import math
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from basicchat.adapters.load.limits import MEGABYTE, ParseLimits

PROGRAMS = frozenset({"tesseract"})
"""Programs that a reader may run."""

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
NICENESS = 10

_NETWORK = frozenset(
    {
        *("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"),
        *("socket.gethostbyaddr", "socket.getnameinfo", "socket.sendto", "socket.sendmsg"),
    }
)
_PROCESSES = frozenset({"os.exec", "os.fork", "os.forkpty", "os.system", "os.spawn", "os.startfile", "os.startfile/2"})
_NAMED_PROCESSES = frozenset({"subprocess.Popen", "os.posix_spawn"})
_CHANGES = frozenset({"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


def confine(limits: ParseLimits, *, scratch: Path, parent: int) -> tuple[str, ...]:
    """Give up what reading does not need; names of what the system enforces, for the log and the tests.

    Call it while the process has one thread. Ends the process if ``parent`` is gone already.
    """
    die_with(parent)
    lower_priority()
    enforced = [*limit_resources(limits)]
    if leave_network():
        enforced.append("network")
    sys.addaudithook(guard(scratch))
    return tuple(enforced)


def die_with(parent: int) -> None:
    """On Linux, be killed when the thread that started this process ends. Elsewhere the closed pipe must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def lower_priority() -> None:
    """Let the page and the models go first."""
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(NICENESS)


def limit_resources(limits: ParseLimits) -> list[str]:
    """Set the limits that hold for every file; names of those that the system took.

    Memory is limited by what is written to (RLIMIT_DATA), not by addresses: libraries of models map far more than they
    use. macOS does not enforce it, and Windows has none of these; there the watch of the parent alone holds.
    """
    if sys.platform == "win32":
        return []
    import resource

    wanted = {
        "memory": (resource.RLIMIT_DATA, limits.memory_mb * MEGABYTE),
        "file size": (resource.RLIMIT_FSIZE, limits.scratch_mb * MEGABYTE),
        "open files": (resource.RLIMIT_NOFILE, limits.open_files),
        "core dumps": (resource.RLIMIT_CORE, 0),
    }
    taken = []
    for name, (kind, most) in wanted.items():
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))
            taken.append(name)
    return taken


def allow_cpu(seconds: float) -> None:
    """From now on the process may compute for so many seconds; it is killed after that. Nothing on Windows."""
    if sys.platform != "win32":
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        most = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def leave_network() -> bool:
    """On Linux, move to a network of its own that has no interfaces; False where the system does not allow it."""
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) == 0:
        return True
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    # Keep the identity: without a map the process would be nobody.
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with suppress(OSError):
            Path(f"/proc/self/{name}").write_text(text, encoding="ascii")
    return True


def guard(scratch: Path) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook that refuses the network, programs other than `PROGRAMS`, and changes outside ``scratch``."""
    inside = os.path.realpath(scratch) + os.sep

    def allowed(path: object) -> bool:
        if isinstance(path, int) or path == os.devnull:
            return True
        where = os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]
        return where.startswith(inside) or os.path.basename(os.path.dirname(where)) == "__pycache__"

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING and not allowed(path):
                raise PermissionError(f"A reader may not write to {path}.")
        elif event in _NETWORK:
            raise PermissionError("A reader may not use the network.")
        elif event in _PROCESSES or (event in _NAMED_PROCESSES and _program(arguments) not in PROGRAMS):
            raise PermissionError("A reader may not start other programs.")
        elif event in _CHANGES and not all(map(allowed, filter(_is_path, arguments[:2]))):
            raise PermissionError("A reader may not change files.")

    return hook


def _is_path(value: object) -> bool:
    return isinstance(value, str | bytes | os.PathLike)


def _program(arguments: tuple[Any, ...]) -> str:
    """The bare name of the program that is about to be started."""
    named = arguments[0] or (arguments[1][0] if arguments[1] else "")
    return Path(os.fsdecode(named)).stem.lower()
