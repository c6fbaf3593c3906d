"""A process that is killed in the middle of deep research: the next one goes on, and does no finished step again."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.timeout(240)

WORK = """
import os, signal, sys
from pathlib import Path
from basicchat import bootstrap
from basicchat.adapters.notebook.sqlite import SqliteNotebook
from basicchat.service.research import Keeping
from basicchat.settings import JobSettings, load

home, when, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
settings = load(home=home, profile="fake").model_copy(update={"jobs": JobSettings(engine="durable")})
count = 0

def note(word, name):
    with (home / "steps").open("a") as file:
        file.write(f"{word} {name}\\n")

def die():
    os.kill(os.getpid(), signal.SIGKILL)

keep, write = Keeping.keep, SqliteNotebook.keep

def kept(self, name, run):
    def told():
        global count
        count += 1
        note("begun", name)
        found = run()
        if (when, number) == ("within", count):
            die()
        return found
    return keep(self, name, told)

def written(self, study_id, found):
    write(self, study_id, found)
    note("kept", found.name)
    if (when, number) == ("after", count):
        die()

Keeping.keep, SqliteNotebook.keep = kept, written

if __name__ == "__main__":
    with bootstrap.shared_assistant(settings) as assistant:
        if not assistant.library.documents():
            (home / "ferry.md").write_text("The ferry to Oban leaves at seven in the morning.\\n")
            (home / "bread.md").write_text("Rye bread needs twelve hours to rise.\\n")
            assistant.ingest([home / "ferry.md", home / "bread.md"])
        parts = ["When does the ferry to Oban leave?", "How long does rye bread rise?"]
        known = assistant.research.all()
        study = known[0] if known else assistant.research.submit("Ferry and bread?", parts=parts, most_sources=1)
        assistant.jobs.wait(study.id, 100)
        print(assistant.research.export(study.id, "json"))
"""


def lived(home, when="", number=0):
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-c", WORK, str(home), when, str(number)]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)


def test_killed_within_a_step_and_between_two_it_ends_with_the_same_report(tmp_path):
    home = tmp_path / "home"
    assert lived(home, "within", 4).returncode == -9
    assert lived(home, "after", 2).returncode == -9  # kept in the notebook, and the job does not know of it yet
    last = lived(home)
    assert last.returncode == 0, last.stderr
    report = json.loads(last.stdout)
    said = (home / "steps").read_text().split("\n")
    begun = [line[6:] for line in said if line.startswith("begun ")]
    kept = [line[5:] for line in said if line.startswith("kept ")]
    assert len(kept) == len(set(kept)) == 7
    assert len(begun) == len(kept) + 1  # the step that the first kill cut off
    undisturbed = json.loads(lived(tmp_path / "other").stdout)
    assert [each["text"] for each in report["sections"]] == [each["text"] for each in undisturbed["sections"]]
    assert report["unresolved"] == []
    assert {each["number"] for each in report["citations"]} == {1, 2}
