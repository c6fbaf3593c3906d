"""What the answer path adds to the time to the first token, beside the bare model server on the same prompt.

Every question is asked twice: through the engine (search excluded: the clock starts when the passages are there), and
by posting the very messages that the engine sent straight to the server. Between two calls the server reads an
unrelated prompt, so that neither profits from what it remembers of the other. Which goes first alternates.
"""

from __future__ import annotations

import gzip
import json
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from basicchat import bootstrap
from basicchat.adapters.llm.embedded.server import EmbeddedServer
from basicchat.bootstrap import parts
from basicchat.core.events import Retrieved, Token
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Delta, GenerationOptions, Json, Message, ModelInfo, TokenCount, ToolSpec
from basicchat.reason.engine import AnswerEngine, AnswerRequest
from benchmarks.table import evaluation_set, print_table, scratch_settings

MODEL = "qwen2.5-coder-0.5b-instruct-q4_k_m"
FILES = ("NIKE_2021_10K.pdf", "NETFLIX_2017_10K.pdf")
QUESTIONS = 10


@dataclass
class Recording:
    """A chat model that remembers the last messages it was sent."""

    model: ChatModel
    sent: list[Sequence[Message]] = field(default_factory=list)

    def info(self) -> ModelInfo:
        """As the model says."""
        return self.model.info()

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """As the model counts."""
        return self.model.count_tokens(messages)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> Iterator[Delta]:
        """As the model replies."""
        self.sent.append(messages)
        return self.model.stream(messages, options=options, tools=tools, schema=schema)


def through_product(engine: AnswerEngine, question: str) -> float | None:
    """Seconds from the passages to the first token; None when the engine declined before asking the model."""
    events = engine.stream(AnswerRequest(question, mode="direct"))
    began = 0.0
    for event in events:
        if isinstance(event, Retrieved):
            began = time.perf_counter()
        if isinstance(event, Token):
            events.close()  # type: ignore[attr-defined]
            return time.perf_counter() - began
    return None


def bare(server: EmbeddedServer, messages: Sequence[Message], options: GenerationOptions) -> float:
    """Seconds from the post to the first piece of the reply, over plain HTTP."""
    endpoint = server.endpoint()
    body = {
        "model": MODEL,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "options": {"num_ctx": options.window, "num_predict": options.max_tokens, "temperature": 0.0, "seed": 0},
        "stream": True,
    }
    headers = {"Authorization": f"Bearer {endpoint.token}"}
    with httpx.Client(headers=headers, timeout=600, trust_env=False) as client:
        began = time.perf_counter()
        with client.stream("POST", f"{endpoint.url}/api/chat", json=body) as response:
            next(response.iter_lines())
            return time.perf_counter() - began


def forget(model: ChatModel, options: GenerationOptions, number: int) -> None:
    """Fill the server's memory with something else."""
    words = Message("user", f"Round {number}. " + "Say the word of the day. " * 20)
    for _ in model.stream([words], options=GenerationOptions(options.window, max_tokens=1)):
        continue


def main() -> None:
    """Ask, compare, print the table."""
    folder = evaluation_set("financebench")
    with gzip.open(folder / "questions.jsonl.gz", "rt", encoding="utf-8") as lines:
        questions = [json.loads(line)["question"] for line in lines][:QUESTIONS]
    with scratch_settings() as settings, bootstrap.open_assistant(settings) as assistant:
        assistant.ingest([folder / "pdfs" / name for name in FILES])
        server = parts.embedded_server(settings, bootstrap.model_files(settings))
        model = server.chat_model(MODEL)
        recording = Recording(model)
        options = GenerationOptions(model.info().context_window, max_tokens=16)
        engine = AnswerEngine(
            retriever=assistant.retriever, models=lambda _: recording, config=parts.answer_config(settings)
        )
        pairs = list(_pairs(engine, recording, server, options, questions))
        server.close()
    ratios = [product / plain for product, plain in pairs]
    row = (
        len(pairs),
        statistics.median(plain for _, plain in pairs),
        statistics.median(product for product, _ in pairs),
        statistics.median(ratios),
    )
    print_table("Time to the first token", ("questions", "bare server s", "product s", "ratio (median)"), [row])


def _pairs(
    engine: AnswerEngine,
    recording: Recording,
    server: EmbeddedServer,
    options: GenerationOptions,
    questions: Sequence[str],
) -> Iterator[tuple[float, float]]:
    for number, question in enumerate(questions):
        if through_product(engine, question) is None:
            continue
        messages = recording.sent[-1]
        seconds: dict[str, float] = {}
        for name in ("product", "bare") if number % 2 else ("bare", "product"):
            forget(recording.model, options, number)
            if name == "bare":
                seconds[name] = bare(server, messages, options)
            else:
                seconds[name] = through_product(engine, question) or 0.0
        yield seconds["product"], seconds["bare"]


if __name__ == "__main__":
    main()
