from __future__ import annotations

import zipfile
from email.message import EmailMessage
from pathlib import Path

from basicchat.core.types import FileStatus
from basicchat.testing.loading import TextLoader


def pack(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def sources(bench) -> list[str]:
    with bench.store.begin() as unit:
        return sorted(entry.source for entry in unit.documents.entries())


def test_each_member_of_an_archive_is_an_entry(bench) -> None:
    path = pack(bench.folder / "all.zip", {"a.txt": "alpha", "in/b.txt": "beta", "in/tool.exe": "\x7fELF\0\0\0\1"})
    outcomes = bench.ingest(path)
    assert [outcome.path for outcome in outcomes] == [f"{path}/a.txt", f"{path}/in/b.txt"]
    assert {outcome.status for outcome in outcomes} == {FileStatus.DONE}
    assert sources(bench) == [f"{path}/a.txt", f"{path}/in/b.txt"]
    assert bench.found("beta") == {"b"}
    bench.assert_consistent()
    assert {outcome.status for outcome in bench.ingest(path)} == {FileStatus.UNCHANGED}


def test_members_that_are_gone_from_an_archive_go(bench) -> None:
    path = pack(bench.folder / "all.zip", {f"{letter}.txt": f"text {letter}" for letter in "abcdefgh"})
    bench.write("alone.txt", "text c")
    bench.ingest()
    pack(path, {"a.txt": "text a", "b.txt": "text b, changed"})
    bench.ingest()
    assert sources(bench) == [f"{path}/a.txt", f"{path}/b.txt", str(bench.folder / "alone.txt")]
    assert len(bench.documents()) == 3, "what another file gives too has stayed"
    bench.assert_consistent()


def test_an_archive_under_a_name(bench) -> None:
    path = pack(bench.folder / "0f3a", {"a.txt": "alpha"})
    (outcome,) = bench.ingest(path, names={path: "Papers.zip"})
    assert outcome.path == "Papers.zip/a.txt"
    assert sources(bench) == ["Papers.zip/a.txt"]


def test_a_bad_member_does_not_sink_the_others(bench) -> None:
    path = pack(bench.folder / "all.zip", {"a.txt": "alpha", "b.txt": "", "../c.txt": "gamma", "d.txt": "delta"})
    outcomes = {Path(outcome.path).name: outcome for outcome in bench.ingest(path)}
    assert outcomes["a.txt"].status is outcomes["d.txt"].status is FileStatus.DONE
    assert outcomes["b.txt"].status is outcomes["c.txt"].status is FileStatus.FAILED
    assert sources(bench) == [f"{path}/a.txt", f"{path}/d.txt"]


def test_archives_that_hold_nothing_or_are_damaged_say_so(bench) -> None:
    empty = pack(bench.folder / "empty.zip", {"tool.exe": "\x7fELF\0\0\0\1"})
    good = pack(bench.folder / "good.zip", {"a.txt": "alpha"})
    bench.ingest(good)
    good.write_bytes(good.read_bytes()[:30])
    for path in (empty, good):
        (outcome,) = bench.ingest(path)
        assert (outcome.path, outcome.status) == (str(path), FileStatus.FAILED)
        assert outcome.error
    assert sources(bench) == [f"{good}/a.txt"], "a damaged archive takes nothing away"


class MailLoader(TextLoader):
    media_types = frozenset({"message/rfc822"})


def test_what_is_attached_to_a_mail_stands_beside_it(make_bench) -> None:
    bench = make_bench(loaders=[TextLoader(), MailLoader()])
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Ports"
    mail["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    mail.set_content("The list is attached.")
    mail.add_attachment("Orla, Brim", filename="ports.txt")
    path = bench.write("mail.eml", mail.as_bytes())
    assert [outcome.path for outcome in bench.ingest(path)] == [str(path), f"{path}/ports.txt"]
    assert sources(bench) == [str(path), f"{path}/ports.txt"]
    bench.ingestor.forget_source(str(path))
    assert sources(bench) == []
    bench.assert_consistent()


def test_a_later_ingest_finds_the_reading_done(make_bench) -> None:
    read: list[str] = []

    class Noting(TextLoader):
        def load(self, path, **options):
            read.append(path.name)
            return super().load(path, **options)

    bench = make_bench(loaders=[Noting()])
    paths = [bench.write(f"{number}.txt", f"text {number}") for number in range(6)]
    bench.ingestor.read_ahead(paths)
    for path in paths[:4]:
        (outcome,) = bench.ingest(path)
        assert outcome.status is FileStatus.DONE
    bench.ingestor.forget_ahead(paths)
    assert sorted(set(read)) == sorted(read), "no file was read twice"
    assert set(read) >= {path.name for path in paths[:4]}
    bench.ingestor.close()


def test_a_file_that_changes_after_it_was_read_ahead_is_read_again(bench) -> None:
    first, second = bench.write("a.txt", "alpha"), bench.write("b.txt", "beta")
    bench.ingestor.read_ahead([first, second])
    bench.ingest(first)
    second.write_text("omega, and much more")
    bench.ingest(second)
    assert bench.found("omega") == {"b"}
    assert bench.found("beta") == set()
    bench.assert_consistent()


def test_a_password_opens_a_locked_file(make_bench) -> None:
    class Locked(TextLoader):
        def load(self, path, *, password="", **options):
            return super().load(path if password != "sesame" else path.with_suffix(".open"), **options)

    bench = make_bench(loaders=[Locked()])
    path = bench.write("a.txt", "LOCKED")
    bench.write("a.open", "opened")
    assert bench.ingest(path)[0].status is FileStatus.NEEDS_PASSWORD
    assert bench.ingest(path, passwords={path: "sesame"})[0].status is FileStatus.DONE
    assert bench.found("opened") == {"a"}
