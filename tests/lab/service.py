"""service - the program under test: configuration, service, commands.

    service = Service(site, [account(prosody, "juliet"),
                             account(ejabberd, "romeo", tls="direct")])
    service.start()
    service.wait("online")
    service.json("search", "dinner")        # [objects]
    service.run("search", "dinner").out     # text, .err and .status beside it
    service.stop()                          # its exit status

The programs are those of the build tree: $builddir, or $BACKSCROLL_BUILD.
"""

import collections
import contextlib
import json
import os
import sqlite3
import subprocess

from . import child, wait

Result = collections.namedtuple("Result", "status out err")

SANITIZERS = ("ERROR: AddressSanitizer", "runtime error:",
              "ERROR: LeakSanitizer")


class Failed(Exception):
    """A command did not end as the test wanted."""


def build_directory():
    found = os.environ.get("BACKSCROLL_BUILD") or os.environ.get("builddir")
    if found:
        return os.path.abspath(found)
    root = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    return os.path.join(root, "build")


def program():
    return os.path.join(build_directory(), "src", "cmd", "backscroll")


def account(where, user, **options):
    """An account's block for a server.Server or a peer.Peer. Options are the
    configuration's keys, "_" for "-"; None leaves a key out."""
    if hasattr(where, "starttls_port"):
        users = where.accounts
        port = (where.direct_port if options.get("tls") == "direct"
                else where.starttls_port)
        address = "127.0.0.1:%d" % port
        tls = "starttls"
    else:
        users = where.users
        address = where.server
        tls = where.tls
    whole = {"jid": "%s@%s" % (user, where.domain),
             "password_file": users.get(user), "server": address, "tls": tls,
             "ca_file": where.ca_file}
    whole.update(options)
    return whole


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "{ %s }" % ", ".join(_value(v) for v in value)
    return '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"')


