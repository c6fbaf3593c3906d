"""What every sandbox promises, and the attempts to get out of it that it withstands.

An attempt prints ``ESCAPED`` where it got what it wanted. Whether an error in the code stops it or a limit of the
sandbox is the sandbox's choice.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.core.errors import ToolDenied
from basicchat.core.tools import Limits, Ran, Sandbox

TIGHT = Limits(seconds=1.0, memory_mb=64, output_bytes=10_000)

ATTEMPTS = {
    # files
    "read-a-secret": "print('ESCAPED', open('SECRET').read())",
    "read-passwords": "print('ESCAPED', open('/etc/passwd').read())",
    "read-by-pathlib": "from pathlib import Path\nprint('ESCAPED', Path('SECRET').read_text())",
    "read-by-descriptor": "import os\nprint('ESCAPED', os.read(os.open('SECRET', os.O_RDONLY), 99))",
    "read-by-io": "import io\nprint('ESCAPED', io.FileIO('SECRET').read())",
    "read-by-posix": "import posix\nprint('ESCAPED', posix.open('SECRET', 0))",
    "read-its-environment": "print('ESCAPED', open('/proc/self/environ').read())",
    "read-the-memory-of-its-parent": "print('ESCAPED', open('/proc/1/mem', 'rb').read(1))",
    "list-home": "import os\nprint('ESCAPED', os.listdir(os.path.expanduser('~')))",
    "list-the-folder-of-the-secret": "import os\nprint('ESCAPED', os.listdir('FOLDER'))",
    "walk-everything": "import os\nfor at, _, found in os.walk('/'):\n    if 'secret.txt' in found: print('ESCAPED')",
    "write-a-file": "open('/tmp/escaped', 'w').write('x')\nprint('ESCAPED')",
    "write-beside-the-secret": "open('FOLDER/escaped', 'w').write('x')\nprint('ESCAPED')",
    "write-into-its-own-root": "open('/escaped', 'w').write('x')\nprint('ESCAPED')",
    "link-to-a-secret": "import os\nos.symlink('SECRET', '/tmp/link')\nprint('ESCAPED', open('/tmp/link').read())",
    "delete-the-secret": "import os\nos.remove('SECRET')\nprint('ESCAPED')",
    "a-database": "import sqlite3\nsqlite3.connect('FOLDER/x.db').execute('create table t(a)')\nprint('ESCAPED')",
    # network
    "a-socket": "import socket\nsocket.create_connection(('127.0.0.1', PORT), 1)\nprint('ESCAPED')",
    "a-web-page": "import urllib.request\nprint('ESCAPED', urllib.request.urlopen('http://127.0.0.1:PORT/').read())",
    "look-up-a-name": "import socket\nprint('ESCAPED', socket.gethostbyname('localhost'))",
    "listen": "import socket\ns = socket.socket()\ns.bind(('0.0.0.0', 0))\ns.listen()\nprint('ESCAPED')",
    "a-datagram": "import socket\nsocket.socket(2, 2).sendto(b'x', ('127.0.0.1', PORT))\nprint('ESCAPED')",
    # processes
    "a-program": "import subprocess\nsubprocess.run(['/bin/sh', '-c', 'true'], check=True)\nprint('ESCAPED')",
    "a-shell": "import os\nif os.system('exit 7') in (7, 7 << 8): print('ESCAPED')",
    "a-fork": "import os\npid = os.fork()\nprint('ESCAPED')",
    "forks-without-end": "import os\nwhile True:\n    os.fork()\n    print('ESCAPED')",
    "become-another-program": "import os\nos.execv('/bin/echo', ['echo', 'ESCAPED'])",
    "kill-everybody": "import os\nos.kill(-1, 9)\nprint('ESCAPED')",
    "end-its-parent": "import os\nos.kill(os.getppid(), 15)\nprint('ESCAPED')",
    "a-pool": "from multiprocessing import Process\nProcess(target=print).start()\nprint('ESCAPED')",
    # imports and native code
    "native-code": "import ctypes\nif ctypes.CDLL(None).fork() >= 0: print('ESCAPED')",
    "import-the-program": "import basicchat\nprint('ESCAPED')",
    "import-a-package": "import httpx\nprint('ESCAPED')",
    "import-by-name": "__import__('os').listdir('FOLDER')\nprint('ESCAPED')",
    # introspection
    "through-the-classes": (
        "for kind in ().__class__.__base__.__subclasses__():\n"
        "    if kind.__name__ == 'FileIO': print('ESCAPED', kind('SECRET').read())"
    ),
    "through-the-frames": "import sys\nprint('ESCAPED', sys._getframe(99).f_globals)",
    "through-the-builtins": "print('ESCAPED', __builtins__['open']('SECRET').read())",
    "through-a-traceback": (
        "try: 1/0\nexcept Exception as e: print('ESCAPED', e.__traceback__.tb_frame.f_builtins['open']('SECRET'))"
    ),
    "through-eval": "print('ESCAPED', eval(\"open('SECRET').read()\"))",
    "through-a-format": "print('ESCAPED', '{0.__class__.__init__.__globals__[os]}'.format(open))",
    "through-pickle": "import pickle\npickle.loads(b'cos\\nsystem\\n(S\"false\"\\ntR.') or print('ESCAPED')",
    # limits
    "loop-without-end": "while True: pass",
    "loop-that-catches": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "sleep": "import time\ntime.sleep(3600)\nprint('ESCAPED')",
    "a-large-list": "x = [0] * 10**10\nprint('ESCAPED')",
    "a-large-text": "x = 'x' * 10**10\nprint('ESCAPED')",
    "a-large-number": "x = 10**10**10\nprint('ESCAPED')",
    "memory-bit-by-bit": "x = []\nwhile True: x.append('x' * 100_000 + str(len(x)))",
    "recursion": "def f(n): return f(n + 1)\nf(0)\nprint('ESCAPED')",
    "a-slow-pattern": "import re\nre.match(r'(a|a|b)*(a|a|b)*c' * 3, 'a' * 5000)\nraise ValueError('done')",
    "raise-its-own-limits": "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (-1, -1))\nprint('ESCAPED')",
    # output
    "print-without-end": "while True: print('x' * 1000)",
    "one-large-print": "print('x' * 1_000_000)",
    "a-large-value": "['x' * 1000] * 1000",
}
"""What was tried, by name. ``SECRET`` is a file, ``FOLDER`` its folder, ``PORT`` one that somebody listens at."""

MUST_BE_STOPPED = frozenset(
    {
        *("loop-without-end", "loop-that-catches", "memory-bit-by-bit"),
        *("print-without-end", "one-large-print", "a-large-value"),
    }
)
"""Attempts that raise `ToolDenied`: there is no error for the code to fail with."""


class SandboxContract:
    """Override ``sandbox``."""

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        raise NotImplementedError

    @pytest.fixture
    def secret(self, tmp_path: Path) -> Path:
        file = tmp_path / "secret.txt"
        file.write_text("the secret of this machine", encoding="utf-8")
        return file

    def test_it_computes(self, sandbox: Sandbox) -> None:
        ran = sandbox.run("x = [n * n for n in range(5)]\nprint('hello')\nsum(x)", limits=Limits())
        assert ran == Ran("hello\n", 30, "", sandbox.name)

    def test_values_come_back_as_json(self, sandbox: Sandbox) -> None:
        code = "{'a': [1, 2.5, None, True, 'x'], 'b': (1, 2), 'c': {3}, 'd': float('inf'), 'e': 2**70}"
        value = {"a": [1, 2.5, None, True, "x"], "b": [1, 2], "c": "{3}", "d": "inf", "e": str(2**70)}
        assert sandbox.run(code, limits=Limits()).value == value

    def test_code_without_a_value_gives_none(self, sandbox: Sandbox) -> None:
        assert sandbox.run("x = 1", limits=Limits()).value is None
        assert sandbox.run("", limits=Limits()).value is None

    @pytest.mark.parametrize("code", ["1/0", "x = (", "raise ValueError('oh')", "undefined"])
    def test_an_error_of_the_code_is_told(self, sandbox: Sandbox, code: str) -> None:
        ran = sandbox.run(f"print('before')\n{code}", limits=Limits())
        assert ran.error
        assert ran.printed in {"", "before\n"}

    def test_one_run_knows_nothing_of_another(self, sandbox: Sandbox) -> None:
        sandbox.run("x = 1", limits=Limits())
        assert "NameError" in sandbox.run("x", limits=Limits()).error

    @pytest.mark.parametrize("name", sorted(ATTEMPTS))
    def test_no_attempt_gets_out(self, sandbox: Sandbox, secret: Path, listening: int, name: str) -> None:
        code = ATTEMPTS[name].replace("SECRET", str(secret)).replace("FOLDER", str(secret.parent))
        try:
            ran = sandbox.run(code.replace("PORT", str(listening)), limits=TIGHT)
        except ToolDenied:
            ran = Ran("")
        else:
            assert name not in MUST_BE_STOPPED
        assert "ESCAPED" not in ran.printed
        assert "the secret of this machine" not in f"{ran.printed} {ran.value} {ran.error}"
        assert len(ran.printed) <= TIGHT.output_bytes
        assert secret.read_text(encoding="utf-8") == "the secret of this machine"
        assert sorted(each.name for each in secret.parent.iterdir()) == ["secret.txt"]

    @pytest.fixture
    def listening(self) -> int:
        """A port of this machine at which nothing may knock. Override it to hear whether something did."""
        return 9
