"""Readers of evaluation sets, one a layout. A kind is a name and, after colons, what it can be narrowed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.cases import EvaluationSet
from basicchat.evaluate.readers import abstracts, beir, filings, hops, noise, reports, spans, talks, turns

Reader = Callable[..., EvaluationSet]
"""Reads the folder that it is given, narrowed by any further words. Raises `InvalidInput` for what it is not."""

READERS: Mapping[str, Reader] = {
    "beir": beir.read,
    "squad2": spans.read_squad,
    "xquad": spans.read_xquad,
    "hotpotqa": hops.read,
    "financebench": filings.read,
    "mtrag": turns.read,
    "rgb": noise.read,
    "tatqa": reports.read,
    "pubmedqa": abstracts.read,
    "locomo": talks.read,
}

KINDS = tuple(READERS)
"""The names, without what may follow after a colon."""

WORDS: Mapping[str, int] = {"beir": 1, "xquad": 2, "mtrag": 1, "rgb": 2}
"""How many words may follow a name; none where it is not here."""


def read_set(kind: str, directory: Path) -> EvaluationSet:
    """Read a set: ``squad2``, ``xquad:de:en`` (questions in German, passages in English), ``rgb:en_fact:40``, ...

    Raises `InvalidInput` for an unknown kind, and naming what is missing in the folder or cannot be understood.
    """
    name, *words = kind.split(":")
    if name not in READERS or len(words) > WORDS.get(name, 0):
        raise InvalidInput(f"There is no kind {kind}.", hint=f"Kinds are {', '.join(KINDS)}.")
    if not directory.is_dir():
        raise InvalidInput(f"{directory} is not a folder.", hint="Name the folder of an evaluation set.")
    try:
        found = READERS[name](directory, *words)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InvalidInput(
            f"{directory} is not a set of the kind {name}: {type(error).__name__} {error}",
            hint="Look at the layout in docs/how-to/evaluate.md.",
        ) from error
    if not found.questions:
        raise InvalidInput(f"{directory} holds no questions of the kind {kind}.")
    return replace(found, kind=kind)
