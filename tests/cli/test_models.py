"""``models``."""

from __future__ import annotations

from tests.cli.conftest import Cli


def test_list(cli: Cli) -> None:
    models = {model["name"]: model for model in cli("models", "list", "--json").document["models"]}
    assert models["bge-small-en-v1.5-int8"]["role"] == "embed"
    assert all(model["licence"] and model["size_bytes"] > 0 for model in models.values())
    assert "bge-small-en-v1.5-int8" in cli("models", "list").out


def test_pull_needs_a_name(cli: Cli) -> None:
    assert cli("models", "pull").code == 2


def test_an_unknown_model(cli: Cli) -> None:
    for command in ("pull", "remove", "verify"):
        ran = cli("models", command, "nonsense", "--json")
        assert ran.code == 2
        assert ran.document["error"]["code"] == "not-found"


def test_the_fake_profile_fetches_nothing(cli: Cli) -> None:
    assert cli("models", "pull", "--defaults", "--json").document == {"models": []}
    ran = cli("models", "pull", "bge-small-en-v1.5-int8", "--json")
    assert ran.code == 1
    assert ran.document["error"]["code"] == "fetch-failed"


def test_verify_with_nothing_installed(cli: Cli) -> None:
    assert cli("models", "verify", "--json").document == {"files": []}


def test_a_missing_model_does_not_pass(cli: Cli) -> None:
    ran = cli("models", "verify", "bge-small-en-v1.5-int8", "--json")
    assert ran.code == 1
    assert {file["state"] for file in ran.document["files"]} == {"missing"}
