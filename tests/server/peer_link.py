#!/usr/bin/env python3
"""Links that are bad: silence, cuts, being sent elsewhere, never an answer."""

import contextlib
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import stanza, tap, wait, wire  # noqa: E402
from lab.pair import JID, ROMEO, Pair  # noqa: E402
from lab.peer import Conn, Peer  # noqa: E402
from lab.service import Service, account  # noqa: E402
from lab.site import Site  # noqa: E402
from lab.stanza import q  # noqa: E402

PING = q(stanza.PING, "ping")


def session_rows(service):
    """(closed, reason) of the streams, in order."""
    return service.rows("SELECT closed, reason FROM session ORDER BY opened")


def log_of(service):
    with open(service.log, encoding="utf-8") as f:
        return f.read()


def unanswered():
    """a server that never answers pings"""
    with Site() as site:
        pair = Pair(site, online=False)
        conn = pair.peer.accept()
        conn.roster = pair.roster
        conn.answers[PING] = None
        conn.come_online()
        pair.conn = conn
        pair.say("heard all the same", id="heard")
        pair.heard("stanza:heard")
        with conn.serving():
            got = pair.service.until(JID, lambda s: s["error"], 45,
                                     "end of the session")
            tap.equal(got["state"], "waiting", "the account waits")
            tap.ok(pair.peer.is_quiet(0.5), "and does not hurry back")
            tap.ok("next try in" in log_of(pair.service),
                   "the log says when it tries again")
        tap.equal([(closed is not None, reason is not None) for
                   closed, reason in session_rows(pair.service)],
                  [(True, True)], "the session has not ended in good order")
        pair.come()
        tap.equal(pair.service.status()[JID]["error"], None,
                  "with a server that answers all is well")
        tap.equal(pair.stop(), 0, "the service ends well")


def refused():
    """a server that does not know pings"""
    with Site() as site:
        pair = Pair(site, online=False)
        conn = pair.peer.accept()
        conn.answers[PING] = Conn.refuse_iq
        conn.come_online()
        pair.conn = conn
        with conn.serving():
            pair.service.wait("online")
        conn.sync()
        pair.say("still there", id="still")
        pair.heard("stanza:still")
        tap.equal(pair.service.status()[JID]["state"], "online",
                  "an error is an answer")
        tap.equal(pair.stop(), 0, "the service ends well")


def half(pair):
    pair.conn.send("<message from='%s' to='%s' id='half'><body>half sai"
                   % (ROMEO, pair.conn.jid))


def cut(pair):
    half(pair)
    pair.conn.reset()


def closed(pair):
    pair.conn.end_stream()
    with contextlib.suppress(wire.Closed):
        pair.conn.serve()


def told(pair):
    pair.conn.stream_error("system-shutdown")


# name, end, what the archive says of it
ENDS = [
    ("cut in a stanza", cut, True),
    ("closed by the server", closed, True),
    ("ended by an error", told, True),
]


def ends():
    """how sessions end"""
    for name, end, has_reason in ENDS:
        with Site() as site:
            pair = Pair(site)
            pair.say("said before", id="said")
            pair.heard("stanza:said")
            end(pair)
            pair.come()
            pair.say("said after", id="again")
            tap.equal([m["stanza_id"] for m in pair.heard("said", 2)],
                      ["said", "again"],
                      "%s: half a stanza is none, and the next stream "
                      "follows" % name)
            tap.equal(pair.stop(), 0, "%s: the service ends well" % name)
            tap.equal([(closed is not None, reason is not None) for
                       closed, reason in session_rows(pair.service)],
                      [(True, has_reason), (True, False)],
                      "%s: the archive knows which stream broke" % name)


def send_on(conn, where):
    conn.send("<stream:error><see-other-host xmlns='%s'>%s</see-other-host>"
              "</stream:error></stream:stream>" % (stanza.STREAMS, where))
    with contextlib.suppress(wire.Closed, wait.Timeout):
        conn.serve_until(lambda: False, 5)
    conn.close()


def elsewhere():
    """see-other-host"""
    with Site() as site:
        first = Peer(site, "p.example")
        second = Peer(site, "p.example")
        service = Service(site, [account(first, "juliet")])
        service.start()

        conn = first.accept()
        conn.header()
        send_on(conn, second.server)
        tap.ok(second.is_quiet(0.5), "who has not shown a certificate sends "
               "nobody away")

        conn = first.accept(within=30)
        conn.starttls()
        conn.header()
        send_on(conn, second.server)
        conn = second.accept(within=30)
        tap.ok(True, "under TLS it is followed")
        conn.come_online()
        with conn.serving():
            service.wait("online")
            got = service.status()[JID]
            tap.equal((got["server"], got["error"]), (second.server, None),
                      "and the account is online there")
        conn.reset()
        conn = first.accept(within=30)
        tap.ok(second.is_quiet(0.3), "next time it is the first one's turn")

        # In a circle, which is not for ever.
        hops = 0
        with contextlib.suppress(wait.Timeout):
            while hops < 10:
                conn.starttls()
                conn.header()
                send_on(conn, first.server)
                hops += 1
                conn = first.accept(within=1)
        tap.ok(1 <= hops < 6, "a circle is left (after %d)" % hops)
        got = service.until(JID, lambda s: s["state"] == "waiting", 5)
        tap.ok(got["error"], "and told")
        tap.equal(service.stop(), 0, "the service ends well")


