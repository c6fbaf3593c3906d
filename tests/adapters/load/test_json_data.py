from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.load.json_data import JsonLoader
from basicchat.core.errors import UnreadableDocument

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
)


def read(tmp_path: Path, text: str):
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    return next(JsonLoader().load(tmp_path / "a.json"))


def test_every_value_has_the_path_that_leads_to_it(tmp_path: Path) -> None:
    loaded = read(
        tmp_path,
        '{"port": "Quay", "ships": [{"name": "Vasa", "depth": 4.80}, {"name": "Ark", "crew": []}], "times": [9, 12]}',
    )
    (page,) = loaded.pages
    assert page.text == (
        "port: Quay\n\n# ships\n\nships[0].name: Vasa\nships[0].depth: 4.80\n\nships[1].name: Ark\n"
        "ships[1].crew: []\ntimes: 9, 12"
    )
    assert [heading.text for heading in page.headings] == ["ships"]
    assert loaded.warnings == ()


def test_what_is_almost_json_is_read_as_text_and_says_so(tmp_path: Path) -> None:
    loaded = read(tmp_path, '{\n  // a note\n  "port": "Quay",\n}')
    assert '// a note\n  "port"' in loaded.pages[0].text
    assert "not strict JSON" in loaded.warnings[0]


@pytest.mark.parametrize("text", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000])
def test_nested_beyond_reason(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableDocument, match="nested"):
        read(tmp_path, text)


@given(VALUES)
def test_any_json_is_read_and_no_value_is_lost(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    written = json.dumps(value)
    text = read(tmp_path_factory.getbasetemp(), written if isinstance(value, dict | list) else json.dumps([value, "x"]))
    found = " ".join(" ".join(page.text for page in text.pages).split())
    waiting = [value]
    while waiting:
        each = waiting.pop()
        waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else []
        if isinstance(each, str | int):
            assert " ".join((each if isinstance(each, str) else json.dumps(each)).split()) in found
