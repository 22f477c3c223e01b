"""The program under test: run in a home of its own, in a pipe or at a
terminal."""

import functools
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from lab import tap  # noqa: E402

BUILD = os.environ.get("builddir", os.getcwd())
PROGRAM = os.path.join(BUILD, "src/cmd/backscroll")
FILL = os.path.join(BUILD, "tests/cmd/fill")
PATIENCE = 30


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def json(self):
        return [json.loads(line) for line in self.out.split("\n") if line]


def environment(home, **more):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("BACKSCROLL", "XDG_", "LESS"))
           and k not in ("PAGER", "NO_COLOR", "TZ", "CREDENTIALS_DIRECTORY")}
    env.update(HOME=home, TZ="UTC", TERM="xterm")
    env.update(more)
    return env


class Case:
    """One home with one archive."""

    def __init__(self, home):
        self.home = home
        self.archive = os.path.join(home, "a.db")
        subprocess.run([FILL, self.archive, "3000"], check=True)

    def run(self, *words, archive=True, **more):
        before = ["-f", self.archive] if archive else []
        p = subprocess.run([PROGRAM] + before + list(words),
                           env=environment(self.home, **more),
                           stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=PATIENCE, cwd=self.home)
        return Result(p.returncode, p.stdout.decode("utf-8"),
                      p.stderr.decode("utf-8"))


def terminal(case, words, **more):
    """What a person at a terminal of 60 columns sees."""
    pid, fd = pty.fork()
    if pid == 0:
        try:
            os.execvpe("sh", ["sh", "-c", "stty cols 60 rows 1000; exec " +
                              " ".join([PROGRAM, "-f", case.archive] + words)],
                       environment(case.home, **more))
        finally:
            os._exit(127)
    out = b""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ready = select.select([fd], [], [], 1)[0]
        if not ready:
            continue
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(fd)
    return status, out.decode("utf-8").replace("\r\n", "\n")


def bind(test, case):
    @functools.wraps(test)
    def bound():
        test(case)
    return bound


def main(*tests):
    """Runs them, each given the same home."""
    home = tempfile.mkdtemp(prefix="backscroll-cmd-")
    try:
        case = Case(home)
        tap.main(*(bind(test, case) for test in tests))
    finally:
        shutil.rmtree(home, ignore_errors=True)