def plain(peer):
    """The next TCP connection, and nothing more."""
    peer.listener.settimeout(15 * wait.PATIENCE)
    sock, _ = peer.listener.accept()
    conn = Conn(peer, sock)
    peer.conns.append(conn)
    return conn


# What a port that speaks direct TLS only may do with a stream in the clear.
FIRST = [("says nothing", lambda conn: None),
         ("hangs up", Conn.close),
         ("talks nonsense",
          lambda conn: conn.send("SSH-2.0-OpenSSH_9.2\r\n"))]


def direct():
    """ports that speak direct TLS only"""
    def serve(conn):
        conn.come_online()
        conn.serve()

    with Site() as site:
        peers = [Peer(site, "p%d.example" % n, tls="direct")
                 for n in range(len(FIRST))]
        service = Service(site, [account(p, "juliet", tls="any")
                                 for p in peers])
        service.start()
        for peer, (_, script) in zip(peers, FIRST):
            script(plain(peer))
            peer.background(serve)
        for peer, (name, _) in zip(peers, FIRST):
            got = service.until("juliet@" + peer.domain,
                                lambda s: s["state"] == "online", 40,
                                "account online where one " + name)
            tap.ok(got["tls"], "to STARTTLS it %s: the account comes online "
                   "by direct TLS" % name)
        tap.equal(service.stop(), 0, "the service ends well")


def at_connect(peer):
    return None


def at_header(peer):
    return plain(peer)


def at_features(peer):
    conn = plain(peer)
    conn.header()
    return conn


def at_handshake(peer):
    conn = plain(peer)
    conn.header()
    conn.send_features("<starttls xmlns='%s'><required/></starttls>"
                       % stanza.TLS)
    conn.next(q(stanza.TLS, "starttls"))
    conn.send("<proceed xmlns='%s'/>" % stanza.TLS)
    return conn


def at_sasl(peer):
    conn = plain(peer)
    conn.starttls()
    conn.header()
    conn.send_features(conn.mechanism_list())
    conn.next(q(stanza.SASL, "auth"))
    return conn


def at_bind(peer):
    conn = plain(peer)
    conn.starttls()
    conn.header()
    conn.send_features(conn.mechanism_list())
    conn.authenticate()
    conn.header()
    conn.send_features("<bind xmlns='%s'/>" % stanza.BIND)
    conn.next("iq")
    return conn


SILENT = [
    ("before the connection", "starttls", at_connect),
    ("before its header", "starttls", at_header),
    ("before its features", "starttls", at_features),
    ("in the TLS handshake", "starttls", at_handshake),
    ("in the direct TLS handshake", "direct", at_header),
    ("in SASL", "starttls", at_sasl),
    ("before it has bound", "starttls", at_bind),
]
SOON = 12       # seconds: the end of the streams, and what the disk takes


class Silence:
    """Accounts at servers that fall silent, each at another step."""

    def __init__(self, site):
        self.peers = [Peer(site, "p%d.example" % n, tls=tls)
                      for n, (_, tls, _) in enumerate(SILENT)]
        self.accounts = [account(p, "juliet") for p in self.peers]

    def fall(self, service):
        """Every account is under way, and no further."""
        self.held = [go(peer) for peer, (_, _, go) in zip(self.peers, SILENT)]
        for block in self.accounts:
            service.until(block["jid"], lambda s: s["state"] in (
                "connecting", "authenticating"))

    def left(self):
        """Where the client has not ended the connection."""
        out = []
        for conn, (name, _, _) in zip(self.held, SILENT):
            deadline = wait.Deadline(SOON, "end of the connection")
            try:
                while conn is not None:
                    conn.wire.receive(deadline)
            except wire.Closed:
                pass
            except wait.Timeout:
                out.append(name)
        return out


def leaving():
    """the end, while servers are silent"""
    with Site() as site:
        silence = Silence(site)
        service = Service(site, silence.accounts)
        service.start()
        silence.fall(service)
        began = time.monotonic()
        tap.equal(service.stop(), 0, "the service ends well")
        took = time.monotonic() - began
        tap.ok(took < SOON * wait.PATIENCE, "and soon (%.1f s)" % took)
        tap.equal(silence.left(), [], "and so do all its connections")


def removed():
    """accounts that go while they connect"""
    with Site() as site:
        good = Peer(site, "q.example")
        silence = Silence(site)
        stays = account(good, "juliet")
        service = Service(site, [stays] + silence.accounts)
        service.start()
        conn = good.accept()
        conn.come_online()
        with conn.serving():
            service.wait("online", accounts=[stays["jid"]])
            silence.fall(service)
            service.write([stays])
            service.run("reload", status=0)
            wait.until(lambda: list(service.status()) == [stays["jid"]], SOON,
                       "end of the accounts")
            tap.ok(True, "all that are gone from the configuration go")
            tap.equal(silence.left(), [], "and so do their connections")
            tap.equal(service.status()[stays["jid"]]["state"], "online",
                      "another account does not notice")
            tap.equal(service.stop(), 0, "the service ends well")


tap.main(unanswered, refused, ends, elsewhere, direct, leaving, removed)
