from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from basicchat.adapters.embed.ollama import OllamaEmbedder
from basicchat.core.errors import BadReply, NotFound, ProviderError, ProviderUnavailable
from basicchat.testing.contracts.embedder import EmbedderContract
from basicchat.testing.embedding import HashingEmbedder

MODEL = {"name": "nomic", "model": "nomic:latest", "digest": "sha256:0123456789abcdef", "size": 1}


class Server(ThreadingHTTPServer):
    """Speaks the two calls of Ollama's API that an embedder needs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict] = []
        self.answer = None  # (status, body) to give instead of vectors

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.reply(200, {"models": [MODEL]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        texts = [text for text in body["input"] if text]
        rows = 3 * np.asarray(HashingEmbedder().embed_passages(texts))  # Ollama's models need not be unit vectors
        self.reply(*(self.server.answer or (200, {"model": body["model"], "embeddings": rows.tolist()})))

    def reply(self, status: int, body: object) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class TestOllamaEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, server):
        with OllamaEmbedder(server.url, "nomic") as embedder:
            yield embedder


@pytest.fixture
def embedder(server):
    with OllamaEmbedder(server.url, "nomic", query_prefix="search_query: ", keep_alive="5m") as embedder:
        yield embedder


def test_questions_get_their_prefix_and_the_model_is_kept(server, embedder):
    embedder.embed_query("gearbox")
    assert server.asked[0]["input"] == ["search_query: gearbox"]
    assert server.asked[0]["keep_alive"] == "5m"
    assert server.asked[0]["truncate"] is True


def test_the_name_is_that_of_the_server(embedder):
    assert embedder.name == "nomic@0123456789ab"


def test_a_model_that_is_not_there(server):
    with OllamaEmbedder(server.url, "other") as embedder, pytest.raises(NotFound) as caught:
        _ = embedder.name
    assert caught.value.hint == "Fetch it with: ollama pull other"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((404, {"error": "model not found"}), NotFound),
        ((500, {"error": "out of memory"}), ProviderError),
        ((200, {"embeddings": [[1.0, 0.0], [0.0, 1.0]]}), BadReply),
        ((200, {"embeddings": [[0.0, 0.0]]}), BadReply),
        ((200, {"nothing": 1}), BadReply),
        ((200, b"not json"), BadReply),
    ],
)
def test_what_else_the_server_may_say(server, embedder, answer, error):
    server.answer = answer
    with pytest.raises(error):
        embedder.embed_query("gearbox")


def test_no_server():
    with OllamaEmbedder("http://127.0.0.1:9", "nomic") as embedder:
        for use in (lambda: embedder.name, lambda: embedder.embed_query("a")):
            with pytest.raises(ProviderUnavailable):
                use()
