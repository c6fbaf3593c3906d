"""Says which tests will be skipped on this machine, and what would bring them back. Always exits 0."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHAT_MODEL = "qwen2.5-coder-0.5b-instruct-q4_k_m"


def absences() -> list[str]:
    """One sentence for everything that is not here, with the command that brings it."""
    folder = Path(os.environ.get("BASICCHAT_MODELS__FOLDER") or "~/.basicchat/models").expanduser()
    found = {
        "browser tests: no chromium (apt-get install chromium)": any(shutil.which(name) for name in BROWSERS),
        "the test that no process reaches another machine: no strace (apt-get install strace; Linux only)": bool(
            shutil.which("strace")
        ),
        "the second sandbox's tests: no bubblewrap (apt-get install bubblewrap; Linux only)": bool(
            shutil.which("bwrap")
        ),
        'sentence-transformers tests: not installed (pip install "basicchat[sentence-transformers]")': bool(
            find_spec("sentence_transformers")
        ),
        f"tests with a real chat model: not fetched (basicchat models pull {CHAT_MODEL})": (
            folder / CHAT_MODEL
        ).is_dir(),
        "quality tests: the evaluation sets are not beside the repository": (ROOT.parent / "shared" / "evals").is_dir(),
    }
    return [sentence for sentence, there in found.items() if not there]


def main() -> None:
    """Print what is absent."""
    for sentence in absences():
        print(f"skipping {sentence}")


if __name__ == "__main__":
    main()
