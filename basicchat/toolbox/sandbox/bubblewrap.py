"""Bubblewrap: the whole of CPython and its library, in namespaces of its own (Linux).

The process sees the interpreter, its library and the shared libraries of the system, read-only, and nothing else: no
home, no /etc, no /proc, no /dev. It has no network but an unconnected loopback, no capability, no environment; the
kernel refuses it new processes, programs and sockets; and memory, time and output are limited.
"""

from __future__ import annotations

import json
import platform
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import IO

from basicchat.core.errors import DependencyMissing, ToolDenied
from basicchat.core.tools import Limits, Ran

INSIDE = Path(__file__).with_name("inside.py")
MACHINES = frozenset({"x86_64", "aarch64"})
"""Processors whose numbers of system calls `inside.py` knows."""

PYTHON = f"/python/bin/python{sys.version_info.major}.{sys.version_info.minor}"
"""Where the interpreter lies inside."""

START_SECONDS = 5.0
"""What starting takes at most, beside the time of the code."""
MOST_COMPLAINT = 2_000
OVERHEAD = 20_000
"""Bytes of the reply beside what the code printed and gave back."""


class BubblewrapSandbox:
    """A `Sandbox` of namespaces, with the interpreter that this program runs on."""

    name = "bubblewrap"

    @staticmethod
    def installed() -> bool:
        """Whether this system can have it: Linux, a known processor, and the program ``bwrap``."""
        return sys.platform == "linux" and platform.machine() in MACHINES and shutil.which("bwrap") is not None

    def run(self, code: str, *, limits: Limits) -> Ran:
        """Run it. Raises `ToolDenied` for a limit, `DependencyMissing` where bubblewrap is absent or cannot start."""
        program = shutil.which("bwrap")
        if program is None or not self.installed():
            raise DependencyMissing("bubblewrap", hint="Install it with: apt install bubblewrap (Linux only)")
        order = {
            "code": code,
            "machine": platform.machine(),
            "seconds": limits.seconds,
            "memory": limits.memory_mb * 2**20,
            "output": limits.output_bytes,
        }
        out, complaint, late = _exchange(
            [program, *_walls(), PYTHON, "-I", "-S", "-B", "-c", INSIDE.read_text(encoding="utf-8")],
            json.dumps(order).encode(),
            seconds=limits.seconds + START_SECONDS,
            limit=6 * 2 * limits.output_bytes + OVERHEAD,  # in JSON a character takes up to six bytes
        )
        if late:
            raise ToolDenied(f"The code reached a limit of the sandbox: {limits.seconds:g} s.", hint="Let it do less.")
        return self._reply(out, complaint)

    def _reply(self, out: bytes, complaint: str) -> Ran:
        try:
            reply = json.loads(out)
            printed, value = str(reply["printed"]), reply["value"]
            raised, denied = str(reply["error"]), str(reply["denied"])
        except (ValueError, KeyError, TypeError) as error:
            if complaint.startswith("bwrap:"):
                raise DependencyMissing(
                    "A working bubblewrap", hint=f"It says: {complaint}. Set BASICCHAT_TOOLS__SANDBOX=monty."
                ) from error
            raise ToolDenied(f"The sandbox was stopped: the code used too much of it. {complaint}".strip()) from error
        if denied:
            raise ToolDenied(f"The code reached a limit of the sandbox: {denied}.", hint="Let it do less.")
        return Ran(printed, value, raised, self.name)


def _walls() -> list[str]:
    """The options that leave nothing but the interpreter to be seen, at a place that tells nothing of this machine."""
    library = Path(sysconfig.get_path("stdlib"))
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    options += ["--setenv", "LD_LIBRARY_PATH", "/python/lib", "--setenv", "LC_ALL", "C.UTF-8"]
    for folder in ("/usr/lib", "/usr/lib64", "/lib", "/lib64"):
        options += _link_or_bind(Path(folder))
    for packages in ("/usr/lib/python3",):
        options += ["--tmpfs", packages] if Path(packages).is_dir() else []
    for shared in sorted(Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib").glob("libpython*.so*")):
        options += ["--ro-bind", str(shared.resolve()), f"/python/lib/{shared.name}"]
    inside = f"/python/lib/{library.name}"
    options += ["--ro-bind", str(library), inside]
    for packages in ("site-packages", "dist-packages"):
        options += ["--tmpfs", f"{inside}/{packages}"] if (library / packages).is_dir() else []
    program = Path(sys.executable).resolve()
    return [*options, "--ro-bind", str(program), PYTHON, "--remount-ro", "/", "--chdir", "/", "--"]


def _link_or_bind(folder: Path) -> Sequence[str]:
    if folder.is_symlink():
        return ["--symlink", str(folder.readlink()), str(folder)]
    return ["--ro-bind", str(folder), str(folder)] if folder.is_dir() else []


def _exchange(command: Sequence[str], given: bytes, *, seconds: float, limit: int) -> tuple[bytes, str, bool]:
    """What the command wrote, at most ``limit`` bytes, what it complained of, and whether it took too long."""
    process = subprocess.Popen(  # noqa: S603 - the program was found on the path, the arguments are our own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={}
    )
    assert process.stdin is not None  # noqa: S101 - pipes were asked for
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    found: dict[str, bytes] = {}

    def read(name: str, stream: IO[bytes], most: int) -> None:
        found[name] = stream.read(most)
        if len(found[name]) >= most:
            process.kill()

    readers = [
        Thread(target=read, args=("out", process.stdout, limit), daemon=True),
        Thread(target=read, args=("err", process.stderr, MOST_COMPLAINT), daemon=True),
    ]
    for reader in readers:
        reader.start()
    late = False
    try:
        try:
            process.stdin.write(given)
            process.stdin.close()
        except BrokenPipeError:  # it did not start: what it complained of says why
            pass
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        late = True
    finally:
        process.kill()
        process.wait()
        for reader in readers:
            reader.join(1.0)
        process.stdout.close()
        process.stderr.close()
    late = late or process.returncode == 128 + signal.SIGXCPU
    return found.get("out", b""), found.get("err", b"").decode("utf-8", "replace").strip(), late
