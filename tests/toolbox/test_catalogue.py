"""Catalogues: what is installed, and everything that is refused."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from basicchat.core.errors import BasicChatError, Conflict, DigestMismatch, InvalidInput, NotFound, ToolDenied
from basicchat.toolbox.catalogue import entries, install, offered

SECRET = Ed25519PrivateKey.from_private_bytes(b"a key for tests, 32 bytes long..")
KEY = base64.b64encode(SECRET.public_key().public_bytes_raw()).decode()
OTHER = base64.b64encode(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()).decode()
SOURCE = """
from typing import Annotated
from basicchat.toolbox import tool

@tool(version="1.2", permissions=["read"], examples=[{"text": "a b"}])
def word_count(text: Annotated[str, "A text."]) -> str:
    "Counts the words of a text."
    return str(len(text.split()))
"""

Make = Callable[..., Path]


@pytest.fixture
def catalogue(tmp_path: Path) -> Make:
    """Writes a catalogue of one tool; words of its entry may be changed, and the source of the tool."""

    def made(source: str = SOURCE, *, kind: int = 1, signed: bool = True, **entry: Any) -> Path:
        folder = tmp_path / "shared"
        folder.mkdir(exist_ok=True)
        (folder / "word_count.py").write_text(source, encoding="utf-8")
        told = {
            "name": "word_count",
            "version": "1.2",
            "permissions": ["read"],
            "file": "word_count.py",
            "sha256": hashlib.sha256(source.encode()).hexdigest(),
            **entry,
        }
        file = folder / "catalogue.json"
        file.write_text(json.dumps({"catalogue": kind, "tools": [told]}), encoding="utf-8")
        if signed:
            (folder / "catalogue.json.sig").write_bytes(base64.b64encode(SECRET.sign(file.read_bytes())) + b"\n")
        return file

    return made


def test_a_signed_tool_is_taken(catalogue: Make, tmp_path: Path) -> None:
    found = offered(catalogue(), "word_count", [OTHER, KEY], version="1.2")
    assert found.tool.info.name == "word_count"
    file = install(found, tmp_path / "tools")
    assert file.read_text(encoding="utf-8") == SOURCE
    assert [each.name for each in file.parent.iterdir()] == ["word_count.py"]
    with pytest.raises(Conflict):
        install(found, tmp_path / "tools")
    install(found, tmp_path / "tools", replace=True)


def test_a_signature_that_is_absent_or_wrong(catalogue: Make) -> None:
    file = catalogue()
    for keys in ([], [OTHER]):
        with pytest.raises(ToolDenied):
            entries(file, keys)
    with pytest.raises(InvalidInput):
        entries(file, ["not a key"])
    file.write_text(file.read_text().replace("1.2", "1.3"), encoding="utf-8")
    with pytest.raises(ToolDenied, match="changed afterwards"):
        entries(file, [KEY])
    for odd in (b"", b"AAAA", b"\xff\xfe"):
        file.with_name("catalogue.json.sig").write_bytes(odd)
        with pytest.raises(ToolDenied):
            entries(file, [KEY])
    file.with_name("catalogue.json.sig").unlink()
    with pytest.raises(NotFound):
        entries(file, [KEY])


def test_a_file_that_was_changed_is_not_even_run(catalogue: Make, tmp_path: Path) -> None:
    file = catalogue()
    ran = tmp_path / "ran"
    file.with_name("word_count.py").write_text(f"open({str(ran)!r}, 'w')\n{SOURCE}", encoding="utf-8")
    with pytest.raises(DigestMismatch):
        offered(file, "word_count", [KEY])
    assert not ran.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1.3"},
        {"permissions": []},
        {"permissions": ["read", "network"]},
        {"permissions": ["everything"]},
        {"name": "other"},
        {"file": "../word_count.py"},
        {"file": "/etc/passwd"},
        {"sha256": "0" * 63},
        {"kind": 2},
        {"source": "x = 1"},
        {"source": SOURCE + SOURCE.replace("word_count", "another")},
        {"source": SOURCE.replace('Annotated[str, "A text."]', "str")},
        {"source": "1 / 0"},
    ],
)
def test_what_does_not_agree_is_refused(catalogue: Make, change: dict[str, Any]) -> None:
    with pytest.raises(BasicChatError):
        offered(catalogue(**change), "word_count", [KEY])


def test_another_version_than_the_one_wanted(catalogue: Make) -> None:
    with pytest.raises(Conflict, match=r"has version 1\.2"):
        offered(catalogue(), "word_count", [KEY], version="2.0")
    with pytest.raises(NotFound, match="has no tool other"):
        offered(catalogue(), "other", [KEY])
