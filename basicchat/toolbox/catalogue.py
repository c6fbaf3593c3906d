"""Catalogues of tools that people share: a list with versions and digests, signed by whoever keeps it.

The list is JSON: ``{"catalogue": 1, "tools": [{"name", "version", "description", "permissions", "file", "sha256"}]}``.
Its signature stands beside it with the ending ``.sig``: Ed25519 (RFC 8032) over the bytes of the list, in base64. A
file is taken only if its digest is the one in the list, and what it declares is what the list says.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from basicchat.core.errors import Conflict, DigestMismatch, InvalidInput, NotFound, ToolDenied
from basicchat.core.tools import Permission, Tool
from basicchat.toolbox.check import faults
from basicchat.toolbox.registry import load

MOST_LIST = 5_000_000
MOST_FILE = 1_000_000
"""Bytes of a list, and of a tool's file."""


class Entry(BaseModel):
    """A tool as a catalogue lists it. ``file`` lies beside the catalogue, under that very name."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    version: str = Field(min_length=1, max_length=80)
    description: str = ""
    permissions: tuple[Permission, ...] = ()
    file: str = Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.py$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _List(BaseModel):
    catalogue: int
    tools: tuple[Entry, ...]


@dataclass(frozen=True)
class Offered:
    """A tool that was checked and may be installed: what the list says of it, its bytes, and the tool itself."""

    entry: Entry
    data: bytes
    tool: Tool


def entries(file: Path, keys: Sequence[str]) -> tuple[Entry, ...]:
    """The tools of a catalogue that one of ``keys`` signed (Ed25519 public keys, 32 bytes in base64).

    Raises `NotFound`, `ToolDenied` for a signature that is absent or wrong, `InvalidInput` for what is no catalogue.
    """
    data = _read(file, MOST_LIST)
    _verify(data, _read(file.with_name(file.name + ".sig"), 1_000), keys, file.name)
    try:
        found = _List.model_validate_json(data)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise InvalidInput(f"{file.name} is no catalogue: {place}: {problem['msg']}.") from error
    if found.catalogue != 1:
        raise InvalidInput(f"{file.name} is a catalogue of kind {found.catalogue}; this program knows kind 1.")
    return found.tools


def offered(file: Path, name: str, keys: Sequence[str], *, version: str = "") -> Offered:
    """A tool of a catalogue, checked: signature, digest, version, name and permissions.

    Its file is run once it is known to be the one that was signed. Raises what `entries` raises, `NotFound`,
    `DigestMismatch`, and `Conflict` where the file does not declare what the list says.
    """
    there = {each.name: each for each in entries(file, keys)}
    entry = there.get(name)
    if entry is None:
        raise NotFound(f"{file.name} has no tool {name}.", hint=f"It has: {', '.join(sorted(there)) or 'none'}.")
    if version and entry.version != version:
        raise Conflict(f"{file.name} has version {entry.version} of {name}, not {version}.")
    data = _read(file.with_name(entry.file), MOST_FILE)
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise DigestMismatch(f"{entry.file} is not the file that the catalogue lists: its digest differs.")
    return Offered(entry, data, _loaded(entry, data))


def install(found: Offered, folder: Path, *, replace: bool = False) -> Path:
    """Put a tool into the folder of one's own tools. Raises `Conflict` where it is there, unless ``replace``."""
    target = folder / f"{found.entry.name}.py"
    if target.exists() and not replace:
        raise Conflict(f"There is a tool {found.entry.name} already.", hint="Add --replace to put this one there.")
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"_{found.entry.name}.new"
    beside.write_bytes(found.data)
    os.replace(beside, target)
    return target


def _loaded(entry: Entry, data: bytes) -> Tool:
    tools = load(Path(entry.file), data)
    if isinstance(tools, str):
        raise InvalidInput(f"{entry.file} cannot be used: {tools}.")
    if [tool.info.name for tool in tools] != [entry.name]:
        raise Conflict(f"{entry.file} does not hold the tool {entry.name}, and that alone.")
    tool = tools[0]
    if tool.info.version != entry.version:
        raise Conflict(f"{entry.file} says it is version {tool.info.version}, the catalogue says {entry.version}.")
    if tool.info.permissions != set(entry.permissions):
        wants = ", ".join(sorted(tool.info.permissions)) or "none"
        raise Conflict(f"{entry.name} wants other permissions than the catalogue says: {wants}.")
    if told := faults(tool):
        raise InvalidInput(f"The tool {entry.name} is not right: {' '.join(told)}")
    return tool


def _verify(data: bytes, signature: bytes, keys: Sequence[str], name: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not keys:
        raise ToolDenied(
            "No key is known that catalogues may be signed with.",
            hint="Give the key that its keeper publishes with --key, or set BASICCHAT_TOOLS__CATALOGUE_KEYS.",
        )
    try:
        signed = base64.b64decode(signature, validate=False)
    except binascii.Error as error:
        raise ToolDenied(f"The signature of {name} cannot be read.") from error
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True)).verify(signed, data)
        except (binascii.Error, ValueError) as error:
            raise InvalidInput("A key of a catalogue is 32 bytes in base64.") from error
        except InvalidSignature:
            continue
        return
    raise ToolDenied(
        f"{name} was not signed by a key that you named, or was changed afterwards.", hint="Fetch it again."
    )


def _read(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}.") from error
    if len(data) > most:
        raise InvalidInput(f"{file.name} is larger than {most:,} bytes.")
    return data
