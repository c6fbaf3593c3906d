from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time

import pytest

from basicchat.telemetry.egress import EgressLedger, EgressWatch, accounted, is_local, watch_egress


def test_the_ledger_keeps_requests_in_order_and_by_time(tmp_path) -> None:
    ticks = iter([10.0, 20.0])
    ledger = EgressLedger(tmp_path / "logs" / "egress.jsonl", clock=lambda: next(ticks))
    ledger.record("pypi.org", 5, purpose="models")
    ledger.record("hub.example", 0, purpose="models")
    assert [(entry.host, entry.received) for entry in ledger.entries()] == [("pypi.org", 5), ("hub.example", 0)]
    assert [entry.host for entry in ledger.entries(since=15.0)] == ["hub.example"]
    assert ledger.kept() == ledger.entries()


def test_the_file_outlives_the_process_and_a_torn_line(tmp_path) -> None:
    file = tmp_path / "egress.jsonl"
    EgressLedger(file).record("pypi.org", 5, purpose="models")
    with file.open("a", encoding="utf-8") as torn:
        torn.write('{"host": "hal\n[1]\n{"other": 1}\n')
    again = EgressLedger(file)
    assert again.entries() == ()
    assert [entry.host for entry in again.kept()] == ["pypi.org"]
    assert again.kept(since=time.time() + 60) == ()


def test_threads_lose_no_entry(tmp_path) -> None:
    ledger = EgressLedger(tmp_path / "egress.jsonl")

    def note() -> None:
        for _ in range(50):
            ledger.record("h", 1, purpose="x")

    threads = [threading.Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.entries()) == len(ledger.kept()) == 200


@pytest.mark.parametrize(
    "host",
    ["", "localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1"],  # noqa: S104
)
def test_this_machine_is_local(host) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "10.0.0.1", "example.org", "fe80::1%eth0", "localhost.example.org"])
def test_every_other_machine_is_not(host) -> None:
    assert not is_local(host)


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.getaddrinfo", ("example.org", 443, 0, 0, 0)),
        ("socket.getaddrinfo", (b"example.org", "https", 0, 0, 0)),
        ("socket.gethostbyname", ("example.org",)),
        ("socket.connect", (None, ("example.org", 443))),
        ("socket.sendto", (None, ("example.org", 53))),
    ],
)
def test_the_watch_sees_every_way_out(event, arguments) -> None:
    watch = EgressWatch()
    watch.notice(event, arguments)
    assert [(attempt.kind, attempt.host) for attempt in watch.attempts()] == [(event, "example.org")]


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.getaddrinfo", (None, 8501, 0, 0, 0)),
        ("socket.getaddrinfo", ("localhost", 8501, 0, 0, 0)),
        ("socket.connect", (None, "/run/some.sock")),
        ("socket.connect", (None, ("::1", 443, 0, 0))),
        ("socket.sendmsg", (None, None)),
        ("open", ("example.org", "r", 0)),
    ],
)
def test_the_watch_lets_local_things_pass(event, arguments) -> None:
    watch = EgressWatch()
    watch.notice(event, arguments)
    assert watch.attempts() == ()


def test_the_watch_of_the_process_notices_a_real_attempt_and_no_local_one() -> None:
    watch = watch_egress()
    assert watch_egress() is watch
    before = len(watch.attempts())
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    assert len(watch.attempts()) == before
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        with contextlib.suppress(OSError):
            sender.connect(("192.0.2.1", 9))  # an address kept for documents; a datagram socket sends nothing yet
    assert [attempt.host for attempt in watch.attempts()[before:]] == ["192.0.2.1"]


def test_attempts_that_a_ledger_tells_of_are_told_apart() -> None:
    watch = EgressWatch()
    with accounted():
        watch.notice("socket.connect", (None, ("192.0.2.1", 443)))
    watch.notice("socket.connect", (None, ("192.0.2.2", 443)))
    assert [attempt.host for attempt in watch.attempts()] == ["192.0.2.1", "192.0.2.2"]
    assert [attempt.host for attempt in watch.unaccounted()] == ["192.0.2.2"]


def test_importing_the_program_tries_nothing() -> None:
    """In a fresh interpreter, so that nothing was imported before the watch began."""
    code = (
        "from basicchat.telemetry.egress import watch_egress; watch = watch_egress()\n"
        "import basicchat, basicchat.settings, basicchat.adapters.web, basicchat.adapters.models\n"
        "print(len(watch.attempts()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
