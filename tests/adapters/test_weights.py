from __future__ import annotations

import hashlib
import os

import pytest

from basicchat.adapters.weights import DIGEST_NOTE, digest_of, model_file, name_of
from basicchat.core.errors import DependencyMissing


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "model.onnx"
    file.write_bytes(b"weights")
    return file


def test_the_digest_is_that_of_the_bytes(file):
    assert digest_of(file) == hashlib.sha256(b"weights").hexdigest()
    assert name_of(file.parent, file.name) == f"{file.parent.name}@{hashlib.sha256(b'weights').hexdigest()[:12]}"


def test_the_note_spares_reading_again(file):
    digest_of(file)
    stat = file.stat()
    file.write_bytes(b"WEIGHTS")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert digest_of(file) == hashlib.sha256(b"weights").hexdigest()


def test_a_changed_file_is_read_again(file):
    digest_of(file)
    file.write_bytes(b"other weights")
    assert digest_of(file) == hashlib.sha256(b"other weights").hexdigest()


@pytest.mark.parametrize("note", ["", "[]", "{}", "null", '{"size": 7}'])
def test_a_damaged_note_is_written_again(file, note):
    file.with_name(DIGEST_NOTE).write_text(note)
    assert digest_of(file) == hashlib.sha256(b"weights").hexdigest()
    assert "sha256" in file.with_name(DIGEST_NOTE).read_text()


def test_an_absent_file(tmp_path):
    with pytest.raises(DependencyMissing, match="is not installed"):
        model_file(tmp_path / "some-model", "model.onnx")
