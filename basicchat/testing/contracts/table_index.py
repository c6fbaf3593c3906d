"""What every index of tables promises."""

from __future__ import annotations

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.core.protocols import TableIndex
from basicchat.core.types import Document, Table

COSTS = Table(
    "Costs",
    ("Item", "Net Cost", "Order"),
    (("Oak", "$1,200.50", "2024-01-31"), ("Tar", "(300)", "2024-02-29"), ("Total", "900.50", None)),
    page=2,
    place="A1:C4",
)
CREW = Table("Crew", ("Name", "Age"), (("Anna", 41), ("Bo", None)))


def document(name: str) -> Document:
    """A document whose id begins with its name."""
    return Document((name * 32)[:32], "default", f"{name}.csv", name, "text/csv", "0" * 64, 1, 1, 0.0)


class TableIndexContract:
    """Override `index`, an empty one."""

    @pytest.fixture
    def index(self) -> TableIndex:
        raise NotImplementedError

    def test_an_empty_one(self, index: TableIndex) -> None:
        assert index.documents() == set()
        assert index.describe() == []
        index.delete("absent")
        index.clear()

    def test_describes_what_a_query_may_name(self, index: TableIndex) -> None:
        ship = document("ship")
        index.add(ship, [COSTS, CREW])
        first, second = index.describe()
        assert (first.sql_name, second.sql_name) == ("t_shipship_1", "t_shipship_2")
        assert (first.document_id, first.page, first.place, first.row_count) == (ship.id, 2, "A1:C4", 3)
        assert first.title == "ship: Costs"
        names = [name for name, _ in first.columns]
        assert names == ["_row", "_total", "item", "net_cost", "net_cost_text", "order_"]
        assert dict(first.columns)["net_cost"] == "DOUBLE"
        assert dict(second.columns)["age"] == "BIGINT"

    def test_numbers_are_numbers_and_totals_are_marked(self, index: TableIndex) -> None:
        index.add(document("ship"), [COSTS])
        assert index.query("SELECT sum(net_cost) FROM t_shipship_1 WHERE NOT _total").rows == ((900.5,),)
        shown = index.query("SELECT item, net_cost_text FROM t_shipship_1 ORDER BY _row LIMIT 1")
        assert shown.columns == ("item", "net_cost_text")
        assert shown.rows == (("Oak", "$1,200.50"),)

    def test_dates_come_back_as_text(self, index: TableIndex) -> None:
        index.add(document("ship"), [COSTS])
        assert index.query("SELECT max(order_) FROM t_shipship_1").rows == (("2024-02-29",),)

    def test_nothing_is_nothing(self, index: TableIndex) -> None:
        index.add(document("ship"), [CREW])
        assert index.query("SELECT age FROM t_shipship_1 ORDER BY _row").rows == ((41,), (None,))

    def test_adding_again_replaces(self, index: TableIndex) -> None:
        index.add(document("ship"), [COSTS, CREW])
        index.add(document("ship"), [CREW])
        assert [info.title for info in index.describe()] == ["ship: Crew"]
        index.add(document("ship"), [])
        assert index.documents() == set()

    def test_documents_stay_apart(self, index: TableIndex) -> None:
        ship, port = document("ship"), document("port")
        index.add(ship, [COSTS])
        index.add(port, [CREW])
        assert index.documents() == {ship.id, port.id}
        assert [info.document_id for info in index.describe([port.id])] == [port.id]
        assert index.describe([]) == []
        index.delete(port.id)
        assert index.documents() == {ship.id}
        with pytest.raises(InvalidInput):
            index.query("SELECT * FROM t_portport_1")
        index.clear()
        assert index.describe() == []

    def test_ids_that_begin_alike(self, index: TableIndex) -> None:
        one, other = document("shipship1"), document("shipship2")
        index.add(one, [COSTS])
        index.add(other, [CREW])
        names = {info.document_id: info.sql_name for info in index.describe()}
        assert index.query(f"SELECT count(*) FROM {names[one.id]}").rows == ((3,),)  # noqa: S608
        assert index.query(f"SELECT count(*) FROM {names[other.id]}").rows == ((2,),)  # noqa: S608

    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT * FROM t_portport_1",
            'SELECT * FROM "T_PORTPORT_1"',
            "SELECT (SELECT max(age) FROM t_portport_1) FROM t_shipship_1",
            "WITH c AS (SELECT * FROM t_portport_1) SELECT * FROM c",
            "SELECT count(*) FROM t_portport_1",
            "SELECT item FROM t_shipship_1 UNION ALL SELECT name FROM t_portport_1",
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM t_portport_1)",
        ],
    )
    def test_tables_of_other_documents_are_not_there(self, index: TableIndex, sql: str) -> None:
        ship, port = document("ship"), document("port")
        index.add(ship, [COSTS])
        index.add(port, [CREW])
        with pytest.raises(InvalidInput):
            index.query(sql, document_ids=[ship.id])
        with pytest.raises(InvalidInput):
            index.query("SELECT 1 FROM t_shipship_1", document_ids=[])
        inside = "WITH c AS (SELECT item FROM t_shipship_1) SELECT count(*) FROM c"
        assert index.query(inside, document_ids=[ship.id, "gone"]).rows == ((3,),)
        index.query(sql, document_ids=[ship.id, port.id])

    def test_no_more_rows_than_asked_for(self, index: TableIndex) -> None:
        index.add(document("ship"), [Table("Many", ("n", "m"), tuple((n, n) for n in range(50)))])
        assert len(index.query("SELECT * FROM t_shipship_1", limit=7).rows) == 7

    @pytest.mark.parametrize(
        "sql",
        [
            "",
            "SELECT",
            "SELECT * FROM nowhere",
            "SELECT 1; SELECT 2",
            "DELETE FROM t_shipship_1",
            "DROP TABLE t_shipship_1",
            "CREATE TABLE x (a INTEGER)",
            "UPDATE t_shipship_1 SET item = 'x'",
            "INSERT INTO t_shipship_1 (item) VALUES ('x')",
            "ATTACH 'other.db' AS other",
            "PRAGMA database_list",
        ],
    )
    def test_refuses_all_but_one_select(self, index: TableIndex, sql: str) -> None:
        index.add(document("ship"), [COSTS])
        with pytest.raises(InvalidInput):
            index.query(sql)
        assert index.query("SELECT count(*) FROM t_shipship_1").rows == ((3,),)
