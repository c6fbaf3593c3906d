from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basicchat.adapters.lexical import sqlite_fts
from basicchat.adapters.lexical.sqlite_fts import COMMON_FROM, MAX_TERMS, SqliteFtsIndex
from basicchat.core.errors import StoreError
from basicchat.core.types import Scope
from basicchat.testing.contracts.lexical_index import make_chunk


@pytest.fixture
def index(tmp_path):
    index = SqliteFtsIndex(tmp_path / "lexical.db")
    yield index
    index.close()


def found(index, text, top_k=10):
    return [chunk_id for chunk_id, _ in index.search(text, scope=Scope(), top_k=top_k)]


def test_words_are_found_by_their_stem_and_without_accents(index):
    index.add("default", [make_chunk(1, "The naïve houses were burning")])
    assert found(index, "house burns") == ["c001"]
    assert found(index, "naive") == ["c001"]


def test_parts_of_chinese_and_japanese_sentences_are_found(index):
    index.add("default", [make_chunk(1, "東京都の人口は約一千四百万人です。"), make_chunk(2, "京都の寺")])
    assert found(index, "人口") == ["c001"]
    assert found(index, "京都の寺")[0] == "c002"


def test_joined_words_count_as_a_phrase(index):
    index.add("default", [make_chunk(1, "6 of the IL samples"), make_chunk(2, "samples of the IL-6 kind")])
    assert found(index, "IL-6") == ["c002", "c001"]


def test_words_of_every_fifth_passage_are_left_out_of_a_large_index(index):
    texts = [f"report number{n}" + (" gearbox" if n % 100 == 7 else "") for n in range(COMMON_FROM)]
    index.add("default", [make_chunk(n, text) for n, text in enumerate(texts)])
    rare = found(index, "reports of the gearbox", top_k=COMMON_FROM)
    assert len(rare) == COMMON_FROM / 100
    assert len(found(index, "reports", top_k=COMMON_FROM)) == COMMON_FROM
    assert found(index, "reports of number41") == ["c041"]


def test_of_a_long_question_the_rarest_words_count(index):
    index.add("default", [make_chunk(n, f"word{n} common") for n in range(100)])
    question = "common " + " ".join(f"word{n}" for n in range(100))
    assert len(found(index, question, top_k=100)) == MAX_TERMS
    assert "c000" in found(index, question, top_k=100)


def test_an_index_is_there_after_closing(tmp_path):
    for number in (1, 2):
        index = SqliteFtsIndex(tmp_path / "lexical.db")
        index.add("default", [make_chunk(number, "gearbox")])
        index.close()
    index = SqliteFtsIndex(tmp_path / "lexical.db")
    assert index.ids("default") == {"c001", "c002"}
    index.close()
    with pytest.raises(StoreError):
        index.ids("default")


def test_an_index_of_another_version_is_emptied(tmp_path):
    file = tmp_path / "lexical.db"
    index = SqliteFtsIndex(file)
    index.add("default", [make_chunk(1, "gearbox")])
    index.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    index = SqliteFtsIndex(file)
    assert index.ids("default") == set()
    index.add("default", [make_chunk(1, "gearbox")])
    assert found(index, "gearbox") == ["c001"]
    index.close()


@pytest.fixture(scope="module")
def any_index(tmp_path_factory):
    index = SqliteFtsIndex(tmp_path_factory.mktemp("lexical") / "lexical.db")
    yield index
    index.close()


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(passage=st.text(st.characters()), question=st.text(st.characters()))
def test_any_text_can_be_indexed_and_searched(any_index, passage, question):
    any_index.add("default", [make_chunk(1, passage, heading=(question,))])
    for text in (question, passage):
        hits = any_index.search(text, scope=Scope(), top_k=5)
        assert all(chunk_id == "c001" and score > 0 for chunk_id, score in hits)


@given(st.text("NEAR AND OR NOT\"'*^:-+(){}[]", max_size=30))
@settings(deadline=None, max_examples=150)
def test_the_query_language_is_never_spoken_by_accident(any_index, question):
    any_index.search(question, scope=Scope(), top_k=5)


def test_of_common_words_the_rarest_are_searched(index, monkeypatch):
    monkeypatch.setattr(sqlite_fts, "MOST_ROWS", 900)
    words = ["gasket"] * 700 + ["piston"] * 400 + ["valve"] * 300 + ["crank"] * 200
    words += ["nothing"] * (COMMON_FROM - len(words))
    index.add("default", [make_chunk(n, word) for n, word in enumerate(words)])
    assert len(found(index, "gasket piston valve crank", top_k=COMMON_FROM)) == 400 + 300 + 200
    assert len(found(index, "gasket piston", top_k=COMMON_FROM)) == 700 + 400
