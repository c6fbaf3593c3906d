"""``tools install``."""

from __future__ import annotations

from tests.cli.conftest import Cli
from tests.toolbox.test_catalogue import KEY, OTHER, Make
from tests.toolbox.test_catalogue import catalogue as catalogue


def test_on_the_command_line_it_asks_and_is_there(cli: Cli, catalogue: Make) -> None:
    given = ("tools", "install", "word_count", "--catalogue", str(catalogue()), "--key", KEY)
    refused = cli(*given, "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "approval-needed")
    done = cli(*given, "--yes", "--json").document
    assert (done["name"], done["version"], done["standing"]) == ("word_count", "1.2", "ask")
    asks = cli("tools", "run", "word_count", "--json", '{"text": "a b c"}')
    assert (asks.code, asks.document["error"]["code"]) == (2, "approval-needed")
    assert cli("tools", "run", "word_count", "--allow", "--json", '{"text": "a b c"}').document["text"] == "3"
    again = cli(*given, "--yes", "--json")
    assert (again.code, again.document["error"]["code"]) == (2, "conflict")
    wrong = cli("tools", "install", "word_count", "--catalogue", str(catalogue()), "--key", OTHER, "--yes", "--json")
    assert (wrong.code, wrong.document["error"]["code"]) == (2, "tool-denied")
