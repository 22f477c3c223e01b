#!/usr/bin/env python3
"""The lab itself: real servers, the scripted client, the scripted peer.

What the other tests stand on is shown to stand: were the client to accept a
wrong signature, or the peer to lose a message, they would prove nothing.
"""

import os
import ssl
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import mam, scram, stanza, tap, wait, wire  # noqa: E402
from lab.client import Client, Refused  # noqa: E402
from lab.ejabberd import Ejabberd  # noqa: E402
from lab.peer import Peer, carbon  # noqa: E402
from lab.prosody import Prosody  # noqa: E402
from lab.site import Site  # noqa: E402
from lab.stanza import matches, q  # noqa: E402

USERS = {"juliet": "O Romeo, Romeo", "romeo": "wherefore ärt <thou>"}
OURS = ("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256")


def raises(kind, name, function, *args, **options):
    try:
        function(*args, **options)
    except kind as e:
        tap.ok(True, name)
        return e
    tap.ok(False, name)
    return None


# -- real servers

def logins(server):
    for tls in ("starttls", "direct"):
        for mechanism in OURS:
            with Client("juliet@" + server.domain, USERS["juliet"], server,
                        tls=tls, mechanism=mechanism) as c:
                tap.ok(c.jid.startswith("juliet@%s/" % server.domain) and
                       c.tls_version == "TLSv1.3",
                       "%s: %s by %s" % (server.kind, mechanism, tls))
        refused = raises(Refused, "%s: a wrong password is refused by %s" % (
            server.kind, tls), Client, "juliet@" + server.domain, "wrong",
            server, tls=tls)
        tap.equal(refused and refused.condition, "not-authorized",
                  "%s: and the condition is told" % server.kind)
    stranger = server.site.ca.certificate.replace("ca.pem", "none.pem")
    with open(stranger, "w", encoding="ascii"):
        pass
    raises(ssl.SSLError, "%s: another authority's certificate is refused"
           % server.kind, Client, "juliet@" + server.domain,
           ca_file=None, port=server.direct_port, tls="direct")


def talk(server):
    domain = server.domain
    with Client("juliet@%s/balcony" % domain, USERS["juliet"], server) as j, \
            Client("romeo@%s/orchard" % domain, USERS["romeo"], server) as r, \
            Client("juliet@%s/phone" % domain, USERS["juliet"], server) as p:
        for c in (j, r, p):
            c.online()
        j.befriend(r, name="Romeo")
        p.carbons()
        both = [("en", "good night"), ("cs", "dobrou noc")]
        r.message(j.jid, bodies=both, subjects=[("en", "parting")],
                  thread="t1", parent="t0", id="one")
        got = j.expect(matches("message", id="one"))
        tap.equal(stanza.bodies(got), both,
                  "%s: two languages arrive, in order" % server.kind)
        tap.equal(stanza.subjects(got), [("en", "parting")],
                  "%s: and the subject" % server.kind)
        thread = got.find(q(stanza.CLIENT, "thread"))
        tap.equal((thread.text, thread.get("parent")), ("t1", "t0"),
                  "%s: and the thread with its parent" % server.kind)
        copy = p.expect(matches("message", has=q(stanza.CARBONS, "received")))
        inner = copy.find(".//" + q(stanza.CLIENT, "message"))
        tap.equal((copy.get("from"), stanza.bodies(inner)),
                  ("juliet@" + domain, both),
                  "%s: the other client gets a carbon" % server.kind)
        j.message("romeo@" + domain, "sleep dwell upon thine eyes", id="two")
        p.expect(matches("message", has=q(stanza.CARBONS, "sent")))
        r.expect(matches("message", id="two"))
        tap.ok(True, "%s: also of what the first client sends" % server.kind)
        r.presence(show="away", status="gone")
        got = j.expect(matches("presence", from_=r.jid, has=q(
            stanza.CLIENT, "show")))
        tap.equal(stanza.texts(got, "status")[0][1], "gone",
                  "%s: presence reaches a friend" % server.kind)
        for i in range(7):
            r.message(j.bare, "line %d" % i)
        r.sync()
        for i in range(7):
            j.expect(matches("message", body="line %d" % i))
        archive = j.archive(page=3)
        tap.equal([stanza.body(m) for _, _, m in archive],
                  ["good night", "sleep dwell upon thine eyes"]
                  + ["line %d" % i for i in range(7)],
                  "%s: the archive has all, in order" % server.kind)
        tap.equal(j.pages, 3, "%s: in three pages" % server.kind)


