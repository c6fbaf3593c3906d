"""What the answer path adds to the time to the first token, beside the bare model server on the same prompt.

Every question is asked twice: through the engine (search excluded: the clock starts when the passages are there), and
by posting the very messages that the engine sent straight to the server. Before each call the model is unloaded
and loaded again, so that neither profits from what the server remembers of the other. Which goes first alternates.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx
import ollama

from basicchat import bootstrap
from basicchat.adapters.llm.embedded.server import EmbeddedServer
from basicchat.bootstrap import parts
from basicchat.core.events import Retrieved, Token
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Delta, GenerationOptions, Json, Message, ModelInfo, TokenCount, ToolSpec
from basicchat.reason.engine import AnswerEngine, AnswerRequest
from benchmarks.table import evaluation_set, print_table, scratch_settings

MODEL = "qwen2.5-coder-0.5b-instruct-q4_k_m"
FILE = "NETFLIX_2017_10K.pdf"
QUESTIONS = (
    "How many streaming memberships did Netflix have at the end of 2017?",
    "What were the total revenues of Netflix in 2017?",
    "What risks does Netflix name about content costs?",
    "How many employees does Netflix have?",
    "Where are the headquarters of Netflix?",
    "What were the operating expenses for marketing in 2017?",
    "What does Netflix say about competition for streaming entertainment?",
    "How much long-term debt does Netflix have?",
)


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
    with httpx.Client(headers=authorization(server), timeout=600, trust_env=False) as client:
        began = time.perf_counter()
        with client.stream("POST", f"{endpoint.url}/api/chat", json=body) as response:
            next(response.iter_lines())
            return time.perf_counter() - began


def forget(server: EmbeddedServer, options: GenerationOptions) -> None:
    """Unload the model with everything it remembers, then load it again with an unrelated prompt."""
    ollama.Client(server.endpoint().url, headers=authorization(server)).generate(MODEL, keep_alive=0)
    words = Message("user", "Say the word of the day.")
    for _ in server.chat_model(MODEL).stream([words], options=GenerationOptions(options.window, max_tokens=1)):
        continue


def authorization(server: EmbeddedServer) -> dict[str, str]:
    """The header that the server wants."""
    return {"Authorization": f"Bearer {server.endpoint().token}"}


def main() -> None:
    """Ask, compare, print the table."""
    folder = evaluation_set("financebench")
    with scratch_settings() as settings, bootstrap.open_assistant(settings) as assistant:
        assistant.ingest([folder / "pdfs" / FILE])
        server = parts.embedded_server(settings, bootstrap.model_files(settings))
        model = server.chat_model(MODEL)
        recording = Recording(model)
        options = GenerationOptions(model.info().context_window, max_tokens=16)
        engine = AnswerEngine(
            retriever=assistant.retriever, models=lambda _: recording, config=parts.answer_config(settings)
        )
        pairs = list(_pairs(engine, recording, server, options))
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
) -> Iterator[tuple[float, float]]:
    for number, question in enumerate(QUESTIONS):
        recording.sent.clear()
        through_product(engine, question)
        if not recording.sent:  # declined before the model was asked
            continue
        messages = recording.sent[-1]
        seconds: dict[str, float] = {}
        for name in ("product", "bare") if number % 2 else ("bare", "product"):
            forget(server, options)
            if name == "bare":
                seconds[name] = bare(server, messages, options)
            else:
                seconds[name] = through_product(engine, question) or 0.0
        yield seconds["product"], seconds["bare"]


if __name__ == "__main__":
    main()
