from __future__ import annotations

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.service.tables import Tables
from basicchat.testing.contracts.table_index import COSTS, document
from basicchat.testing.store import MemoryStore
from basicchat.testing.tables import MemoryTables


@pytest.fixture
def tables() -> Tables:
    index, store = MemoryTables(), MemoryStore()
    with store.begin() as unit:
        unit.documents.add(document("ship"), [], [], [COSTS])
    index.add(document("ship"), [COSTS])
    index.add(document("gone"), [COSTS])
    return Tables(index=index, store=store)


def test_only_tables_of_documents_that_are_there(tables: Tables) -> None:
    assert [info.document_id for info in tables.describe()] == [document("ship").id]
    assert tables.describe(document_ids=[document("gone").id]) == []
    assert len(tables.describe(collection="default")) == 1
    assert tables.describe(collection="other") == []


def test_ask(tables: Tables) -> None:
    assert tables.query("SELECT count(*) FROM t_shipship_1").rows == ((3,),)
    with pytest.raises(InvalidInput):
        tables.query("SELECT 1", limit=0)


def test_a_query_stays_within_its_collection_and_documents(tables: Tables) -> None:
    ship = document("ship").id
    everything = "SELECT count(*) FROM t_shipship_1"
    for within in (
        {"collection": "default"},
        {"document_ids": [ship]},
        {"collection": "default", "document_ids": [ship]},
    ):
        assert tables.query(everything, **within).rows == ((3,),)
    for outside in ({"collection": "other"}, {"document_ids": []}, {"collection": "other", "document_ids": [ship]}):
        with pytest.raises(InvalidInput):
            tables.query(everything, **outside)