def accounts(server):
    name = "mercutio@" + server.domain
    c = Client(name, "plague", server, login=False)
    c.register()
    c.login()
    c.unregister()
    c.wire.close()
    raises(Refused, "%s: an account registered in band, used and removed"
           % server.kind, Client, name, "plague", server)


def legacy(server, digests):
    for digest in digests:
        with Client("juliet@%s/old" % server.domain, USERS["juliet"], server,
                    login=False) as c:
            c.legacy_login(digest=digest)
            c.sync()
            tap.ok(c.online() is not None, "%s: XEP-0078 by %s" % (
                server.kind, "digest" if digest else "password"))


def binding(site, kind, domain):
    server = kind(site, domain, {"juliet": USERS["juliet"]}, tls="1.2")
    for mechanism in ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"):
        with Client("juliet@" + domain, USERS["juliet"], server,
                    mechanism=mechanism) as c:
            tap.equal(c.tls_version, "TLSv1.2", "%s: %s by tls-unique" % (
                server.kind, mechanism))


def in_sqlite(site, kind, domain):
    """The same talk, the archive in a database."""
    server = kind(site, domain, USERS, storage="sqlite")
    talk(server)
    files = os.listdir(server.path) + os.listdir(os.path.join(
        server.path, "data" if kind is Prosody else "db"))
    tap.ok([f for f in files if f in ("ejabberd.db", "prosody.sqlite")],
           "%s: the archive is in SQLite" % server.kind)


def real_server(kind, domain, digests, **options):
    def case():
        with Site() as site:
            server = kind(site, domain, USERS, legacy=True, **options)
            tap.ok(server.child.is_alive(), "%s is ready" % server.kind)
            logins(server)
            talk(server)
            accounts(server)
            legacy(server, digests)
            child = server.child
            server.restart()
            with Client("juliet@" + domain, USERS["juliet"], server) as c:
                tap.equal(len(c.archive()), 9,
                          "%s: the archive outlives a restart" % server.kind)
            binding(site, kind, "old." + domain)
            in_sqlite(site, kind, "sql." + domain)
        tap.ok(not child.is_alive() and not server.child.is_alive()
               and not os.path.exists(site.path), "%s: nothing is left"
               % server.kind)
    case.__doc__ = kind.kind
    return case


# -- the peer

def peer_login():
    """peer: login"""
    with Site() as site:
        peer = Peer(site, "p.example", USERS)
        jids = []

        def script(conn):
            conn.come_online()
            jids.append(conn.jid)
            conn.serve()

        peer.background(script)
        for mechanism in OURS:
            with Client("romeo@p.example/x", USERS["romeo"], None, peer.port,
                        peer.ca_file, mechanism=mechanism) as c:
                c.online()
                tap.equal(c.jid, "romeo@p.example/x", "peer: %s" % mechanism)
        tap.equal(len(jids), 3, "peer: three came online")
        try:
            Client("romeo@p.example", "wrong", None, peer.port, peer.ca_file)
            tap.ok(False, "peer: a wrong password is refused")
        except Refused as e:
            tap.equal(e.condition, "not-authorized",
                      "peer: a wrong password is refused")
        peer.errors.clear()     # the script was told of it


FAULTS = [
    ("a wrong signature", {"signature": "wrong"}, scram.Refused),
    ("a missing signature", {"signature": "missing"}, scram.Refused),
    ("success without server-final", {"final": "none"}, scram.Refused),
    ("a foreign nonce", {"nonce": "other"}, scram.Refused),
    ("an account that is disabled", {"refuse": "account-disabled"}, Refused),
]


def peer_faults():
    """peer: faults of SCRAM"""
    for name, faults, kind in FAULTS:
        with Site() as site:
            peer = Peer(site, "p.example", USERS, tls="direct")
            peer.background(lambda conn, f=faults: conn.login(**f))
            raises(kind, "peer: the client notices " + name, Client,
                   "romeo@p.example", USERS["romeo"], None, peer.port,
                   peer.ca_file, tls="direct")
            tap.equal((peer.conns[0].sni, peer.conns[0].alpn),
                      ("p.example", "xmpp-client"),
                      "peer: name and protocol of the handshake are known")
            peer.errors.clear()


