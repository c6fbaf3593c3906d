"""``doctor``."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.conftest import Cli


def test_all_is_well(filled: Cli) -> None:
    ran = filled("doctor", "--json")
    assert ran.code == 0
    assert all(set(check) == {"name", "ok", "detail", "repair"} for check in ran.document["checks"])
    assert all(check["ok"] for check in ran.document["checks"])


def test_a_lost_index_is_found_and_mended(filled: Cli, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "home" / "fake" / "vectors")
    sick = filled("doctor", "--json")
    assert sick.code == 1
    assert [check["repair"] for check in sick.document["checks"] if not check["ok"]]
    assert "bad" in filled("doctor").out
    assert filled("doctor", "--repair").code == 0
    assert filled("doctor").code == 0
