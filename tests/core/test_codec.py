"""What is written is read back equal; what does not fit is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core import types
from basicchat.core.codec import from_json, to_json


def values() -> st.SearchStrategy[object]:
    passage = st.builds(
        types.Citation,
        number=st.integers(1),
        document_id=st.text(),
        source=st.text(),
        title=st.text(),
        page=st.integers(1),
        start=st.integers(0),
        end=st.integers(0),
        quote=st.text(),
    )
    answer = st.builds(
        types.Answer,
        text=st.text(),
        abstained=st.booleans(),
        mode=st.text(),
        model=st.none() | st.text(),
        citations=st.lists(passage).map(tuple),
        timings=st.dictionaries(st.text(), st.floats(0, 10)),
        warnings=st.lists(st.text()).map(tuple),
        usage=st.builds(types.Usage, prompt_tokens=st.none() | st.integers(0)),
    )
    turn = st.builds(
        types.Turn,
        id=st.text(),
        role=st.sampled_from(["user", "assistant"]),
        content=st.text(),
        created_at=st.floats(0, 1e10),
        answer=st.none() | answer,
        stopped=st.booleans(),
    )
    outcome = st.builds(types.FileOutcome, path=st.text(), status=st.sampled_from(types.FileStatus))
    model = st.builds(
        types.ModelInfo,
        name=st.text(),
        provider=st.text(),
        context_window=st.integers(1),
        capabilities=st.frozensets(st.text()),
    )
    return st.one_of(passage, answer, turn, outcome, model)


@given(values())
def test_round_trip(value: object) -> None:
    assert from_json(type(value), to_json(value)) == value


def test_unknown_keys_are_ignored() -> None:
    assert from_json(types.Box, {"left": 0, "top": 0, "right": 1, "bottom": 1, "colour": "red"}) == types.Box(
        0, 0, 1, 1
    )


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (types.Box, {"left": "x", "top": 0, "right": 1, "bottom": 1}),
        (types.Box, {"left": 0}),
        (types.Box, [0, 0, 1, 1]),
        (types.FileOutcome, {"path": "a", "status": "odd"}),
        (types.Turn, {"id": "1", "role": "system", "content": "", "created_at": 0}),
        (types.Progress, {"stage": "x", "done": True}),
    ],
)
def test_what_does_not_fit_is_refused(kind: type, data: types.Json) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_json(kind, data)


def test_bytes_have_no_json_form() -> None:
    with pytest.raises(TypeError, match="bytes"):
        to_json(b"x")


def test_paths_are_text() -> None:
    assert to_json(Path("a")) == "a"


def test_metadata_may_be_any_json_however_deep():
    document = types.Document(
        "d", "default", "a.pdf", "A", "text/plain", "0" * 64, 1, 0, 1.0, metadata={"a": [{"b": [None, 1.5]}]}
    )
    assert from_json(types.Document, to_json(document)) == document


def test_answers_that_an_older_version_kept_are_read():
    kept = to_json(types.Answer("It is 42.", False, "direct", "small"))
    assert isinstance(kept, dict)
    del kept["earlier"]
    assert from_json(types.Answer, kept).earlier is None
