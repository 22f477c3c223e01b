#!/usr/bin/env python3
"""What talks to the running service, over one that this test plays, and what
is given to backscrolld."""

import os
import shutil
import socket
import subprocess
import threading

from program import PATIENCE, PROGRAM, environment, main, tap


class Service(threading.Thread):
    """A service that answers each connection with the next script: what it
    wants to read, and what it sends."""

    def __init__(self, path, *scripts):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        self.scripts, self.asked = scripts, []
        self.start()

    def run(self):
        for script in self.scripts:
            s, _ = self.socket.accept()
            with s:
                self.asked.append(s.makefile().readline())
                for piece in script:
                    s.sendall(piece.encode())
        self.socket.close()


def account(**fields):
    return "".join("%s=%s\n" % f for f in fields.items()) + "\n"


def status(case):
    path = case.archive + ".sock"

    def serve(*scripts):
        if os.path.exists(path):
            os.unlink(path)
        return Service(path, *scripts)

    known = dict(account="juliet@example.com", state="online",
                 since="1795342272123456", server="127.0.0.1:5222",
                 tls="TLSv1.3", sasl="SCRAM-SHA-256-PLUS", resumable="1",
                 carbons="0", mam="urn:xmpp:mam:2", catch_up_done="120",
                 catch_up_total="4096", messages="12", presences="3",
                 rooms="a@b%0Ac@d")
    s = serve([account(**known) +
               account(account="romeo@example.net", state="waiting",
                       error="no%20way%20%1B[31m"), "ok\n"])
    got = case.run("status", "--format", "json")
    tap.equal(got.status, 0, "status: exit status")
    tap.equal(s.asked, ["status\n"], "status: the request")
    tap.equal(got.json[0], {
        "kind": "account", "account": "juliet@example.com",
        "state": "online", "since": "2026-11-22T10:11:12.123Z",
        "error": None, "server": "127.0.0.1:5222", "tls": "TLSv1.3",
        "sasl": "SCRAM-SHA-256-PLUS", "resumable": True, "carbons": False,
        "mam": "urn:xmpp:mam:2", "catch_up": {"done": 120, "total": 4096},
        "messages": 12, "presences": 3, "rooms": ["a@b", "c@d"]},
        "status: every key")
    tap.equal(list(got.json[0])[:4], ["kind", "account", "state", "since"],
              "status: in order")
    tap.equal([v for k, v in got.json[1].items()
               if k not in ("kind", "account", "state", "error")], [None] * 11,
              "status: what is not known is null")

    serve([account(**known) + "ok\n"])
    text = case.run("status")
    for part in ("juliet@example.com online", "127.0.0.1:5222",
                 "12 messages, 3 presences"):
        tap.like(text.out, part, "status as text: %s" % part)
    serve([account(account="a@b", state="waiting", error="x%1B[31m") + "ok\n"])
    tap.ok("\x1b" not in case.run("status").out,
           "status as text: no control character comes through")
    serve([account(**known) + "ok\n"])
    tap.equal(case.run("status", "-a", "nobody@example.com").status, 1,
              "status -a: an account that is not there")

    two = [account(account="a@b", state="connecting") + "ok\n",
           account(account="a@b", state="online") + "ok\n"]
    s = serve(two)
    got = case.run("status", "--wait", "online", "--timeout", "20")
    tap.equal(got.status, 0, "--wait: at the second picture")
    tap.equal(s.asked, ["status watch=1\n"], "--wait: watches")
    serve([account(account="a@b", state="failed", error="refused") + "ok\n"])
    got = case.run("status", "--wait", "online")
    tap.equal(got.status, 3, "--wait: failed is told at once")
    tap.like(got.err, "a@b: failed: refused", "--wait: and why")
    serve([account(account="a@b", state="failed") + "ok\n"])
    tap.equal(case.run("status", "--wait", "failed").status, 0,
              "--wait failed: that was waited for")
    serve([account(account="a@b", state="online") +
           account(account="c@d", state="failed") + "ok\n"])
    tap.equal(case.run("status", "--wait", "online", "-a", "a@b").status, 0,
              "--wait -a: others do not matter")
    serve([account(account="a@b", state="connecting") + "ok\n"], two)
    tap.equal(case.run("status", "--wait", "online", "--timeout",
                       "20").status, 0, "--wait: over a restart")

    held = threading.Event()

    class Held(Service):
        def run(self):
            s, _ = self.socket.accept()
            with s:
                s.sendall((account(account="a@b", state="connecting") +
                           "ok\n").encode())
                held.wait(PATIENCE)

    os.unlink(path)
    Held(path)
    got = case.run("status", "--wait", "online", "--timeout", "1")
    held.set()
    tap.equal(got.status, 3, "--wait: the time is up")
    tap.like(got.err, "a@b: not online within 1 s, but connecting",
             "--wait: what is it instead")

    os.unlink(path)
    p = subprocess.Popen([PROGRAM, "-f", case.archive, "status", "--wait",
                          "online", "--timeout", "20"],
                         env=environment(case.home), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    serve(two)
    p.communicate(timeout=PATIENCE)
    tap.equal(p.returncode, 0, "--wait: before the service has started")
    os.unlink(path)
    got = case.run("status", "--wait", "online", "--timeout", "0")
    tap.equal(got.status, 3, "--wait: no service in time")

    serve(two)
    got = case.run("status", "--watch", "--format", "json")
    tap.equal([a["state"] for a in got.json], ["connecting", "online"],
              "--watch: every picture")
    serve(["what is this\n"])
    tap.equal(case.run("status").status, 3, "a service that talks nonsense")
    serve(["error 3 busy%20now\n"])
    got = case.run("status")
    tap.equal((got.status, got.err), (3, "backscroll: status: busy now\n"),
              "an error ends with its code")

    s = serve(["ok\n"])
    tap.equal(case.run("reload").status, 0, "reload")
    tap.equal(s.asked, ["reload\n"], "reload: the request")
    serve(["problem=/x/b.conf:3:%20unknown%20key%20foo\n\n"
           "problem=/x/b.conf:4:%20bar%0A/x/b.conf:5:%20baz\n\n"
           "error 2 nothing%20was%20changed\n"])
    got = case.run("reload")
    tap.equal(got.status, 2, "reload: a wrong configuration")
    for part in ("backscroll: /x/b.conf:3: unknown key foo\n",
                 "backscroll: /x/b.conf:5: baz\n", "nothing was changed"):
        tap.like(got.err, part, "reload: %r" % part)


def elsewhere(case):
    """The verbs of backscrolld are executed with the words as typed."""
    tree = os.path.join(case.home, "tree")
    os.makedirs(os.path.join(tree, "bin"))
    program = os.path.join(tree, "bin/backscroll")
    shutil.copy(PROGRAM, program)
    beside = os.path.join(tree, "bin/backscrolld")
    with open(beside, "w") as f:
        f.write("#!/bin/sh\nprintf '[%s]' \"$@\"\nexit 4\n")
    os.chmod(beside, 0o755)
    p = subprocess.run([program, "-c", "x y", "run", "--odd", "-z"],
                       env=environment(case.home), capture_output=True,
                       timeout=PATIENCE)
    tap.equal(p.stdout.decode(), "[-c][x y][run][--odd][-z]",
              "the words as they were typed")
    tap.equal(p.returncode, 4, "and its exit status")
    p = subprocess.run([program, "check", "--account", "--help"],
                       env=environment(case.home), capture_output=True,
                       timeout=PATIENCE)
    tap.equal(p.stdout.decode(), "[check][--account][--help]",
              "--help as a value is not ours")


main(status, elsewhere)
