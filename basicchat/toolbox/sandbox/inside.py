"""Runs one piece of code inside bubblewrap's walls, within limits that it cannot raise again.

It is handed to the interpreter as text and sees nothing of this program. It reads an order from standard input and
writes one JSON document to standard output.
"""

from __future__ import annotations

import ast
import ctypes
import io
import json
import math
import resource
import struct
import sys
from typing import Any

DENIED = {
    "x86_64": (
        *(56, 57, 58, 435),  # clone, fork, vfork, clone3
        *(59, 322),  # execve, execveat
        *(41, 42, 43, 49, 50, 53, 288),  # socket, connect, accept, bind, listen, socketpair, accept4
        *(62, 200, 234, 297),  # kill, tkill, tgkill, rt_sigqueueinfo
        *(101, 310, 311),  # ptrace, process_vm_readv, process_vm_writev
        *(155, 161, 165, 166, 272, 308),  # pivot_root, chroot, mount, umount2, unshare, setns
        *(428, 429, 430, 431, 432, 442),  # open_tree, move_mount, fsopen, fsconfig, fsmount, mount_setattr
        *(135, 175, 176, 246, 313, 320),  # personality, modules, kexec
        *(248, 249, 250, 298, 321, 323),  # keys, perf_event_open, bpf, userfaultfd
        *(303, 304, 319, 425, 426, 427),  # file handles, memfd_create, io_uring
    ),
    "aarch64": (
        *(220, 435),
        *(221, 281),
        *(198, 199, 200, 201, 202, 203, 242),
        *(129, 130, 131, 138),
        *(117, 270, 271),
        *(39, 40, 41, 51, 97, 268),
        *(428, 429, 430, 431, 432, 442),
        *(92, 104, 105, 106, 273, 294),
        *(217, 218, 219, 241, 280, 282),
        *(264, 265, 279, 425, 426, 427),
    ),
}
"""System calls that nothing here has a use for, by processor, in the same order."""

ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH of linux/audit.h."""
X32 = 0x40000000
"""Calls from here on are those of another calling convention on x86-64, by which the list could be passed."""

LOAD, EQUALS, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
KILL, REFUSE, ALLOW = 0x80000000, 0x00050001, 0x7FFF0000  # REFUSE answers EPERM
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2
MOST_DEPTH = 20


def filter_of(machine: str) -> bytes:
    """The program of seccomp that refuses the denied calls, as `struct sock_filter` each."""
    denied = DENIED[machine]
    lines = [(LOAD, 0, 0, 4), (EQUALS, 1, 0, ARCHITECTURE[machine]), (RETURN, 0, 0, KILL), (LOAD, 0, 0, 0)]
    lines += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, KILL)]
    lines += [(EQUALS, len(denied) - at, 0, number) for at, number in enumerate(denied)]
    lines += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def lock(machine: str) -> None:
    """Have the kernel refuse the denied calls from now on, for good."""
    program = ctypes.create_string_buffer(filter_of(machine))
    count = (len(program) - 1) // 8
    whole = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", count, ctypes.addressof(program)))
    kernel = ctypes.CDLL(None, use_errno=True)
    for order in ((NO_NEW_PRIVILEGES, 1, 0, 0, 0), (SECCOMP, FILTER, whole, 0, 0)):
        if kernel.prctl(*order) != 0:
            raise OSError(ctypes.get_errno(), "the kernel takes no filter")


def limit(seconds: float, memory: int) -> None:
    """Limits that cannot be raised again."""
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    for kind, amount in (
        (resource.RLIMIT_AS, memory + 64 * 2**20),  # what the interpreter itself maps
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(kind, (amount, amount))


class Full(BaseException):
    """More was printed than may be."""


class Bounded(io.TextIOBase):
    """Standard output in memory, up to a limit."""

    def __init__(self, most: int) -> None:
        self.pieces: list[str] = []
        self.left = most
        self.full = False

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Keep it. Raises `Full`."""
        self.left -= len(text.encode("utf-8", "surrogatepass"))
        if self.left < 0:
            self.full = True
            raise Full
        self.pieces.append(text)
        return len(text)


def run(code: str) -> Any:
    """Run the code; the value of its last line."""
    tree = ast.parse(code)
    names: dict[str, Any] = {"__name__": "__main__"}
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "main.py", "exec"), names)  # noqa: S102 - this is what the walls are for
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "main.py", "eval"), names)  # noqa: S307 - as above


def plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON has it; what has no such form is its `repr`."""
    if value is None or isinstance(value, (bool, str)) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if depth >= MOST_DEPTH:
        return "..."
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each, depth + 1) for each in value]
    return repr(value)


def outcome(code: str, most: int) -> dict[str, Any]:
    """What became of the code, as it is told to the other side of the walls."""
    out = Bounded(most)
    sys.stdout = sys.stderr = out
    told: dict[str, Any] = {"value": None, "error": "", "denied": ""}
    try:
        told["value"] = plain(run(code))
        if len(json.dumps(told["value"])) > most:
            told.update(value=None, denied=f"more than {most:,} bytes were given back")
    except MemoryError:
        told["denied"] = "memory"
    except Full:
        pass
    except BaseException as error:  # noqa: BLE001 - whatever it is goes to whoever gave the order
        told["error"] = f"{type(error).__name__}: {error}"[:2000]
    if out.full:
        told.update(value=None, denied=f"more than {most:,} bytes were printed")
    return {"printed": "".join(out.pieces), **told}


def main() -> None:
    """Take the order, put the limits on, run, tell."""
    order = json.loads(sys.stdin.buffer.read())
    answer = sys.stdout.buffer
    limit(order["seconds"], order["memory"])
    lock(order["machine"])
    answer.write(json.dumps(outcome(order["code"], order["output"])).encode())
    answer.flush()


if __name__ == "__main__":
    main()
