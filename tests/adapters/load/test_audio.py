"""Audio. The recording is seven seconds of espeak-ng: "The harbour opens at seven in the morning. Three ships are
waiting for the tide. The notice period of the lease is ninety days."
"""

from __future__ import annotations

import sys
import wave
from itertools import pairwise
from pathlib import Path

import numpy
import pytest

from basicchat.adapters.load.audio import AudioLoader, Said, pages_of
from basicchat.adapters.load.options import LoadOptions
from basicchat.adapters.load.sound import RATE, blocks, open_sound, quietest
from basicchat.core.errors import Cancelled, DependencyMissing, UnreadableDocument
from basicchat.core.place import place_of
from basicchat.core.types import Progress

SPOKEN = Path(__file__).with_name("harbour.ogg")
FORMATS = [
    pytest.param("wav", "pcm_s16le", 16000, "audio/wav", id="WAV"),
    pytest.param("mp3", "libmp3lame", 44100, "audio/mpeg", id="MP3"),
    pytest.param("m4a", "aac", 44100, "audio/mp4", id="M4A"),
    pytest.param("flac", "flac", 48000, "audio/flac", id="FLAC"),
    pytest.param("ogg", "libopus", 48000, "audio/ogg", id="OGG"),
]


def written(path: Path, samples: numpy.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def converted(target: Path, codec: str, rate: int) -> Path:
    av = pytest.importorskip("av")
    with av.open(str(SPOKEN)) as source, av.open(str(target), "w") as sink:
        stream = sink.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate)
        for frame in [*source.decode(audio=0), None]:
            if frame is not None:
                frame.pts = None
            for part in resampler.resample(frame):
                sink.mux(stream.encode(part))
        sink.mux(stream.encode(None))
    return target


@pytest.fixture
def loader(model_file) -> AudioLoader:
    pytest.importorskip("faster_whisper")
    return AudioLoader(LoadOptions(speech_model=str(model_file("whisper-tiny-en")), threads=1))


@pytest.mark.models
@pytest.mark.parametrize(("suffix", "codec", "rate", "kind"), FORMATS)
def test_speech_is_written_down(
    loader: AudioLoader, tmp_path: Path, suffix: str, codec: str, rate: int, kind: str
) -> None:
    path = converted(tmp_path / f"recording.{suffix}", codec, rate)
    heard: list[Progress] = []
    (document,) = loader.load(path, name="Harbour talk.wav", tell=heard.append)
    (page,) = document.pages
    assert "seven in the morning" in page.text
    assert "waiting for the tide" in page.text
    assert document.title == "Harbour talk"
    assert document.media_type == kind
    assert document.metadata["language"] == "en"
    assert place_of(page, 0, len(page.text)) in {"0:00-0:06", "0:00-0:07"}
    assert (heard[0].stage, heard[0].done, heard[0].unit) == ("listening", 0, "seconds")
    assert {progress.total for progress in heard} <= {6, 7}
    assert heard[-1].done >= 6


@pytest.mark.models
def test_the_multilingual_model_says_which_language_it_heard(model_file) -> None:
    pytest.importorskip("faster_whisper")
    (document,) = AudioLoader(LoadOptions(speech_model=str(model_file("whisper-base")))).load(SPOKEN)
    assert document.metadata["language"] == "en"
    assert "waiting for the tide" in document.pages[0].text


@pytest.mark.models
def test_silence_is_said_to_be_silence(loader: AudioLoader, tmp_path: Path) -> None:
    path = written(tmp_path / "silence.wav", numpy.zeros(RATE * 5))
    with pytest.raises(UnreadableDocument, match="No speech"):
        list(loader.load(path))


@pytest.mark.models
def test_a_damaged_recording_is_refused(loader: AudioLoader, tmp_path: Path) -> None:
    path = tmp_path / "damaged.mp3"
    path.write_bytes(b"ID3" + bytes(3000))
    with pytest.raises(UnreadableDocument):
        list(loader.load(path))


@pytest.mark.models
def test_a_playlist_in_disguise_is_refused(loader: AudioLoader, tmp_path: Path) -> None:
    path = tmp_path / "list.mp3"
    path.write_text(f"#EXTM3U\n#EXTINF:7,\n{SPOKEN}\n", encoding="utf-8")
    with pytest.raises(UnreadableDocument):
        list(loader.load(path))


@pytest.mark.models
def test_it_stops_when_told_to(loader: AudioLoader) -> None:
    def stop(progress: Progress) -> None:
        if progress.done:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        list(loader.load(SPOKEN, tell=stop))


def test_the_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(DependencyMissing) as caught:
        list(AudioLoader().load(SPOKEN))
    assert 'pip install "basicchat[speech]"' in caught.value.hint


def test_the_missing_model_is_named_with_its_command(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    with pytest.raises(DependencyMissing) as caught:
        list(AudioLoader(LoadOptions(speech_model=str(tmp_path / "whisper-base"))).load(SPOKEN))
    assert "basicchat models pull whisper-base" in caught.value.hint


def test_without_a_model_in_the_settings_the_setting_is_named() -> None:
    pytest.importorskip("faster_whisper")
    with pytest.raises(DependencyMissing) as caught:
        list(AudioLoader().load(SPOKEN))
    assert "BASICCHAT_INGEST__SPEECH" in caught.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument):
        list(AudioLoader().load(tmp_path / "absent.wav"))


def test_pages_are_ten_minutes_and_places_are_times() -> None:
    said = [Said(90, 102.5, "First."), Said(103, 130, "Second."), Said(599, 604, "Third."), Said(4000, 4010, "Last.")]
    pages = list(pages_of(said))
    assert [page.number for page in pages] == [1, 2]
    assert [page.label for page in pages] == ["0:00-10:00", "1:00:00-1:10:00"]
    assert pages[0].text == "First.\nSecond.\nThird."
    assert place_of(pages[0], 0, 14) == "1:30-2:10"
    assert place_of(pages[1], 0, 5) == "1:06:40-1:06:50"


def test_blocks_are_cut_where_it_is_quiet_and_lose_nothing(tmp_path: Path) -> None:
    pytest.importorskip("av")
    random = numpy.random.default_rng(7)
    samples = random.integers(-9000, 9000, RATE * 130)
    samples[RATE * 55 : RATE * 56] = 0
    path = written(tmp_path / "noise.wav", samples)
    with open_sound(path) as sound:
        assert sound.seconds == pytest.approx(130)
        found = list(blocks(sound, seconds=60))
    assert 55 <= found[1][0] <= 56
    assert all(len(block) <= 60 * RATE for _, block in found)
    assert all(start + len(block) / RATE == pytest.approx(later) for (start, block), (later, _) in pairwise(found))
    joined = numpy.concatenate([block for _, block in found])
    assert numpy.array_equal((joined * 32768).astype(int), samples)


def test_a_short_end_is_not_searched() -> None:
    assert quietest(numpy.zeros(10)) == 10
