"""Makes a small MSG file: a compound file with the streams that a message needs."""

from __future__ import annotations

import struct

SECTOR, MINI = 512, 64
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def outlook_message(subject: str, body: str) -> bytes:
    """A message with a subject and a body."""
    texts = {0x0037: subject, 0x1000: body, 0x001A: "IPM.Note"}
    streams = {f"__substg1.0_{tag:04X}001F": text.encode("utf-16-le") for tag, text in texts.items()}
    entries = (struct.pack("<HHIII", 0x001F, tag, 6, len(text) * 2 + 2, 0) for tag, text in texts.items())
    return compound({"__properties_version1.0": bytes(32) + b"".join(entries), **streams})


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file whose streams are all small."""
    mini, starts, chain = b"", [], []
    for data in streams.values():
        starts.append(len(mini) // MINI)
        count = max(1, -(-len(data) // MINI))
        chain += [*range(len(chain) + 1, len(chain) + count), END]
        mini += data.ljust(count * MINI, b"\0")
    mini = mini.ljust(-(-len(mini) // SECTOR) * SECTOR, b"\0")
    directory = entry("Root Entry", 5, child=1, size=len(mini), start=2 + (len(streams) + 4) // 4)
    for number, ((name, data), start) in enumerate(zip(streams.items(), starts, strict=True), start=1):
        right = number + 1 if number < len(streams) else FREE
        directory += entry(name, 2, right=right, start=start, size=len(data))
    directory = directory.ljust(-(-len(directory) // SECTOR) * SECTOR, b"\0")
    folders, minis = len(directory) // SECTOR, len(mini) // SECTOR
    # Sectors: 0 the table, 1 the table of small sectors, then the directory, then the small streams.
    table = [FAT, END, *range(3, 2 + folders), END, *range(3 + folders, 2 + folders + minis), END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 2, 0, 4096, 1, 1, END, 0, 0) + struct.pack("<I", FREE) * 108
    return header + numbers(table) + numbers(chain) + directory + mini


def entry(name: str, kind: int, *, right: int = FREE, child: int = FREE, start: int = 0, size: int = 0) -> bytes:
    called = name.encode("utf-16-le")
    head = called.ljust(64, b"\0") + struct.pack("<HBBIII", len(called) + 2, kind, 1, FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def numbers(values: list[int]) -> bytes:
    return struct.pack(f"<{len(values)}I", *values).ljust(SECTOR, b"\xff")
