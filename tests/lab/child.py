"""child - processes that always end.

A child is the head of its own process group, writes to a log of its own, and
dies with its parent, however that dies: by stop(), at the exit of the
interpreter, on SIGTERM, or by the kernel's hand if the parent was killed.
"""

import atexit
import ctypes
import os
import pwd
import resource
import signal
import subprocess
import sys

_running = []
_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class Died(Exception):
    """A child ended that should not have."""


def _before_exec():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _stop_all():
    for child in list(reversed(_running)):
        child.stop(grace=2)


def _on_signal(number, frame):
    sys.exit(128 + number)      # atexit does the rest


atexit.register(_stop_all)
for _number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(_number, _on_signal)


def user_of(name):
    """The passwd entry of a package's own user if we may become it, else
    None: then the server runs as whoever runs the test."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


class Child:
    """argv runs at once. `log` is a path that takes both outputs. After
    file_limit() a write fails as on a full disk, instead of killing."""

    def __init__(self, argv, log, user=None, env=None, cwd=None, stdin=None):
        self.argv = [str(a) for a in argv]
        self.name = os.path.basename(self.argv[0])
        self.log = log
        whole = dict(os.environ)
        whole.update(env or {})
        become = {}
        if user is not None:
            become = {"user": user.pw_uid, "group": user.pw_gid,
                      "extra_groups": []}
            whole.update(USER=user.pw_name, LOGNAME=user.pw_name)
        with open(log, "ab") as out:
            if user is not None:
                os.fchown(out.fileno(), user.pw_uid, user.pw_gid)
            self.process = subprocess.Popen(
                self.argv, stdin=stdin or subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, env=whole, cwd=cwd,
                start_new_session=True, restore_signals=False,
                preexec_fn=_before_exec, **become)
        _running.append(self)

    @property
    def pid(self):
        return self.process.pid

    def is_alive(self):
        return self.process.poll() is None

    def must_live(self):
        if not self.is_alive():
            raise Died("%s ended with status %s:\n%s" % (
                self.name, self.process.returncode, self.tail()))

    def signal(self, number):
        if self.is_alive():
            self.process.send_signal(number)

    def wait(self, seconds=10):
        """The exit status; subprocess.TimeoutExpired if it does not end."""
        status = self.process.wait(seconds)
        if self in _running:
            _running.remove(self)
        return status

    def stop(self, grace=5):
        """SIGTERM, and SIGKILL for the whole group after `grace` seconds.
        Returns the exit status."""
        if self.is_alive():
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(grace)
            except subprocess.TimeoutExpired:
                pass
        try:                    # whatever it has left behind, too
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return self.wait()

    def kill(self):
        """No warning, no farewell."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def file_limit(self, size):
        """No file of the child's may grow beyond `size` bytes (EFBIG); None:
        any may again."""
        hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE,
                         (hard if size is None else size, hard))

    def tail(self, lines=40):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                return "".join(f.readlines()[-lines:])
        except OSError as e:
            return str(e)
