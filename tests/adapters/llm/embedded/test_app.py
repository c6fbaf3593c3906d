"""The official client drives the embedded server."""

from __future__ import annotations

import json
import math

import httpx
import ollama
import pytest

pytestmark = pytest.mark.models

HELLO = [{"role": "user", "content": "Say hello to Bob."}]
SMALL = {"num_ctx": 1024, "num_predict": 6, "temperature": 0}


@pytest.fixture(scope="module")
def client(embedded):
    address = embedded.endpoint()
    with ollama.Client(address.url, headers={"Authorization": f"Bearer {address.token}"}, trust_env=False) as client:
        yield client


@pytest.fixture
def plain(embedded):
    address = embedded.endpoint()
    headers = {"Authorization": f"Bearer {address.token}"}
    with httpx.Client(base_url=address.url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def test_list(client):
    (model,) = client.list().models
    assert model.model == "smol"
    assert model.size > 90_000_000
    assert len(model.digest) == 64
    assert model.details.format == "gguf"
    assert model.modified_at is not None


def test_show(client):
    shown = client.show("smol")
    assert shown.modelinfo["llama.context_length"] == 8192
    assert shown.capabilities == ["completion"]
    assert "im_start" in shown.template


def test_show_with_the_latest_tag(client):
    assert client.show("smol:latest").capabilities == ["completion"]


def test_chat(client):
    reply = client.chat("smol", HELLO, options=SMALL)
    assert reply.message.role == "assistant"
    assert reply.message.content
    assert reply.done
    assert reply.done_reason == "length"
    assert reply.eval_count == 6
    assert reply.prompt_eval_count > 6
    assert reply.total_duration >= reply.eval_duration > 0
    assert reply.prompt_eval_duration > 0
    assert reply.load_duration >= 0


def test_chat_stream(client):
    chunks = list(client.chat("smol", HELLO, stream=True, options=SMALL))
    assert [chunk.done for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    whole = client.chat("smol", HELLO, options=SMALL)
    assert "".join(chunk.message.content for chunk in chunks) == whole.message.content


def test_a_stop_word_stops(client):
    reply = client.chat("smol", HELLO, options={**SMALL, "num_predict": 60, "stop": ["!", ".", ","]})
    assert reply.done_reason == "stop"
    assert not set("!.,") & set(reply.message.content)


def test_generate(client):
    reply = client.generate("smol", "Say hello.", system="You are brief.", options=SMALL)
    assert reply.response
    assert reply.done
    assert reply.eval_count == 6


def test_generate_stream(client):
    chunks = list(client.generate("smol", "Say hello.", stream=True, options=SMALL))
    assert "".join(chunk.response for chunk in chunks)
    assert chunks[-1].done


def test_generate_raw_goes_without_template(client):
    templated = client.generate("smol", "The capital of France is", options=SMALL)
    raw = client.generate("smol", "The capital of France is", raw=True, options=SMALL)
    assert "Paris" in raw.response
    assert raw.prompt_eval_count < templated.prompt_eval_count


def test_json_format(client):
    asked = [{"role": "user", "content": "Give the name and age of a person as JSON."}]
    reply = client.chat("smol", asked, format="json", options={**SMALL, "num_predict": 200})
    assert isinstance(json.loads(reply.message.content), dict)


def test_schema_format(client):
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    reply = client.chat("smol", HELLO, format=schema, options={**SMALL, "num_predict": 60})
    assert isinstance(json.loads(reply.message.content)["age"], int)


def test_embed(client):
    one = client.embed("smol", "A dog.")
    both = client.embed("smol", ["A dog.", "A cat."])
    assert len(both.embeddings) == 2
    assert both.prompt_eval_count > one.prompt_eval_count > 0
    for vector in both.embeddings:
        assert math.isclose(math.hypot(*vector), 1.0, abs_tol=1e-3)
    assert math.isclose(sum(map(float.__mul__, one.embeddings[0], both.embeddings[0])), 1.0, abs_tol=1e-2)


def test_a_long_input_is_cut_for_embedding_unless_told_not_to(client):
    assert client.embed("smol", "word " * 5000).embeddings
    with pytest.raises(ollama.ResponseError, match="context length"):
        client.embed("smol", "word " * 5000, truncate=False)


def test_ps_and_keep_alive(client):
    client.chat("smol", HELLO, options=SMALL, keep_alive="5m")
    assert "smol" in [model.model for model in client.ps().models]
    client.chat("smol", [], keep_alive=0)
    client.embed("smol", "x", keep_alive=0)
    assert client.ps().models == []


def test_a_chat_without_messages_loads_the_model(client):
    reply = client.chat("smol", [], keep_alive=-1)
    assert reply.done_reason == "load"
    (running,) = client.ps().models
    assert running.context_length == 1024


def test_a_model_stays_while_the_window_stays(client):
    client.chat("smol", [], keep_alive=0)
    assert client.chat("smol", HELLO, options=SMALL).load_duration > 0
    assert client.chat("smol", HELLO, options={**SMALL, "temperature": 1}).load_duration == 0
    assert client.chat("smol", HELLO, options={**SMALL, "num_ctx": 512}).load_duration > 0


def test_the_prefix_of_a_prompt_is_read_once(client):
    long = [{"role": "system", "content": "Be kind. " * 100}, *HELLO]
    first = client.chat("smol", long, options=SMALL)
    again = client.chat("smol", long, options=SMALL)
    assert again.prompt_eval_count == first.prompt_eval_count
    assert again.prompt_eval_duration < first.prompt_eval_duration


def test_pull_of_a_model_that_is_there(client):
    assert client.pull("smol").status == "success"
    assert [step.status for step in client.pull("smol", stream=True)][-1] == "success"


def test_pull_of_an_unknown_model(client):
    with pytest.raises(ollama.ResponseError, match="file does not exist"):
        client.pull("nothing")
    with pytest.raises(ollama.ResponseError, match="file does not exist"):
        list(client.pull("nothing", stream=True))


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.chat("nothing", HELLO),
        lambda client: list(client.chat("nothing", HELLO, stream=True)),
        lambda client: client.generate("nothing", "hello"),
        lambda client: client.embed("nothing", "hello"),
        lambda client: client.show("nothing"),
        lambda client: client.delete("nothing"),
    ],
    ids=["chat", "chat-stream", "generate", "embed", "show", "delete"],
)
def test_an_unknown_model_is_404(client, call):
    with pytest.raises(ollama.ResponseError, match="model 'nothing' not found") as caught:
        call(client)
    assert caught.value.status_code == 404


