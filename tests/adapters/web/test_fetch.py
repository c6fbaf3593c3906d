from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from basicchat.adapters.web.fetch import GuardedFetcher
from basicchat.core.errors import FetchFailed
from basicchat.telemetry.egress import EgressLedger, watch_egress
from basicchat.testing.file_server import Fault, FileServer

BODY = bytes(range(256)) * 400


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as server:
        server.files["/file"] = BODY
        yield server


@pytest.fixture
def ledger() -> EgressLedger:
    return EgressLedger()


@pytest.fixture
def make(ledger: EgressLedger) -> Iterator[Callable[..., GuardedFetcher]]:
    made: list[GuardedFetcher] = []

    def build(**changes: object) -> GuardedFetcher:
        settings: dict[str, object] = {"offline": False, "hosts": (), "ledger": ledger, "loopback": True, **changes}
        made.append(GuardedFetcher(**settings))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for fetcher in made:
        fetcher.close()


def read(fetcher: GuardedFetcher, url: str, offset: int = 0) -> bytes:
    with fetcher.stream(url, offset=offset) as (_, blocks):
        return b"".join(blocks)


def read_into(came: bytearray, fetcher: GuardedFetcher, url: str) -> None:
    with fetcher.stream(url) as (_, blocks):
        for block in blocks:
            came += block


def test_a_file_that_cannot_be_continued_is_read_from_its_beginning(make, server) -> None:
    server.faults["/file"] = [Fault(ignore_range=True)]
    assert read(make(), f"{server.url}/file", offset=70_000) == BODY[70_000:]
    assert server.offsets("/file") == [70_000]


@pytest.mark.parametrize("fault", [Fault(cut_after=1000), Fault(claim=len(BODY) + 5)])
def test_a_connection_that_breaks_off_is_a_failure_after_what_came(make, server, fault) -> None:
    server.faults["/file"] = [fault]
    came = bytearray()
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1"):
        read_into(came, make(), f"{server.url}/file")
    assert came == BODY[: len(came)]


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_answer_that_is_no_file_is_a_failure_that_names_the_status(make, server, status) -> None:
    server.faults["/file"] = [Fault(status=status)]
    with pytest.raises(FetchFailed, match=str(status)):
        read(make(), f"{server.url}/file")


def test_more_than_is_allowed_is_refused(make, server) -> None:
    with pytest.raises(FetchFailed, match="more than"):
        read(make(max_bytes=1000), f"{server.url}/file")


def test_redirects_are_followed_a_few_times(make, server) -> None:
    server.faults["/a"] = [Fault(status=302, location="/b")]
    server.faults["/b"] = [Fault(status=307, location="/file")]
    assert read(make(), f"{server.url}/a") == BODY
    server.faults["/loop"] = [Fault(status=302, location="/loop")] * 20
    with pytest.raises(FetchFailed, match="leads on"):
        read(make(), f"{server.url}/loop")
    assert len(server.offsets("/loop")) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/x",
        "https://elsewhere.example/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://[::ffff:10.0.0.1]/x",
        "https://[not-an-address/",
    ],
)
def test_a_redirect_across_the_border_is_refused(make, server, location) -> None:
    server.faults["/file"] = [Fault(status=302, location=location)]
    with pytest.raises(FetchFailed):
        read(make(), f"{server.url}/file")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "https://127.0.0.1:1/x", "http://localhost:1/x"])
def test_this_machine_is_not_asked_unless_that_was_said(make, url) -> None:
    with pytest.raises(FetchFailed):
        make(loopback=False).text(url)


def test_http_is_refused_even_for_a_known_host(make, ledger) -> None:
    with pytest.raises(FetchFailed, match="https"):
        make(hosts=("pypi.org",)).text("http://pypi.org/simple/")
    assert ledger.entries() == ()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "2130706433"])
def test_a_host_that_only_matches_a_pattern_must_be_public(make, host) -> None:
    with pytest.raises(FetchFailed):
        make(hosts=("*",), loopback=False).text(f"https://{host}:9/x")


def test_a_host_named_in_full_may_be_private(make, server) -> None:
    """A mirror inside a company: it gets as far as the handshake, which this plain server cannot do."""
    port = server.url.rsplit(":", 1)[1]
    with pytest.raises(FetchFailed, match=r"(?i)ssl|tls|record"):
        make(hosts=("127.0.0.1",), loopback=False).text(f"https://127.0.0.1:{port}/file")


def test_offline_says_what_to_do_and_asks_nobody(make, server, ledger) -> None:
    with pytest.raises(FetchFailed) as caught:
        make(offline=True).text(f"{server.url}/file")
    assert "models folder" in caught.value.hint
    assert server.requests == []
    assert ledger.entries() == ()


def test_every_request_is_in_the_ledger_also_one_that_failed(make, server, ledger) -> None:
    fetcher = make(purpose="models")
    server.faults["/a"] = [Fault(status=302, location="/file")]
    read(fetcher, f"{server.url}/a")
    with pytest.raises(FetchFailed):
        fetcher.text(f"{server.url}/nothing")
    assert [(entry.host, entry.received, entry.purpose) for entry in ledger.entries()] == [
        ("127.0.0.1", 0, "models"),
        ("127.0.0.1", len(BODY), "models"),
        ("127.0.0.1", 0, "models"),
    ]


def test_nobody_there_is_a_failure(make) -> None:
    with FileServer() as gone:
        address = f"{gone.url}/x"
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1"):
        make().text(address)


def test_a_proxy_of_the_environment_is_used(make, server, monkeypatch) -> None:
    """The proxy is asked with the whole address; hosts are checked before it is."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    server.files["http://localhost/through"] = b"by proxy"
    assert make().text("http://localhost/through") == "by proxy"
    with pytest.raises(FetchFailed, match="not among"):
        make().text("https://elsewhere.example/")


def test_a_secret_in_an_address_is_never_repeated(make, server) -> None:
    address = server.url.replace("//", "//user:hunter2@") + "/absent?key=hunter2"
    with pytest.raises(FetchFailed) as caught:
        make().text(address)
    assert "hunter2" not in str(caught.value)


def test_an_error_of_the_reader_stays_what_it_is(make, server) -> None:
    with pytest.raises(OSError, match="disk"), make().stream(f"{server.url}/file"):
        raise OSError("disk")


def test_what_the_fetcher_tries_is_accounted_for(make) -> None:
    """A name that cannot exist is looked up and fails, and the watch knows that the ledger tells of it."""
    watch = watch_egress()
    before = len(watch.attempts())
    with pytest.raises(FetchFailed):
        make(hosts=("absent.invalid",)).text("https://absent.invalid/x")
    assert "absent.invalid" in {attempt.host for attempt in watch.attempts()[before:]}
    assert "absent.invalid" not in {attempt.host for attempt in watch.unaccounted()}
