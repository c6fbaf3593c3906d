from __future__ import annotations

import json
import logging.handlers
from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat.telemetry.log import NAME, configure, correlation, logger


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    configure()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "basicchat.log"


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def test_silent_until_configured(capfd, file) -> None:
    logger("ingest").error("something")
    configure()
    logger("ingest").error("something")
    assert capfd.readouterr() == ("", "")
    assert not file.parent.exists()


def test_a_line_is_one_json_object(file) -> None:
    configure(file=file, level="info")
    logger("ingest").info("file-done", pages=3, seconds=0.5)
    (line,) = lines(file)
    assert line.items() >= {"event": "file-done", "part": "ingest", "level": "info", "pages": 3}.items()
    assert str(line["timestamp"]).endswith("Z")


def test_lines_below_the_level_are_not_written(file) -> None:
    configure(file=file, level="warning")
    logger("ingest").info("small")
    logger("ingest").warning("large")
    assert [line["event"] for line in lines(file)] == ["large"]


def test_standard_error_only_when_asked_and_never_standard_output(file, capfd) -> None:
    configure(file=file, level="info", stderr=True)
    logger("cli").info("said")
    out, err = capfd.readouterr()
    assert out == ""
    assert json.loads(err)["event"] == "said"


def test_configuring_again_replaces_and_never_doubles(file) -> None:
    configure(file=file, level="info")
    configure(file=file, level="info")
    logger("x").info("once")
    assert len(lines(file)) == 1


@pytest.mark.parametrize(
    "name", ["password", "api_key", "apikey", "hub_token", "Authorization", "cookie", "credentials"]
)
def test_a_secret_is_hidden_at_every_level(file, name) -> None:
    configure(file=file, level="debug")
    logger("x").debug("call", **{name: "hunter2"})
    assert "hunter2" not in file.read_text(encoding="utf-8")


def test_counts_of_tokens_are_no_secret(file) -> None:
    configure(file=file, level="info")
    logger("x").info("done", prompt_tokens=12, tokens=3)
    assert lines(file)[0]["prompt_tokens"] == 12


def test_the_users_words_are_only_in_the_debug_log(file) -> None:
    configure(file=file, level="debug")
    for level in ("info", "warning", "error"):
        getattr(logger("x"), level)("asked", question="where is the will", text="in the drawer")
    assert "drawer" not in file.read_text(encoding="utf-8")
    assert lines(file)[0]["question"] == "[17 characters]"
    logger("x").debug("asked", question="where is the will")
    assert lines(file)[-1]["question"] == "where is the will"


def test_lines_of_one_request_share_an_identifier(file) -> None:
    configure(file=file, level="info")
    with correlation() as identifier:
        logger("a").info("one")
        logger("b").info("two")
    logger("a").info("three")
    assert [line.get("correlation_id") for line in lines(file)] == [identifier, identifier, None]
    with correlation("given") as given:
        assert given == "given"


def test_an_error_is_written_with_its_trace(file) -> None:
    configure(file=file, level="info")
    try:
        raise ValueError("broken")
    except ValueError:
        logger("x").exception("failed")
    assert "ValueError: broken" in str(lines(file)[0]["exception"])


def test_the_file_turns_over(file) -> None:
    configure(file=file, level="info")
    (handler,) = logging.getLogger(NAME).handlers
    assert isinstance(handler, logging.handlers.RotatingFileHandler)
    handler.maxBytes = 300
    for number in range(20):
        logger("x").info("line", number=number)
    assert sorted(path.name for path in file.parent.iterdir()) == [
        f"basicchat.log{end}" for end in ("", ".1", ".2", ".3")
    ]
