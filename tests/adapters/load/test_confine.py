"""The guard alone; what it does to a whole process is in tests/faults/test_hostile_files.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from basicchat.adapters.load.confine import guard
from basicchat.adapters.load.worker_process import environment


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.__new__", (None, 2, 1, 0)),
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("socket.getaddrinfo", ("example.org", 80)),
        ("os.fork", ()),
        ("os.system", (b"true",)),
        ("subprocess.Popen", ("/bin/sh", ["/bin/sh"], None, None)),
        ("subprocess.Popen", (None, ["/usr/bin/curl"], None, None)),
        ("os.posix_spawn", (b"/bin/sh", [b"sh"], {})),
        ("open", ("/elsewhere/file", "w", os.O_WRONLY | os.O_CREAT)),
        ("open", ("/elsewhere/file", None, os.O_RDWR)),
        ("os.remove", ("/elsewhere/file", -1)),
        ("os.rename", ("/elsewhere/file", "/elsewhere/other", -1, -1)),
    ],
)
def test_the_guard_refuses(tmp_path: Path, event: str, arguments: tuple) -> None:
    with pytest.raises(PermissionError):
        guard(tmp_path)(event, arguments)


def test_the_guard_lets_reading_and_scratch_files_be(tmp_path: Path) -> None:
    hook = guard(tmp_path)
    hook("open", ("/elsewhere/file", "r", os.O_RDONLY))
    hook("open", (str(tmp_path / "new"), "w", os.O_WRONLY | os.O_CREAT))
    hook("open", (os.devnull, "w", os.O_WRONLY))
    hook("open", ("/elsewhere/__pycache__/module.pyc", "w", os.O_WRONLY | os.O_CREAT))
    hook("os.remove", (str(tmp_path / "new"), -1))
    hook("os.rename", (str(tmp_path / "new"), str(tmp_path / "old"), -1, -1))
    hook("subprocess.Popen", ("tesseract", ["tesseract", "--version"], None, None))
    hook("subprocess.Popen", (r"/usr/bin/tesseract", ["tesseract"], None, None))
    hook("import", ("json", None, None, None, None))


def test_a_link_out_of_the_scratch_folder_is_followed(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "out").symlink_to(tmp_path)
    with pytest.raises(PermissionError):
        guard(scratch)("open", (str(scratch / "out" / "file"), "w", os.O_WRONLY))


def test_the_environment_is_small(tmp_path: Path) -> None:
    given = {"PATH": "/bin", "LC_ALL": "C", "AWS_SECRET_ACCESS_KEY": "x", "HTTP_PROXY": "y", "PYTHONPATH": "lib"}
    seen = environment(given, tmp_path)
    assert seen["PATH"] == "/bin"
    assert seen["LC_ALL"] == "C"
    assert seen["TMPDIR"] == str(tmp_path)
    assert seen["PYTHONPATH"].split(os.pathsep)[-1] == os.path.abspath("lib")
    assert not {"AWS_SECRET_ACCESS_KEY", "HTTP_PROXY"} & seen.keys()
