from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

import pytest

from basicchat.core.errors import PasswordRequired, UnreadableDocument
from basicchat.ingest.archive import ArchiveLimits, Member, expand, holds_files


def packed(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def locked(name: str, data: bytes, password: bytes) -> bytes:
    """A zip with one member under the classic encryption, which `zipfile` can only read."""
    crc = zlib.crc32(data)
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = zlib.crc32(bytes([byte]), keys[0] ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = zlib.crc32(bytes([keys[1] >> 24]), keys[2] ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    for byte in password:
        update(byte)
    secret = bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + data:
        mask = (keys[2] | 2) & 0xFFFF
        secret.append(byte ^ ((mask * (mask ^ 1) >> 8) & 0xFF))
        update(byte)
    called = name.encode()
    common = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 33, crc, len(secret), len(data), len(called), 0)
    local = b"PK\x03\x04" + common + called + bytes(secret)
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + called
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def opened(
    tmp_path: Path, data: bytes, *, name: str = "box.zip", password: str = "", limits: ArchiveLimits | None = None
) -> list[Member]:
    (tmp_path / "stored").write_bytes(data)
    (tmp_path / "out").mkdir(exist_ok=True)
    return list(expand(tmp_path / "stored", name=name, folder=tmp_path / "out", password=password, limits=limits))


def told(members: list[Member]) -> dict[str, str]:
    """What is in each member, or what is wrong with it, by name."""
    return {each.name: each.path.read_text() if each.path else str(each.error) for each in members}


def test_members_come_with_the_archive_in_their_name(tmp_path: Path) -> None:
    members = opened(tmp_path, packed({"notes.txt": "one", "inner/notes.txt": "two", "empty/": ""}))
    assert told(members) == {"box.zip/notes.txt": "one", "box.zip/inner/notes.txt": "two"}
    assert all(each.path and each.path.parent == tmp_path / "out" and each.path.suffix == ".txt" for each in members)


def test_archives_within_are_opened_to_a_depth(tmp_path: Path) -> None:
    data = packed({"notes.txt": "deep"})
    for _ in range(2):
        data = packed({"in.zip": data, "beside.txt": "x"})
    assert told(opened(tmp_path, data))["box.zip/in.zip/in.zip/notes.txt"] == "deep"
    deeper = told(opened(tmp_path, packed({"in.zip": data})))
    assert "archives deep" in deeper["box.zip/in.zip/in.zip/in.zip"]
    assert deeper["box.zip/in.zip/in.zip/beside.txt"] == "x"


@pytest.mark.parametrize("name", ["../up.txt", "/etc/absolute.txt", "C:\\drive.txt", "a/../../up.txt", "..\\up.txt"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    members = opened(tmp_path, packed({name: "evil", "good.txt": "good"}))
    assert [each.path is None for each in members] == [True, False]
    assert "leads out" in str(members[0].error)
    assert {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")} == {"stored", "out"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    (member,) = opened(tmp_path, buffer.getvalue())
    assert member.path is None
    assert "link" in str(member.error)


def test_a_bomb_is_refused_unread_and_the_rest_comes(tmp_path: Path) -> None:
    limits = ArchiveLimits(member_bytes=64 * 2**20)
    members = opened(tmp_path, packed({"bomb.txt": bytes(32 * 2**20), "good.txt": "good"}), limits=limits)
    assert "could honestly hold" in str(members[0].error)
    assert told(members[1:]) == {"box.zip/good.txt": "good"}
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) == 4


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (ArchiveLimits(members=3), "more than 3 files"),
        (ArchiveLimits(total_bytes=35), "more than 0 MB"),
    ],
)
def test_the_limits_count_over_nested_archives(tmp_path: Path, limits: ArchiveLimits, problem: str) -> None:
    inner = packed({f"{number}.txt": b"0123456789" for number in range(3)})
    if "files" not in problem:
        limits = ArchiveLimits(total_bytes=len(inner) + 15)
    members = opened(tmp_path, packed({"in.zip": inner, "last.txt": "x"}), limits=limits)
    assert problem in str(members[-1].error)
    assert [each.error for each in members[:-1]] == [None] * (len(members) - 1)
    assert "last.txt" not in members[-1].name


def test_a_single_large_member_is_passed_over(tmp_path: Path) -> None:
    members = opened(tmp_path, packed({"big.txt": b"x" * 100, "b.txt": "ok"}), limits=ArchiveLimits(member_bytes=50))
    assert [each.path is None for each in members] == [True, False]


def test_the_same_name_twice_is_two_names(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "one")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", "two")
    assert told(opened(tmp_path, buffer.getvalue())) == {"box.zip/a.txt": "one", "box.zip/a (2).txt": "two"}


def test_a_locked_archive_asks_for_its_password(tmp_path: Path) -> None:
    data = locked("secret.txt", b"the harbour", b"1234")
    for wrong in ("", "wrong"):
        with pytest.raises(PasswordRequired):
            opened(tmp_path, data, password=wrong)
    assert told(opened(tmp_path, data, password="1234")) == {"box.zip/secret.txt": "the harbour"}


def test_a_locked_archive_within_is_a_member_with_an_error(tmp_path: Path) -> None:
    members = opened(tmp_path, packed({"in.zip": locked("s.txt", b"x", b"1"), "b.txt": "ok"}))
    assert isinstance(members[0].error, PasswordRequired)
    assert told(members[1:]) == {"box.zip/b.txt": "ok"}


def test_a_damaged_member_does_not_end_the_others(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": "first words " * 50, "b.txt": "good"}))
    data[40] ^= 0xFF
    members = opened(tmp_path, bytes(data))
    assert "damaged" in str(members[0].error)
    assert told(members[1:]) == {"box.zip/b.txt": "good"}


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 cut", packed({"a.txt": "x" * 100})[:60]], ids=["a beginning", "a packed file cut"]
)
def test_a_damaged_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="damaged"):
        opened(tmp_path, data)


def test_litter_is_left_out_and_odd_names_are_shown(tmp_path: Path) -> None:
    members = opened(tmp_path, packed({"__MACOSX/a": "x", ".DS_Store": "x", "a\tb.txt": "1", "ünï/日本.txt": "2"}))
    assert told(members) == {"box.zip/a\ufffdb.txt": "1", "box.zip/ünï/日本.txt": "2"}


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Message-ID"], message["Subject"] = "a@example.com", "<1@x>", "Ports"
    message.set_content("See the files.")
    message.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<logo>")
    message.add_attachment("The harbour", filename="../plan/é.txt")
    message.add_attachment(packed({"in.txt": "zipped"}), maintype="application", subtype="zip", filename="more.zip")
    forwarded = EmailMessage()
    forwarded["Subject"], forwarded["From"], forwarded["Message-ID"] = "Older/news", "b@example.com", "<2@x>"
    forwarded.set_content("Old.")
    forwarded.add_attachment("inside", filename="inside.txt")
    message.add_attachment(forwarded)
    return message


def test_attachments_come_out_of_mail(tmp_path: Path) -> None:
    members = opened(tmp_path, mail().as_bytes(), name="a.eml")
    assert [each.name for each in members] == [
        "a.eml/plan é.txt",
        "a.eml/more.zip/in.txt",
        "a.eml/Older news.eml",
        "a.eml/Older news.eml/inside.txt",
    ]
    assert told(members)["a.eml/Older news.eml/inside.txt"].strip() == "inside"


def test_mail_within_an_archive_comes_with_what_is_attached(tmp_path: Path) -> None:
    names = [each.name for each in opened(tmp_path, packed({"a.eml": mail().as_bytes()}))]
    assert names[:2] == ["box.zip/a.eml", "box.zip/a.eml/plan é.txt"]


def test_attachments_come_out_of_a_mailbox(tmp_path: Path) -> None:
    line = b"From a@example.com Mon Jan  1 00:00:00 2024\n"
    members = opened(tmp_path, line + mail().as_bytes() + b"\n" + line + mail().as_bytes(), name="a.mbox")
    assert [each.name for each in members][::4] == ["a.mbox/Message 1/plan é.txt", "a.mbox/Message 2/plan é.txt"]


def test_other_files_hold_nothing(tmp_path: Path) -> None:
    assert opened(tmp_path, b"words", name="a.txt") == []
    assert not holds_files("text/plain")
    assert not holds_files(None)
    assert holds_files("application/zip")


@pytest.mark.evals
def test_attachments_come_out_of_outlook_messages(evals: Path, tmp_path: Path) -> None:
    source = evals / "docs-docling" / "email" / "msg_with_attachment.msg"
    members = opened(tmp_path, source.read_bytes(), name="a.msg")
    assert [each.name for each in members] == ["a.msg/test.txt", "a.msg/report.pdf"]
