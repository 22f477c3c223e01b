"""site - a temporary directory and everything that runs in it.

    with Site() as site:
        server = Prosody(site, "a.example", {"juliet": "secret"})
        ...

At the end, however it comes, what was started in it is stopped, last first,
and the directory removed. If it comes by an exception, or a case has failed
meanwhile, the logs' last lines are shown. BACKSCROLL_KEEP=1 keeps the
directory.
"""

import os
import shutil
import socket
import sys
import tempfile

from . import certs, tap


def free_port():
    """A port that the kernel says nobody uses. Somebody may take it before
    we do: who starts a server on it tries again then (server.py)."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Site:
    def __init__(self, prefix="backscroll-test."):
        self.path = os.path.realpath(tempfile.mkdtemp(prefix=prefix))
        os.chmod(self.path, 0o711)      # servers run as users of their own
        self._ca = None
        self._held = []                 # things with stop(), and their logs
        self._failed_before = tap.failed

    @property
    def ca(self):
        if self._ca is None:
            self._ca = certs.Authority(self.directory("ca"))
        return self._ca

    def directory(self, name, user=None, mode=0o755):
        path = os.path.join(self.path, name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        if user is not None:
            os.chown(path, user.pw_uid, user.pw_gid)
        return path

    def write(self, name, text, mode=0o644, user=None):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="utf-8") as f:
            os.fchmod(f.fileno(), mode)
            f.write(text)
        if user is not None:
            os.chown(path, user.pw_uid, user.pw_gid)
        return path

    def hold(self, thing):
        """`thing` has stop(); logs(), if it has that, gives (title, text)
        pairs to show after a failure."""
        self._held.append(thing)
        return thing

    def stop(self, show=False):
        while self._held:
            thing = self._held.pop()
            try:
                thing.stop()
            except Exception as e:
                first, _, rest = str(e).partition("\n")
                tap.ok(False, "%s stops: %s" % (type(thing).__name__, first))
                tap.note(rest)
                show = True
            if show and hasattr(thing, "logs"):
                for title, text in thing.logs():
                    tap.note("---- %s" % title)
                    tap.note(text)
        if os.environ.get("BACKSCROLL_KEEP"):
            print("# kept " + self.path, file=sys.stderr)
        else:
            shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stop(show=(kind is not None and kind is not SystemExit)
                  or tap.failed > self._failed_before)
