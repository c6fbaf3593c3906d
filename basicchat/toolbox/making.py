"""A tool from a form: a name, what it does, its parameters, and code that runs in the sandbox.

What is saved is a tool file as any other, to be read and changed in an editor; all that it does is to hand its
arguments and its code to the sandbox. Words of the form are written as literals and never become code of the file.
"""

from __future__ import annotations

import ast
import keyword
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from basicchat.core.errors import Conflict, InvalidInput
from basicchat.core.tools import Tool
from basicchat.core.types import Json
from basicchat.toolbox.check import MOST_DESCRIPTION, faults
from basicchat.toolbox.registry import NAME, load

Kind = Literal["text", "number", "whole number", "yes or no"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TYPES: dict[Kind, str] = {"text": "str", "number": "float", "whole number": "int", "yes or no": "bool"}
PARAMETER = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = frozenset({"toolkit", "tool", "in_sandbox", "str", "int", "float", "bool"})
MOST_PARAMETERS = 6
MOST_CODE = 20_000
"""Characters."""

FILE = '''"""Made on the page Tools. Its code runs in the sandbox: no files, no network."""

from typing import Annotated

from basicchat.toolbox import Toolkit, in_sandbox, tool

CODE = {code}


@tool(cost="seconds", version="1")
def {name}({parameters}):
    {description}
    return in_sandbox(toolkit, CODE, {given})
'''


@dataclass(frozen=True)
class Parameter:
    """An argument of the tool."""

    name: str
    kind: Kind
    description: str


@dataclass(frozen=True)
class Draft:
    """A tool as it stands in the form. The value of the code's last line is what it gives back."""

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    code: str


def source_of(draft: Draft) -> str:
    """The file of a tool. Raises `InvalidInput` for what is missing or does not fit, in words for the form."""
    _check(draft)
    parameters = [f"{each.name}: Annotated[{TYPES[each.kind]}, {each.description!r}]" for each in draft.parameters]
    return FILE.format(
        code=repr(draft.code),
        name=draft.name,
        parameters=", ".join(["toolkit: Toolkit", *parameters]),
        description=repr(draft.description),
        given="{" + ", ".join(f"{each.name!r}: {each.name}" for each in draft.parameters) + "}",
    )


def tool_of(draft: Draft) -> Tool:
    """The tool itself, to be tried. Raises `InvalidInput`."""
    found = load(Path(f"{draft.name}.py"), source_of(draft).encode())
    if isinstance(found, str):
        raise InvalidInput(f"The tool cannot be used: {found}.")
    if told := faults(found[0]):
        raise InvalidInput(" ".join(told))
    return found[0]


def save(draft: Draft, folder: Path) -> Path:
    """Write the file; it is a tool at once. Raises `InvalidInput`, and `Conflict` where there is such a file."""
    tool_of(draft)
    file = folder / f"{draft.name}.py"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as opened:
            opened.write(source_of(draft))
    except FileExistsError as error:
        raise Conflict(f"There is a tool {draft.name} already.", hint="Choose another name.") from error
    return file


def value_of(kind: Kind, text: str) -> Json:
    """A value as somebody typed it. Raises `InvalidInput`."""
    try:
        if kind == "yes or no":
            return {"yes": True, "true": True, "no": False, "false": False, "": False}[text.strip().casefold()]
        return text if kind == "text" else int(text) if kind == "whole number" else float(text)
    except (ValueError, KeyError) as error:
        raise InvalidInput(f"{text[:40]!r} is no {kind}.") from error


def _check(draft: Draft) -> None:
    """Raises `InvalidInput`."""
    if not NAME.fullmatch(draft.name) or keyword.iskeyword(draft.name) or draft.name in RESERVED:
        raise InvalidInput(f"{draft.name!r} is no name for a tool: small letters, digits and _, such as word_count.")
    if not 10 <= len(draft.description.strip()) <= MOST_DESCRIPTION:
        raise InvalidInput(f"Say in 10 to {MOST_DESCRIPTION} characters what the tool does: the model reads it.")
    names = [each.name for each in draft.parameters]
    for each in draft.parameters:
        if not PARAMETER.fullmatch(each.name) or keyword.iskeyword(each.name) or each.name in RESERVED:
            raise InvalidInput(f"{each.name!r} is no name for a parameter: small letters, digits and _.")
        if not each.description.strip() or names.count(each.name) > 1:
            raise InvalidInput(f"The parameter {each.name} needs a description, and a name of its own.")
    if len(names) > MOST_PARAMETERS:
        raise InvalidInput(f"A tool made here has at most {MOST_PARAMETERS} parameters.")
    if not draft.code.strip() or len(draft.code) > MOST_CODE:
        raise InvalidInput(f"The code has 1 to {MOST_CODE:,} characters.")
    try:
        ast.parse(draft.code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
        said = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        raise InvalidInput(f"The code cannot be read: {line}{said}.") from error