ENDS = [
    ("starttls", lambda conn: conn.close(), "close_notify"),
    ("direct", lambda conn: conn.close(notify=False), "eof"),
    ("none", lambda conn: conn.reset(), "reset"),
]


def peer_wire():
    """peer: bytes"""
    odd = "a > b \u2014 'c' \"d\""
    for tls, end, want in ENDS:
        with Site() as site:
            peer = Peer(site, "p.example", USERS, tls=tls)

            def script(conn):
                conn.come_online()
                text = stanza.message(conn.jid, odd, from_="x@y.example/'>")
                conn.send(text, cut=1)
                conn.send(text + text, cut=[3, 50, len(text.encode())])
                conn.expect(matches("message", body="enough"))
                end(conn)

            peer.background(script)
            c = Client("romeo@p.example", USERS["romeo"], None, peer.port,
                       peer.ca_file, tls=tls)
            c.online()
            got = [stanza.body(c.expect(matches("message")))
                   for _ in range(3)]
            tap.equal(got, [odd] * 3,
                      "peer: a stanza in any cut is the same stanza, " + tls)
            c.message("p.example", "enough")
            raises(wire.Closed, "peer: the connection ends, " + tls,
                   c.expect, matches("never"))
            tap.equal(c.wire.ended, want, "peer: and it can be told how")
            c.wire.close(notify=False)


def peer_archive():
    """peer: archive"""
    with Site() as site:
        peer = Peer(site, "p.example", USERS, tls="none")
        archive = mam.Archive("romeo@p.example", page=2)
        for i in range(5):
            archive.add(stanza.message("romeo@p.example", "line %d" % i,
                                       from_="x@y.example/r"))

        def script(conn):
            conn.archive = archive
            conn.come_online()
            conn.send(carbon(conn.jid, stanza.message(
                conn.jid, "copied", from_="x@y.example/r")))
            conn.serve()

        peer.background(script)
        c = Client("romeo@p.example", USERS["romeo"], None, peer.port,
                   tls="none")
        c.online()
        got = c.archive(page=10)
        tap.equal([(i, stanza.body(m)) for i, _, m in got],
                  [("arc-%05d" % i, "line %d" % i) for i in range(5)],
                  "peer: an archive is read page by page")
        tap.equal([x.after for x in archive.queries],
                  [None, "arc-00001", "arc-00003"], "peer: by its ids")
        c.expect(matches("message", has=q(stanza.CARBONS, "received")))
        tap.ok(True, "peer: a carbon arrives")

        def spoil(query, page):
            page.queryid = "another"
        archive.fault = spoil
        tap.equal(c.archive(), [], "peer: results of another query are not "
                  "this query's")

        def silence(query, page):
            page.silent = True
        archive.fault = silence
        raises(wait.Timeout, "peer: and silence is silence", c.iq, "set",
               "<query xmlns='%s'/>" % stanza.MAM, within=0.3)
        c.close()


def peer_legacy():
    """peer: legacy login"""
    with Site() as site:
        peer = Peer(site, "p.example", USERS)
        ways = []
        peer.background(lambda conn: (ways.append(conn.legacy_login()),
                                      conn.serve()))
        for digest in (False, True):
            with Client("romeo@p.example", USERS["romeo"], None, peer.port,
                        peer.ca_file, login=False) as c:
                c.legacy_login(digest)
                c.sync()
        tap.equal(ways, ["password", "digest"], "peer: XEP-0078 both ways")
    with Site() as site:
        peer = Peer(site, "p.example", USERS)
        peer.background(lambda conn: conn.legacy_login(
            error=stanza.error("conflict", code="409")))
        c = Client("romeo@p.example", USERS["romeo"], None, peer.port,
                   peer.ca_file, login=False)
        refused = raises(Refused, "peer: its errors", c.legacy_login)
        tap.equal(refused and refused.condition, "conflict",
                  "peer: by their conditions")
        c.wire.close()


for server_kind in (Prosody, Ejabberd):
    tap.need(server_kind.is_installed(), server_kind.kind)
tap.main(peer_login, peer_faults, peer_wire, peer_archive, peer_legacy,
         real_server(Prosody, "a.example", (False,)),
         real_server(Ejabberd, "b.example", (False, True)))
