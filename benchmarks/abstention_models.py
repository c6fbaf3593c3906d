"""What local chat models say of questions with and without an answer: their likelihood of yes, and their own refusals.

``python -m benchmarks.abstention_models MODEL CASES SAID [SECONDS]`` asks a model about cases of
`benchmarks.abstention_cases`, as many as ``SECONDS`` allow, and adds what it said to the file SAID, a JSON object a
line; the next call goes on there. Nothing is fitted on it but what `benchmarks.abstention` says.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from basicchat.bootstrap.parts import embedded_server, model_files
from basicchat.core.protocols import ChatModel
from basicchat.core.types import GenerationOptions, Message, Passage
from basicchat.reason.context import direct_prompt_for, room, safe_count
from basicchat.reason.generate import Reply
from basicchat.reason.likelihood import answer_likelihood
from basicchat.resilience.deadline import Deadline
from basicchat.retrieve.pack import pack
from basicchat.settings import load
from benchmarks.abstention_cases import SEED, Case, collected

EACH = 100  # questions of each kind and half
PASSAGE_TOKENS = 450  # instead of the product's 1,200: some three passages, which a busy machine reads in time
REPLY_TOKENS = 64


@dataclass(frozen=True)
class Said:
    """What a model said of a case: the probability of yes, the reply, and whether that was our word for no answer.

    ``seconds`` are those of the call for the probability, which read the passages, and those of the reply after it.
    """

    half: str
    kind: str
    question: str
    likelihood: float | None
    declined: bool
    text: str
    seconds: tuple[float, float]


def main(name: str, cases: Path, said: Path, seconds: float) -> None:
    """Ask until the time is over or everything is asked."""
    until = time.monotonic() + seconds
    settings = load()
    wanted = sample(collected(cases))
    have = {each.question for each in read(said)}
    with closing(embedded_server(settings, model_files(settings))) as server, said.open("a", encoding="utf-8") as lines:
        model = server.chat_model(name)
        for case in wanted:
            if time.monotonic() > until:
                break
            if case.question not in have:
                lines.write(json.dumps(asdict(ask(model, case))) + "\n")
                lines.flush()
    print(f"{name}: {len(read(said))} of {len(wanted)} questions asked")


def sample(cases: Sequence[Case], each: int = EACH) -> list[Case]:
    """Questions of each half and kind in turn, so that a beginning is a sample too."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    own = [
        [case for case in cases if (case.half, case.kind) == (half, kind)]
        for half in ("reporting", "fitting")
        for kind in _ASKED
    ]
    mixed = [chance.sample(some, min(each, len(some))) for some in own]
    return [case for turn in zip(*mixed, strict=False) for case in turn]


_ASKED = ("answerable", "unanswerable")


def read(file: Path) -> list[Said]:
    """What a file holds."""
    if not file.is_file():
        return []
    return [Said(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def ask(model: ChatModel, case: Case) -> Said:
    """The likelihood, then the reply, as the product asks for them."""
    window = model.info().context_window
    space = room(window, max_tokens=REPLY_TOKENS)

    def count(text: str) -> int:
        return safe_count(model.count_tokens((Message("user", text),)))

    passages = pack(list(_passages(case)), budget=PASSAGE_TOKENS, count=count)
    prompt = direct_prompt_for(model, case.question, passages=passages, history=(), space=space)
    begun = time.monotonic()
    likelihood = answer_likelihood(model, prompt, window=window, deadline=Deadline())
    between = time.monotonic()
    reply = Reply(len(passages))
    for delta in model.stream(prompt.messages, options=GenerationOptions(window, max_tokens=REPLY_TOKENS)):
        reply.feed(delta.text)
        if reply.over:
            break
    reply.close()
    took = (between - begun, time.monotonic() - between)
    return Said(case.half, case.kind, case.question, likelihood, reply.declined, reply.text, took)


def _passages(case: Case) -> Iterator[Passage]:
    for number, hit in enumerate(case.hits, start=1):
        text = hit.chunk.text
        yield Passage(number, hit.document, 1, 0, len(text), text, (hit.chunk.id,), hit.score)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        print(__doc__)
    else:
        limit = float(sys.argv[4]) if len(sys.argv) > 4 else float("inf")
        main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), limit)
