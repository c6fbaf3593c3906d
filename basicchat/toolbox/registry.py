"""Finds tools: every Python file of the built-in folder and of the user's own, by the same door.

A file is read again when its bytes have changed, so a new or changed tool works without a restart. A file that is
broken is reported and stops nobody else. This is the one module that imports what it was not written to know.
"""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from basicchat.core.tools import Tool, ToolInfo
from basicchat.toolbox.function import FunctionTool

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What a tool may be called: models copy such names without mistakes."""


@dataclass(frozen=True, slots=True)
class Found:
    """A tool and where it is from: a file, or the name of a server. ``builtin``: it came with the program."""

    tool: Tool
    origin: str
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that holds no tool that could be used, and why."""

    origin: str
    reason: str
    builtin: bool = False


@dataclass(frozen=True)
class Shelf:
    """The tools there are now, by name, and what could not be loaded."""

    tools: Mapping[str, Found]
    broken: tuple[Broken, ...] = ()


Elsewhere = Callable[[], Iterable[Found | Broken]]
"""Tools that lie in no file, such as those of a server."""


def builtin_folder() -> Path:
    """The folder of built-in tools: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_tools"
    return inside if inside.is_dir() else package.parent / "tools"


class Registry:
    """The tools of some folders. Built-in ones come first, so nothing can take their names. Safe to share."""

    def __init__(self, *, builtin: Path | None = None, own: Path | None = None, elsewhere: Elsewhere = tuple) -> None:
        self._folders = [(folder, flag) for folder, flag in ((builtin, True), (own, False)) if folder is not None]
        self._elsewhere = elsewhere
        self._known: dict[Path, tuple[str, tuple[Tool, ...] | str]] = {}
        self._lock = threading.Lock()

    def look(self) -> Shelf:
        """What there is now. Reads folders each time, and loads only what is new or has changed."""
        return _shelf((*self._offered(), *self._elsewhere()))

    def find(self, name: str) -> Found | None:
        """A tool by its name. Servers are asked only where no file has it."""
        return _shelf(self._offered()).tools.get(name) or self.look().tools.get(name)

    def _offered(self) -> list[Found | Broken]:
        with self._lock:
            return [each for folder, builtin in self._folders for each in self._folder(folder, builtin)]

    def _folder(self, folder: Path, builtin: bool) -> Iterable[Found | Broken]:
        files = sorted(folder.glob("*.py")) if folder.is_dir() else []
        for gone in [path for path in self._known if path.parent == folder and path not in files]:
            self._known.pop(gone)
        for file in files:
            if not file.name.startswith("_"):
                loaded = self._file(file)
                if isinstance(loaded, str):
                    yield Broken(str(file), loaded, builtin)
                else:
                    yield from (Found(each, str(file), builtin) for each in loaded)

    def _file(self, file: Path) -> tuple[Tool, ...] | str:
        """The tools of a file, or why there are none."""
        try:
            data = file.read_bytes()
        except OSError as error:
            return f"it cannot be read: {error.strerror or error}"
        digest = hashlib.sha256(data).hexdigest()
        before = self._known.get(file, ("", ""))[0]
        if before != digest:
            sys.modules.pop(_module_name(file, before), None)
            self._known[file] = (digest, load(file, data))
        return self._known[file][1]


def _shelf(offered: Iterable[Found | Broken]) -> Shelf:
    """What is offered, in order: the first of a name has it."""
    tools: dict[str, Found] = {}
    broken: list[Broken] = []
    for each in offered:
        if isinstance(each, Broken):
            broken.append(each)
        elif reason := _against(each.tool.info, tools):
            broken.append(Broken(each.origin, reason, each.builtin))
        else:
            tools[each.tool.info.name] = each
    return Shelf(tools, tuple(broken))


def load(file: Path, data: bytes) -> tuple[Tool, ...] | str:
    """Run a file and take its tools, or say in words why there are none.

    Whatever the file does, an error of it ends here: this is the edge between the program and somebody's plugin.
    """
    name = _module_name(file, hashlib.sha256(data).hexdigest())
    loader = _FromBytes(name, str(file), data)
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None  # noqa: S101 - a loader was given
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - told as the reason of a broken file
        sys.modules.pop(name, None)
        return _why(error, file)
    found = tuple(dict.fromkeys(each for each in vars(module).values() if _is_tool(each)))
    return found or "it defines no tool: decorate a function with @tool(...) of basicchat.toolbox"


def _module_name(file: Path, digest: str) -> str:
    return f"basicchat_tool_{hashlib.sha256(f'{file} {digest}'.encode()).hexdigest()[:16]}"


def _is_tool(value: object) -> bool:
    if isinstance(value, type):
        return False
    return isinstance(value, FunctionTool) or (
        isinstance(getattr(value, "info", None), ToolInfo) and callable(getattr(value, "run", None))
    )


def _why(error: BaseException, file: Path) -> str:
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {said}"
    line = error.__traceback__
    lines = list[int]()
    while line is not None:
        if line.tb_frame.f_code.co_filename == str(file):
            lines.append(line.tb_lineno)
        line = line.tb_next
    return f"line {lines[-1]}: {said}" if lines else said


def _against(info: ToolInfo, taken: Mapping[str, Found]) -> str:
    """Why a tool cannot be had, empty where it can."""
    if not NAME.fullmatch(info.name):
        return f"{info.name!r} is no name for a tool: small letters, digits and _, beginning with a letter"
    if not info.description:
        return f"{info.name} has no description: write a docstring that says what it does"
    if info.name in taken:
        other = taken[info.name]
        whose = "a built-in tool has" if other.builtin else f"{other.origin} has"
        return f"{whose} the name {info.name} already"
    return ""


class _FromBytes(importlib.machinery.SourceFileLoader):
    """Runs the bytes that were read, and leaves no compiled file beside them: those go by time and size alone."""

    def __init__(self, name: str, path: str, data: bytes) -> None:
        super().__init__(name, path)
        self._data = data

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self._data, self.path)
        return code


def names_of(shelf: Shelf) -> Sequence[str]:
    """The names of the tools there are, sorted."""
    return sorted(shelf.tools)