def test_a_prompt_longer_than_the_window_is_refused(client):
    with pytest.raises(ollama.ResponseError, match="context window") as caught:
        client.chat("smol", [{"role": "user", "content": "word " * 3000}], options=SMALL)
    assert caught.value.status_code == 400


def test_nonsense_is_400(plain):
    assert plain.post("/api/chat", content=b"{").status_code == 400
    assert plain.post("/api/chat", json=["a"]).status_code == 400
    refused = plain.post("/api/chat", json={"model": "smol", "messages": HELLO, "format": "xml", "options": SMALL})
    assert refused.status_code == 400
    assert "format" in refused.json()["error"]
    refused = plain.post("/api/chat", json={"model": "smol", "messages": HELLO, "keep_alive": "soon"})
    assert "duration" in refused.json()["error"]
    assert plain.get("/api/nothing").status_code == 404


def test_tokens_are_counted_before_a_call(plain, client):
    counted = plain.post("/api/tokenize", json={"model": "smol", "messages": HELLO}).json()["count"]
    assert counted == client.chat("smol", HELLO, options=SMALL).prompt_eval_count


@pytest.mark.parametrize("token", [None, "wrong"])
def test_callers_without_the_token_are_turned_away(embedded, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = httpx.get(f"{embedded.endpoint().url}/api/version", headers=headers, trust_env=False)
    assert response.status_code == 401
    assert "error" in response.json()


def test_a_client_that_hangs_up_stops_the_generation(client):
    chunks = client.chat("smol", HELLO, stream=True, options={**SMALL, "num_predict": 900})
    next(chunks)
    chunks.close()
    # One reply at a time: were the long one still running, this would wait for its 900 tokens.
    reply = client.chat("smol", HELLO, options=SMALL)
    assert reply.total_duration < 900 * 0.9 * reply.eval_duration / reply.eval_count


def test_delete_forgets_the_model_and_leaves_the_file(client, embedded, model_file):
    client.delete("smol")
    assert client.list().models == []
    assert (model_file("smollm2-135m-instruct-q4_1") / "model.gguf").is_file()