class Service:
    """accounts: what account() makes. A password_file in them is the
    password itself here, and becomes a file; `password` is written as it is.
    """

    def __init__(self, site, accounts, name="service", **settings):
        self.site = site
        self.path = site.directory(name, mode=0o700)
        self.config = os.path.join(self.path, "backscroll.conf")
        self.archive = os.path.join(self.path, "archive.db")
        self.log = os.path.join(self.path, "service.log")
        self.settings = settings
        self.child = None
        self.write(accounts)
        site.hold(self)

    # -- configuration

    def write(self, accounts, extra=""):
        """Writes the configuration; a running service does not know yet."""
        self.accounts = [dict(a) for a in accounts]
        lines = ["archive = %s" % _value(self.archive)]
        lines += ["%s = %s" % (k.replace("_", "-"), _value(v))
                  for k, v in self.settings.items()]
        for number, block in enumerate(self.accounts):
            lines.append("account %s {" % _value(block["jid"]))
            for key, value in block.items():
                if key == "jid" or value is None:
                    continue
                if key == "password_file":
                    value = self._secret("%d.password" % number, value)
                lines.append("\t%s = %s" % (key.replace("_", "-"),
                                            _value(value)))
            lines.append("}")
        self.write_text("\n".join(lines) + "\n" + extra)

    def write_text(self, text, mode=0o600):
        with open(self.config, "w", encoding="utf-8") as f:
            os.fchmod(f.fileno(), mode)
            f.write(text)

    def _secret(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="utf-8") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write(text + "\n")
        return path

    @property
    def environment(self):
        build = build_directory()
        return {
            "HOME": self.path, "TZ": "UTC", "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1", "BACKSCROLL_PAGER": "cat",
            "PATH": "%s:%s:%s" % (os.path.join(build, "src", "cmd"),
                                  os.path.join(build, "src", "daemon"),
                                  os.environ.get("PATH", "/usr/bin:/bin")),
            "XDG_CONFIG_HOME": os.path.join(self.path, "config"),
            "XDG_DATA_HOME": os.path.join(self.path, "data"),
        }

    # -- commands

    def run(self, *words, stdin=None, within=60, status=None, env=None):
        """One command to its end. status: what it must be."""
        whole = dict(os.environ)
        for name in ("BACKSCROLL_CONFIG", "BACKSCROLL_ARCHIVE"):
            whole.pop(name, None)
        whole.update(self.environment)
        whole.update(env or {})
        words = [str(w) for w in words]
        done = subprocess.run(
            [program(), "-c", self.config] + words, env=whole,
            input=stdin, stdin=None if stdin is not None
            else subprocess.DEVNULL,
            capture_output=True, text=True, cwd=self.path,
            timeout=within * wait.PATIENCE)
        if any(s in done.stderr for s in SANITIZERS):
            raise Failed("%s: %s" % (" ".join(words), done.stderr))
        if status is not None and done.returncode != status:
            raise Failed("%s: exit status %d instead of %d\n%s%s" % (
                " ".join(words), done.returncode, status, done.stdout[-2000:],
                done.stderr[-2000:]))
        return Result(done.returncode, done.stdout, done.stderr)

    def json(self, *words, **options):
        """A command's JSON lines. Statuses 0 and 1 (nothing matched) do."""
        got = self.run("--format", "json", *words, **options)
        if got.status not in (0, 1):
            raise Failed("%s: exit status %d\n%s" % (
                " ".join(str(w) for w in words), got.status, got.err))
        try:
            return [json.loads(line) for line in got.out.splitlines()]
        except ValueError as e:
            raise Failed("%s: %s:\n%s" % (" ".join(str(w) for w in words), e,
                                          got.out[:2000])) from e

    def messages(self, *words, count=1, within=15):
        """What search finds, once it finds at least `count`."""
        return self.found("search", *words, count=count, within=within)

    def presences(self, *words, count=1, within=15):
        """Likewise for presence, which takes an address."""
        return self.found("presence", *words, count=count, within=within)

    def found(self, *words, count=1, within=15):
        last = []

        def enough():
            last[:] = self.json(*words)
            return len(last) >= count
        try:
            wait.until(enough, within, "%d results of %s" % (
                count, " ".join(str(w) for w in words)),
                alive=self._must_live)
        except wait.Timeout as e:
            raise wait.Timeout("%s; %d were there: %s" % (
                e, len(last), json.dumps(last)[:1500])) from e
        return list(last)

    def rows(self, sql, *values):
        """What the file holds that no command tells: rows of a SELECT."""
        with contextlib.closing(sqlite3.connect(
                "file:%s?mode=ro" % self.archive, uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def until_row(self, sql, *values, within=10):
        """rows(), once there is one."""
        return wait.until(lambda: self.rows(sql, *values), within, sql)

    # -- the service

    def start(self, *words, env=None):
        whole = dict(self.environment, **(env or {}))
        self.child = child.Child([program(), "-c", self.config, *words,
                                  "run"], self.log, env=whole, cwd=self.path)
        return self

    def _must_live(self):
        if self.child is not None:
            self.child.must_live()

    def wait(self, state="online", within=20, accounts=()):
        """status --wait, to its end; Failed if the state does not come."""
        words = []
        for jid in accounts:
            words += ["-a", jid]
        words += ["status", "--wait", state, "--timeout",
                  str(int(within * wait.PATIENCE))]
        waiting = subprocess.Popen(
            [program(), "-c", self.config] + words, text=True,
            env=dict(os.environ, **self.environment), cwd=self.path,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        try:
            wait.until(lambda: waiting.poll() is not None, within + 15,
                       "end of status --wait", alive=self._must_live)
        finally:
            waiting.kill()
            out, _ = waiting.communicate()
        if waiting.returncode != 0:
            self._must_live()
            raise Failed("not %s: %s\n%s" % (
                state, json.dumps(self.status_or_none()), out))

    def status(self):
        """{bare JID: object}"""
        return {s["account"]: s for s in self.json("status")}

    def status_or_none(self):
        try:
            return self.status()
        except (Failed, OSError, ValueError, subprocess.SubprocessError):
            return None

    def until(self, jid, condition, within=20, what="state"):
        """The account's status object, once condition(it) is true."""
        def look():
            found = (self.status_or_none() or {}).get(jid)
            return found if found and condition(found) else None
        try:
            return wait.until(look, within, what, alive=self._must_live)
        except wait.Timeout as e:
            raise wait.Timeout("%s: %s" % (e, json.dumps(
                self.status_or_none()))) from e

    def stop(self):
        """SIGTERM and the exit status; None if it does not run."""
        if self.child is None:
            return None
        status = self.child.stop(grace=20)
        self.child = None
        with open(self.log, encoding="utf-8", errors="replace") as f:
            text = f.read()
        spoken = [i for i in (text.find(s) for s in SANITIZERS) if i >= 0]
        if spoken:
            raise Failed("a sanitizer has spoken\n" + "\n".join(
                text[min(spoken):].splitlines()[:40]))
        return status

    def kill(self):
        self.child.kill()
        self.child = None

    def logs(self):
        if os.path.exists(self.log):
            with open(self.log, encoding="utf-8", errors="replace") as f:
                yield "service", "".join(f.readlines()[-80:])
