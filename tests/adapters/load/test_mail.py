from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from basicchat.adapters.load.mail import MailboxLoader, MailLoader, SavedPageLoader


def message(subject: str = "Häfen", body: str = "The harbour is open.") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = "Ännä <a@example.com>", "b@example.com", "Mon, 1 Jan 2024 09:00:00 +0000"
    mail["Subject"] = subject
    mail.set_content(body)
    return mail


def read(tmp_path: Path, data: bytes):
    (tmp_path / "a.eml").write_bytes(data)
    return next(MailLoader().load(tmp_path / "a.eml"))


def test_headers_stand_above_the_text_and_attachments_are_named(tmp_path: Path) -> None:
    mail = message()
    mail.add_alternative("<p>The <b>harbour</b></p>", subtype="html")
    mail.add_attachment(b"x", maintype="application", subtype="pdf", filename="Pläne.pdf")
    mail.add_attachment(message("Older"))
    loaded = read(tmp_path, mail.as_bytes())
    assert loaded.title == "Häfen"
    assert loaded.pages[0].text == (
        "Subject: Häfen\nFrom: Ännä <a@example.com>\nTo: b@example.com\nDate: Mon, 01 Jan 2024 09:00:00 +0000\n"
        "Attachments: Pläne.pdf, Older\n\nThe harbour is open."
    )
    assert [heading.text for heading in loaded.pages[0].headings] == ["Häfen"]
    assert loaded.metadata["from"] == "Ännä <a@example.com>"


def test_html_is_read_where_there_is_no_plain_text(tmp_path: Path) -> None:
    data = b"From: a\nContent-Type: text/html; charset=latin-1\n\n<script>no</script><h1>H\xe4fen</h1>"
    assert read(tmp_path, data).pages[0].text.endswith("\n\n# Häfen")


@pytest.mark.parametrize(
    "data",
    [
        b"From: a\nSubject: =?nonsense?q?H=E4?=\nContent-Type: text/plain; charset=nonsense\n\nThe h\xe4rbour",
        b"From: =?utf-8?b?!!!?=\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nThe harbour",
        b"From: a\nContent-Type: multipart/mixed\n\nThe harbour",
        b"From: a\nContent-Transfer-Encoding: base64\n\n!!not base64!!",
        b"From: a\xff\xfe\nTo:\n\n\x80\x81",
        b"From: a\nContent-Type: message/rfc822\n\n",
        b"From: a\nSubject: nu\0ll =?utf-8?q?=00=0D?=\n\nwords",
        b"From: a\n" + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 90,
    ],
)
def test_broken_mail_is_read_as_far_as_it_goes(tmp_path: Path, data: bytes) -> None:
    text = read(tmp_path, data).pages[0].text
    assert "From" in text
    assert not {"\0", "\r"} & set(text)


def test_a_mailbox_is_a_page_a_message(tmp_path: Path) -> None:
    line = b"From a@example.com Mon Jan  1 00:00:00 2024\n"
    long = "\n\n".join(["One more paragraph about the port."] * 2_000)
    mails = [message("First"), message("Second", long), message("Third")]
    (tmp_path / "a.mbox").write_bytes(b"\n".join(line + mail.as_bytes() for mail in mails))
    before = (tmp_path / "a.mbox").read_bytes()
    (loaded,) = MailboxLoader().load(tmp_path / "a.mbox")
    labels = [page.label for page in loaded.pages]
    assert labels == ["Message 1", "Message 2, part 1", "Message 2, part 2", "Message 3"]
    assert [page.number for page in loaded.pages] == [1, 2, 3, 4]
    assert loaded.pages[3].headings[0].text == "Third"
    assert (tmp_path / "a.mbox").read_bytes() == before


def test_a_saved_page_is_read_as_the_page_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.mht").write_bytes(
        b"From: <Saved by Blink>\r\nSubject: =?utf-8?Q?Ports?=\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; boundary="x"\r\n\r\n--x\r\nContent-Type: text/html\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        b'<html><head><meta charset=3D"utf-8"></head><h1>H=C3=A4fen</h1><p>open\r\n'
        b"--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--x--\r\n"
    )
    loaded = next(SavedPageLoader().load(tmp_path / "a.mht"))
    assert loaded.title == "Ports"
    assert loaded.pages[0].text == "# Häfen\n\nopen"
