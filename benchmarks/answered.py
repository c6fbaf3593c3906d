"""Answers of the product to questions of a set, kept in ``output``: what others measure without asking again.

Every passage of the set is a document of its own. What is kept is the whole answer with its passages, and whether
every citation led somewhere while the library was open.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from basicchat import bootstrap
from basicchat.core.codec import from_json, to_json
from basicchat.core.types import Answer, Citation
from basicchat.evaluate.asking import lay_out
from basicchat.evaluate.cases import EvaluationSet, Question
from basicchat.reason.cite import CITATION
from basicchat.reason.gate import Strictness
from basicchat.service.assistant import Assistant
from basicchat.settings import Settings
from benchmarks.table import REPOSITORY, scratch_settings

OUTPUT = REPOSITORY / "output"
CODE = re.compile(r"(?s)```.*?(?:```|\Z)|`[^`\n]*`")


@dataclass(frozen=True)
class Answered:
    """A question, its answer, and what is wrong with its citations."""

    question: Question
    answer: Answer
    problems: tuple[str, ...]


def answered(
    evaluation: EvaluationSet,
    *,
    mode: str,
    model: str = "",
    fresh: bool = False,
    name: str = "",
    strictness: Strictness | None = None,
) -> list[Answered]:
    """The answers to the questions of the set, in order; those that were not asked before are asked now.

    ``name`` tells the set from others of its kind.
    """
    file = OUTPUT / f"answers-{name or evaluation.kind}-{model or mode}.jsonl"
    if fresh:
        file.unlink(missing_ok=True)
    known = dict(_kept(file))
    wanted = [question for question in evaluation.questions if question.id not in known]
    if wanted:
        OUTPUT.mkdir(exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            for question, answer, problems in _asked(evaluation, wanted, mode, model, strictness):
                known[question.id] = (answer, problems)
                row = {"id": question.id, "answer": to_json(answer), "problems": list(problems)}
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                lines.flush()
    return [Answered(question, *known[question.id]) for question in evaluation.questions]


def unresolved(answer: Answer, assistant: Assistant) -> tuple[str, ...]:
    """Every citation of an answer that does not lead to its words on a page of the library."""
    shown = {int(number) for number in CITATION.findall(CODE.sub("", answer.text))}
    cited = {citation.number for citation in answer.citations}
    lost = [f"[{number}] has no citation" for number in sorted(shown - cited)]
    return tuple(lost + [said for citation in answer.citations if (said := _problem(citation, answer, assistant))])


def _problem(citation: Citation, answer: Answer, assistant: Assistant) -> str:
    passage = next((each for each in answer.passages if each.number == citation.number), None)
    if passage is None or passage.document.id != citation.document_id:
        return f"[{citation.number}] is no passage of the prompt"
    page = assistant.library.page(citation.document_id, citation.page)
    if page.text[citation.start : citation.end] != citation.quote:
        return f"[{citation.number}] does not quote its page"
    again = from_json(Answer, to_json(answer))
    return "" if again == answer else f"[{citation.number}] does not come back from JSON"


def _asked(
    evaluation: EvaluationSet, wanted: Sequence[Question], mode: str, model: str, strictness: Strictness | None
) -> Iterator[tuple[Question, Answer, tuple[str, ...]]]:
    with scratch_settings() as settings, bootstrap.open_assistant(_quiet(settings)) as assistant:
        for place, collection in lay_out(evaluation, settings.home):
            for outcome in assistant.ingest([place], collection=collection):
                if outcome.error:
                    sys.exit(f"{outcome.path} could not be taken in: {outcome.error}")
        for question in wanted:
            answer = assistant.ask(
                question.text,
                mode=mode,
                model=model or None,
                collection=question.collection,
                fresh=True,
                strictness=strictness,
            )
            yield question, answer, unresolved(answer, assistant)


def _quiet(settings: Settings) -> Settings:
    """Without a server of models that happens to run here: the answers are those of the built-in one."""
    return settings.model_copy(update={"ollama": settings.ollama.model_copy(update={"enabled": False})})


def _kept(file: Path) -> Iterator[tuple[str, tuple[Answer, tuple[str, ...]]]]:
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row["id"], (from_json(Answer, row["answer"]), tuple(row["problems"]))
