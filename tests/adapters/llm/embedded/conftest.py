"""One embedded server for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from basicchat.adapters.llm.embedded import EmbeddedServer

SMOL = "smollm2-135m-instruct-q4_1"


@pytest.fixture(scope="module")
def embedded(model_file, tmp_path_factory) -> Iterator[EmbeddedServer]:
    log = tmp_path_factory.mktemp("logs") / "embedded.log"
    server = EmbeddedServer({"smol": model_file(SMOL) / "model.gguf"}, threads=1, window=1024, log_file=log)
    yield server
    server.close()
