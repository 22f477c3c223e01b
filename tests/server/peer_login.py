#!/usr/bin/env python3
"""Servers that cheat or refuse while one logs in.

Each row is one peer and one account of a single service. Wherever a server
cannot prove that it knows the password, the archiver must not go on; wherever
it refuses, the account's state and sentence must tell which refusal it was.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import stanza, tap, wire  # noqa: E402
from lab.peer import Peer  # noqa: E402
from lab.service import Service, account  # noqa: E402
from lab.site import Site  # noqa: E402
from lab.stanza import q  # noqa: E402

USERS = {"juliet": "secret"}
LEGACY = {"mechanisms": [], "legacy_auth": True}

# what the server does, authenticate()'s arguments, states, words of the error
CHEATS = [
    ("signs wrongly", {"signature": "wrong"}, ("waiting", "failed"), ""),
    ("does not sign", {"signature": "missing"}, ("waiting", "failed"), ""),
    ("sends success without its signature", {"final": "none"},
     ("waiting", "failed"), ""),
    ("answers another nonce", {"nonce": "other"}, ("waiting", "failed"), ""),
    ("wants one iteration", {"iterations": 1}, ("waiting", "failed"), ""),
    ("wants ten million iterations", {"iterations": 10000000},
     ("waiting", "failed"), ""),
    ("wants minus one iteration", {"iterations": -1},
     ("waiting", "failed"), ""),
    ("uses an extension that is mandatory", {"before": "m=magic,"},
     ("waiting", "failed"), ""),
]
REFUSALS = [
    ("says not-authorized", {"refuse": "not-authorized", "text": "no, no"},
     ("failed",), "no, no"),
    ("says account-disabled", {"refuse": "account-disabled"}, ("failed",),
     "account-disabled"),
    ("says temporary-auth-failure", {"refuse": "temporary-auth-failure"},
     ("waiting",), "temporary-auth-failure"),
]
# condition and code of XEP-0078's three errors, then codes alone
OLD = [
    ("says 401", stanza.error("not-authorized", "auth", code="401"),
     ("failed",), "not-authorized"),
    ("says 409", stanza.error("conflict", code="409"), ("waiting",),
     "conflict"),
    ("says 406", stanza.error("not-acceptable", "modify", code="406"),
     ("failed", "waiting"), "not-acceptable"),
    ("says a bare 401", "<error code='401'>Unauthorized</error>",
     ("failed",), "not-authorized"),
    ("says a bare 409", "<error code='409'/>", ("waiting",), "conflict"),
    ("says a bare 406", "<error code='406'/>", ("failed", "waiting"),
     "not-acceptable"),
]


def rows(cases, script, options):
    """One peer for each case, all accounts in one service."""
    with Site() as site:
        peers, beyond = [], []
        for n, (name, faults, _, _) in enumerate(cases):
            peer = Peer(site, "p%d.example" % n, USERS)

            def one(conn, faults=faults, name=name):
                script(conn, faults)
                # A client that believed us would go on now.
                try:
                    conn.header(within=5)
                    beyond.append(name)
                except wire.Closed:
                    pass
            peer.background(one)
            peers.append(peer)
        service = Service(site, [account(p, "juliet", **options)
                                 for p in peers])
        service.start()
        for peer, (name, _, states, words) in zip(peers, cases):
            jid = "juliet@" + peer.domain
            got = service.until(
                jid, lambda s, w=states: s["state"] in w and s["error"], 30,
                "end of the login when the server " + name)
            tap.ok(name not in beyond, "the server %s: no further, %s" % (
                name, got["state"]))
            tap.like(got["error"], words, "the server %s: %s" % (
                name, words or "and an error is told"))
            peer.errors.clear()
        tap.equal(service.stop(), 0, "the service ends well")
        for peer in peers:
            peer.errors.clear()


def cheats():
    """cheating servers"""
    rows(CHEATS, lambda conn, faults: conn.login(**faults), {})


def refusals():
    """refusing servers"""
    rows(REFUSALS, lambda conn, faults: conn.login(**faults), {})


def old_refusals():
    """refusing servers of old"""
    rows(OLD, lambda conn, error: conn.legacy_login(error=error), LEGACY)


def old():
    """servers of old"""
    for fields, want in ((("username", "password", "digest", "resource"),
                          "digest"),
                         (("username", "password", "resource"), "password")):
        with Site() as site:
            peer = Peer(site, "p.example", {"juliet": "s\u00e9cret & <more>"})
            service = Service(site, [account(peer, "juliet", **LEGACY)])
            service.start()
            conn = peer.accept()
            tap.equal(conn.legacy_login(fields), want,
                      "XEP-0078 by %s, where %s is offered" % (want, want))
            conn.await_presence()
            with conn.serving():
                service.wait("online")
                tap.ok(True, "and the account is online")
                service.stop()


def stripped():
    """STARTTLS stripped"""
    with Site() as site:
        peer = Peer(site, "p.example", USERS)
        service = Service(site, [account(peer, "juliet", legacy_auth=True)])
        service.start()
        conn = peer.accept()
        conn.header()
        conn.send_features(conn.mechanism_list(["PLAIN", "SCRAM-SHA-1"]) +
                           "<auth xmlns='http://jabber.org/features/iq-auth'"
                           "/>")
        first = None
        try:
            first = stanza.local(conn.next("starttls"))
            conn.send("<failure xmlns='%s'/>" % stanza.TLS)
            conn.end_stream()
        except wire.Closed:
            pass
        tap.ok(first in (None, "starttls"),
               "without STARTTLS on offer nothing but it is tried")
        got = service.until("juliet@p.example", lambda s: s["error"])
        tap.equal(got["state"], "waiting", "and the account waits")
        sent = "".join(text for way, text in peer.log if way == "C")
        tap.ok("<auth" not in sent and "secret" not in sent and
               "iq:auth" not in sent, "no password has been offered")
        service.stop()


def injected():
    """bytes behind <proceed/>"""
    with Site() as site:
        peer = Peer(site, "p.example", USERS)
        service = Service(site, [account(peer, "juliet")])
        service.start()
        conn = peer.accept()
        clear = ("<stream:features>%s</stream:features>" %
                 conn.mechanism_list(["PLAIN"])).encode() + \
            stanza.message("juliet@p.example", "injected",
                           from_="eve@e.example").encode()
        try:
            conn.starttls(inject=clear)
        except (OSError, wire.Closed):
            tap.ok(True, "bytes behind <proceed/> end the connection")
        else:
            conn.header()
            conn.send_features(conn.mechanism_list(["SCRAM-SHA-256"]))
            tap.equal(conn.authenticate(), "SCRAM-SHA-256",
                      "what came in the clear is forgotten under TLS")
            conn.header()
            conn.send_features("<bind xmlns='%s'/>" % stanza.BIND)
            conn.await_presence()
            with conn.serving():
                service.wait("online")
        tap.equal(service.json("search", "injected"), [],
                  "and nothing of it is archived")
        service.stop()


def pinned():
    """a downgrade after SCRAM has worked"""
    with Site() as site:
        peer = Peer(site, "p.example", USERS)
        service = Service(site, [account(peer, "juliet")])
        service.start()
        conn = peer.accept()
        conn.come_online()
        with conn.serving():
            service.wait("online")
        conn.reset()
        conn = peer.accept(within=30)
        conn.starttls()
        conn.header()
        conn.send_features(conn.mechanism_list(["PLAIN"]))
        try:
            conn.next(q(stanza.SASL, "auth"), within=5)
            tap.ok(False, "PLAIN is refused once SCRAM has worked")
        except wire.Closed:
            tap.ok(True, "PLAIN is refused once SCRAM has worked")
        got = service.until("juliet@p.example",
                            lambda s: s["state"] == "waiting" and s["error"])
        tap.ok(got["error"], "and that is told")
        service.stop()


def names():
    """names and protocols of the handshake"""
    with Site() as site:
        peer = Peer(site, "p.example", USERS, tls="direct")
        service = Service(site, [account(peer, "juliet")])
        service.start()
        conn = peer.accept()
        got = conn.header()
        tap.equal((conn.sni, conn.alpn), ("p.example", "xmpp-client"),
                  "direct TLS names the domain and the protocol")
        tap.equal((got.get("to"), got.get("version"),
                   got.get("from", "juliet@p.example")),
                  ("p.example", "1.0", "juliet@p.example"),
                  "the stream header names the domain")
        conn.send_features(conn.mechanism_list())
        tap.equal(conn.authenticate(final="challenge"), "SCRAM-SHA-256",
                  "the server's signature may come in a challenge")
        conn.header()
        conn.send_features("<bind xmlns='%s'/><session xmlns='%s'/>" % (
            stanza.BIND, stanza.SESSION))
        asked = []
        bind = conn.answers[q(stanza.BIND, "bind")]

        def taken(conn, iq):
            asked.append("bind")
            conn.answers[q(stanza.BIND, "bind")] = bind
            conn.refuse_iq(iq, "conflict")

        def session(conn, iq):
            asked.append("session")
            conn.result(iq)
        conn.answers[q(stanza.BIND, "bind")] = taken
        conn.answers[q(stanza.SESSION, "session")] = session
        conn.await_presence()
        tap.equal(asked, ["bind", "session"], "a taken resource: another one; "
                  "a session, where it is required")
        with conn.serving():
            service.wait("online")
            service.stop()


tap.main(cheats, refusals, old_refusals, old, stripped, injected, pinned,
         names)
