#!/usr/bin/env python3
"""The control socket: nobody who speaks to it badly, or not at all, keeps
another from it, or the service from its work."""

import contextlib
import os
import select
import socket
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import site as sites, tap, wait  # noqa: E402
from lab.pair import JID, Pair  # noqa: E402
from lab.service import Service  # noqa: E402
from lab.site import Site  # noqa: E402

CLIENTS = 40            # more than are served at a time
SOON = 20               # longer than a client that says nothing is borne


def path_of(service):
    return service.settings.get("control_socket", service.archive + ".sock")


def client(service, data=b""):
    """A connection that has said as much of data as was taken."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(10 * wait.PATIENCE)

    def connect():
        try:
            sock.connect(path_of(service))
        except BlockingIOError:         # more than wait to be accepted
            return False
        return True
    wait.until(connect, 10, "connection to the control socket")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        sock.sendall(data)
    return sock


def clients(service, data=b"", count=CLIENTS):
    return [client(service, data) for _ in range(count)]


def reply(sock):
    """All that comes, to the end."""
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while True:
            more = sock.recv(65536)
            if not more:
                break
            got += more
    return got


def seconds(child):
    """Of the processor, that the service has used."""
    with open("/proc/%d/stat" % child.pid, encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_idle(service):
    """Measured over two seconds."""
    used, at = seconds(service.child), time.monotonic()
    time.sleep(2)
    used = seconds(service.child) - used
    tap.note("%.2f s of %.2f s" % (used, time.monotonic() - at))
    return used < 0.5


def answers(service):
    return service.run("status").status == 0


def silent():
    """clients that say nothing"""
    with Site() as site:
        pair = Pair(site)
        held = clients(pair.service) + clients(pair.service, b"stat")
        with pair.conn.serving():
            tap.ok(is_idle(pair.service), "they cost nothing")
            wait.until(lambda: answers(pair.service), SOON, "an answer")
            tap.ok(True, "others have their turn while they are there")
            tap.equal({reply(sock) for sock in held}, {b""},
                      "and they are sent away")
            tap.equal(pair.service.status()[JID]["state"], "online",
                      "the account has not noticed")
        tap.equal(pair.stop(), 0, "the service ends well")


def alone(name, port, count=900):
    """Accounts that reach no server, so many that a status is larger than
    what a socket takes without a reader."""
    return [{"jid": "%s%d@p.example" % (name * 150, n), "password": "secret",
             "tls": "none", "server": "127.0.0.1:%d" % port}
            for n in range(count)]


def is_left(sock):
    """The service has closed it, read or not."""
    poll = select.poll()
    poll.register(sock, select.POLLHUP)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def unread():
    """clients that do not read"""
    with Site() as site:
        service = Service(site, alone("a", sites.free_port()))
        service.start()
        wait.until(lambda: answers(service), 20, "service")
        with client(service, b"status\n") as sock:
            size = len(reply(sock))
        tap.ok(size > 220000, "a status is large (%d)" % size)

        watching = client(service, b"status watch=1\n")
        for n in range(12):
            service.write(alone("ab"[n % 2], sites.free_port()))
            service.run("reload", status=0)
            if is_left(watching):
                break
        wait.until(lambda: is_left(watching), SOON, "end of the watcher")
        tap.ok(True, "one that watches and does not read is left")
        watching.close()

        held = clients(service, b"status\n")
        wait.until(lambda: answers(service), SOON, "an answer")
        tap.ok(True, "others have their turn while nobody reads")
        wait.until(lambda: all(map(is_left, held)), SOON,
                   "end of those that do not read")
        tap.ok(True, "and who does not read is left")
        tap.equal(service.stop(), 0, "the service ends well")


# name, what is said, how the answer begins (or may)
SAID = [
    ("nothing in a line", b"\n", (b"error 2 ", b"")),
    ("control characters", b"\x01\x02\x00\x7f\n", (b"error 2 ",)),
    ("no UTF-8", b"status \xff\xfe=\xc0\x80\n", (b"error 2 ",)),
    ("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", (b"error 2 ",)),
    ("a reply", b"ok\n", (b"error 2 ",)),
    ("an unknown request", b"shutdown now=1\n", (b"error 2 ",)),
    ("capitals", b"STATUS\n", (b"error 2 ",)),
    ("a bad escape", b"status watch=%zz\n", (b"error 2 ",)),
    ("an escape that is cut", b"status watch=%\n", (b"error 2 ",)),
    ("an escaped NUL", b"status watch=1%00\n", (b"error 2 ",)),
    ("no value", b"status watch\n", (b"error 2 ",)),
    ("a thousand arguments", b"status" + b" a=b" * 1000 + b"\n",
     (b"error 2 ",)),
    ("a megabyte without an end", b"s" * (1 << 20), (b"error 2 ", b"")),
    ("a megabyte in one line", b"status a=" + b"s" * (1 << 20) + b"\n",
     (b"error 2 ", b"")),
    ("an unknown argument", b"status colour=red\n", (b"account=",)),
    ("two requests", b"status\nshutdown\n", (b"account=",)),
    ("what follows a request", b"status\n" + b"\xff" * 100000,
     (b"account=",)),
]


def garbage():
    """what no client says"""
    with Site() as site:
        pair = Pair(site)
        with pair.conn.serving():
            for name, said, wants in SAID:
                with client(pair.service, said) as sock:
                    got = reply(sock)
                tap.ok(any(got.startswith(w) if w else got == b""
                           for w in wants), "%s: %r" % (name, got[:60]))
            for name, sock in (("a byte at a time", slowly(pair.service)),
                               ("its end behind it", ended(pair.service))):
                got = reply(sock)
                tap.ok(got.startswith(b"account=") and got.endswith(
                    b"\nok\n"), "a request with %s is answered" % name)
                sock.close()
            for _ in range(200):
                client(pair.service, b"status\n").close()
            tap.ok(is_idle(pair.service) and answers(pair.service),
                   "then it is as if nothing had been said")
        tap.equal(pair.stop(), 0, "the service ends well")


def slowly(service):
    sock = client(service)
    for n in b"status\n":
        sock.sendall(bytes([n]))
    return sock


def ended(service):
    sock = client(service, b"status\n")
    sock.shutdown(socket.SHUT_WR)
    return sock


def private(site, name="service"):
    """A service with a control socket of its own choice."""
    path = os.path.join(site.directory("run"), "control")
    service = Service(site, alone("a", sites.free_port(), 1), name=name,
                      control_socket=path)
    return service, path


def up(service):
    wait.until(lambda: os.path.exists(path_of(service))
               and service.status_or_none() is not None, 20, "service")


def file():
    """the socket's file"""
    with Site() as site:
        service, path = private(site)
        mask = os.umask(0)
        try:
            service.start()
            up(service)
        finally:
            os.umask(mask)
        tap.equal(stat.filemode(os.stat(path).st_mode), "srw-------",
                  "only its owner may speak, whatever the umask")
        service.kill()
        tap.ok(os.path.exists(path), "a killed one leaves it behind")
        service.start()
        up(service)
        tap.ok(True, "which is in nobody's way")
        tap.equal(service.stop(), 0, "the service ends well")
        tap.ok(not os.path.exists(path), "and takes its socket with it")

        with open(path, "w", encoding="ascii") as f:
            f.write("mine\n")
        got = service.run("run", within=10)
        tap.equal(got.status, 3, "something else in its place: 3")
        tap.like(got.err, path, "which is named")
        with open(path, encoding="ascii") as f:
            tap.equal(f.read(), "mine\n", "and left alone")


def second():
    """two services with one socket"""
    with Site() as site:
        service, path = private(site)
        service.start()
        up(service)
        other, _ = private(site, "other")
        other.start()
        try:
            status = other.child.wait(10 * wait.PATIENCE)
        except subprocess.TimeoutExpired:
            status = "running"
        tap.equal(status, 3, "the second one ends")
        tap.like(other.child.tail(), path, "and names the socket")
        tap.equal([list(service.status_or_none() or ()), service.stop(),
                   os.path.exists(path)],
                  [[service.accounts[0]["jid"]], 0, False],
                  "the first one still answers and ends well")


tap.main(silent, unread, garbage, file, second)
