"""One reading process, seen from its parent: started, spoken to, watched and ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import IO

import psutil

from basicchat.adapters.load.limits import ParseLimits
from basicchat.adapters.load.options import LoadOptions
from basicchat.adapters.load.wire import BadFrame, Message, TooMuch, packed, read_frame, unpacked, written
from basicchat.core.codec import to_json

START_SECONDS = 60.0
FRAMES_AHEAD = 8
FRAME_MOST = 1 << 26
"""Bytes of one frame: a page of thirty million characters is no page."""
LEAVE_SECONDS = 1.0
COMPLAINT = 1_000

KEPT = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TESSDATA_PREFIX", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("PYTHONHOME", "PYTHONPYCACHEPREFIX", "PYTHONUSERBASE", "VIRTUAL_ENV"),
        *("SYSTEMROOT", "WINDIR", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
        *("PROGRAMDATA", "PROGRAMFILES", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"),
    }
)
"""Variables that a reading process sees, with those that begin with ``LC_``. Keys and passwords are not among them."""


class CannotStart(Exception):
    """The process does not come up."""


class WorkerProcess:
    """A running process. `frames` gives what it says; the end of the stream is None, too long a frame is `TooMuch`."""

    def __init__(
        self, command: Sequence[str], options: LoadOptions, limits: ParseLimits, *, folder: Path | None = None
    ) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self.scratch = Path(tempfile.mkdtemp(prefix="basicchat-read-", dir=folder))
        self.files = 0
        self.enforced: frozenset[str] = frozenset()
        self._frames: Queue[bytes | TooMuch | None] = Queue(FRAMES_AHEAD)
        self._gone = Event()
        with (self.scratch / "stderr").open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self.scratch,
                env=environment(os.environ, self.scratch),
                # A Ctrl-C is for the parent, which then closes the pipe; and a group can be killed as one.
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
                | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )
        self._system = psutil.Process(self._process.pid)
        if self._process.stdout is None or self._process.stdin is None:
            raise CannotStart("no pipes")
        self._stdin: IO[bytes] = self._process.stdin
        self._reader = Thread(target=self._read, args=(self._process.stdout,), daemon=True, name="reading")
        self._reader.start()
        start = {"options": to_json(options), "limits": to_json(limits)}
        self.send({**start, "scratch": str(self.scratch), "parent": os.getpid()})

    def wait_until_ready(self) -> None:
        """Return when it waits for its first file. Raises `CannotStart`."""
        try:
            frame = self.frame(START_SECONDS)
            if not isinstance(frame, bytes):
                raise CannotStart(f"{self.ended_by()}: {self.complaint()}")
            self.enforced = frozenset(map(str, unpacked(frame)[0]["ready"]))
        except (Empty, BadFrame, KeyError, IndexError, TypeError) as error:
            raise CannotStart("it does not answer") from error

    def complaint(self) -> str:
        """The end of what it wrote to its error stream."""
        with suppress(OSError):
            return (self.scratch / "stderr").read_text(encoding="utf-8", errors="replace")[-COMPLAINT:]
        return ""

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self._process.poll() is None

    def send(self, message: Message) -> None:
        """Say something to it. Nothing happens if it is gone: then its frames end."""
        with suppress(OSError, ValueError):
            self._stdin.write(packed([written(message)]))
            self._stdin.flush()

    def frame(self, timeout: float) -> bytes | TooMuch | None:
        """What it says next, None at the end. Raises `queue.Empty` after ``timeout`` seconds of silence."""
        return self._frames.get(timeout=timeout)

    def memory(self, *, children: bool = True) -> int:
        """Bytes that it and its children hold now; 0 if it is gone."""
        with suppress(psutil.Error):
            processes = [self._system, *(self._system.children(recursive=True) if children else ())]
            return sum(_memory(process) for process in processes)
        return 0

    def computed(self, *, children: bool = False) -> float:
        """Seconds it has computed, if asked with its children's; 0 if it is gone."""
        with suppress(psutil.Error):
            processes = [self._system, *(self._system.children(recursive=True) if children else ())]
            return sum(_computed(process) for process in processes)
        return 0.0

    def ended_by(self) -> str:
        """How it ended: ``segmentation fault``, ``exit code 3``. Waits a moment for it."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVE_SECONDS)
        code = self._process.returncode
        if code is None:
            return "it hung up"
        return signal_name(-code) if code < 0 else f"exit code {code}"

    def killed_by(self, name: str) -> bool:
        """Whether it was ended by this signal, where the system has it."""
        return hasattr(signal, name) and self._process.returncode == -int(getattr(signal, name))

    def kill(self) -> None:
        """End it and what it started, at once. Its frames end; `close` tidies up."""
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            with suppress(psutil.Error):
                for child in self._system.children(recursive=True):
                    child.kill()
        with suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End it and leave nothing behind: it may finish by itself for a moment if it has nothing to do."""
        self._gone.set()
        with suppress(OSError):
            self._stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(LEAVE_SECONDS)
        self.kill()
        self._process.wait()
        self._reader.join(LEAVE_SECONDS)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _read(self, stdout: IO[bytes]) -> None:
        """Runs in a thread of its own: pipes have no timeout on every system."""
        frame: bytes | TooMuch | None = b""
        while isinstance(frame, bytes):
            try:
                frame = read_frame(stdout, most=FRAME_MOST)
            except TooMuch as error:
                frame = error
            except (OSError, ValueError):
                frame = None
            self._put(frame)

    def _put(self, frame: bytes | TooMuch | None) -> None:
        while not self._gone.is_set():
            with suppress(Full):
                self._frames.put(frame, timeout=0.5)
                return


def environment(variables: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """The few variables that a reading process sees, and where it finds this package."""
    kept = {name: value for name, value in variables.items() if name.upper() in KEPT or name.startswith("LC_")}
    package = Path(__file__).resolve().parents[3]
    # Installed packages are found anyway; put in front, they could hide modules of the standard library.
    own = [] if package.name in {"site-packages", "dist-packages"} else [str(package)]
    given = filter(None, variables.get("PYTHONPATH", "").split(os.pathsep))
    path = os.pathsep.join([*own, *map(os.path.abspath, given)])
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    quiet = {"HF_HUB_OFFLINE": "1", "ORT_DISABLE_TELEMETRY": "1", "OMP_WAIT_POLICY": "PASSIVE", "PYTHONUTF8": "1"}
    return {**kept, **temporary, **quiet, "PYTHONPATH": path}


def signal_name(number: int) -> str:
    """A signal in words."""
    try:
        return (signal.strsignal(number) or f"signal {number}").lower()
    except ValueError:
        return f"signal {number}"


def _memory(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _computed(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system + getattr(times, "children_user", 0.0))
    return 0.0
