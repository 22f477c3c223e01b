#!/usr/bin/env python3
"""Streams that no real server sends: cuts, errors, forbidden XML, bad ends."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import stanza, tap, wait, wire  # noqa: E402
from lab.pair import JID, ROMEO, Pair  # noqa: E402
from lab.peer import Peer  # noqa: E402
from lab.service import Service, account  # noqa: E402
from lab.site import Site  # noqa: E402
from lab.stanza import matches  # noqa: E402


def cuts():
    """bytes in any cut"""
    with Site() as site:
        pair = Pair(site)
        text = "p\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd \U0001f40e"
        for n, cut in enumerate((1, 2, 3, 7, [1], [20, 21, 22])):
            pair.say("%s cut %d" % (text, n), cut=cut, id="cut%d" % n)
        whole = "".join(stanza.message(
            pair.conn.jid, "%s cut %d" % (text, n), from_=ROMEO,
            id="cut%d" % n) for n in range(6, 300))
        pair.conn.send(whole)
        got = pair.heard("cut", 300)
        tap.equal([m["bodies"][0]["text"] for m in got],
                  ["%s cut %d" % (text, n) for n in range(300)],
                  "every cut gives the same messages, in order")
        long = "word " * 40000
        pair.say(long, id="long")
        got = pair.heard("stanza:long")
        tap.equal([m["bodies"][0]["text"] for m in got], [long],
                  "200,000 bytes of one body are kept whole")
        tap.equal(pair.stop(), 0, "and the service ends well")


def namespaces():
    """namespaces and prefixes"""
    with Site() as site:
        pair = Pair(site)
        c = pair.conn
        c.send("<c:message xmlns:c='jabber:client' from='%s' to='%s' "
               "type='chat' id='prefixed'><c:body>prefixed body</c:body>"
               "</c:message>" % (ROMEO, c.jid))
        c.send("<message from='%s' to='%s' type='chat' id='foreign'>"
               "<body xmlns='urn:other'>foreign body</body>"
               "<body>own body</body></message>" % (ROMEO, c.jid))
        c.send("<message xmlns='urn:other' from='%s'><body>no stanza at all"
               "</body></message>" % ROMEO)
        pair.say("last body", id="last")
        got = {m["stanza_id"]: m["bodies"] for m in pair.heard("body", 3)}
        tap.equal({k: [b["text"] for b in v] for k, v in got.items()},
                  {"prefixed": ["prefixed body"], "foreign": ["own body"],
                   "last": ["last body"]},
                  "a prefix is nothing, a namespace is everything")
        tap.equal(pair.stop(), 0, "and the service ends well")


FORBIDDEN = [
    ("a comment", "<!-- hello -->", "restricted-xml"),
    ("a processing instruction", "<?php echo 1 ?>", "restricted-xml"),
    ("a comment in a stanza",
     "<message from='x@y.example'><body>a<!-- b --></body></message>",
     "restricted-xml"),
    ("an entity of one's own",
     "<message from='x@y.example'><body>&lol;</body></message>",
     "restricted-xml"),
    ("an overlap", "<message><body></message></body>", "not-well-formed"),
    ("bad UTF-8", b"<message><body>\xff\xfe</body></message>",
     "not-well-formed"),
    ("a NUL", b"<message><body>\0</body></message>", "not-well-formed"),
    ("a surrogate", "<message><body>&#xD800;</body></message>",
     "not-well-formed"),
]


def forbidden():
    """XML that must not be"""
    # Two by one service: after each it waits longer before it comes again.
    for first in range(0, len(FORBIDDEN), 2):
        cases = FORBIDDEN[first:first + 2]
        with Site() as site:
            pair = Pair(site, tls="direct")
            for n, (name, text, condition) in enumerate(cases):
                pair.say("before %d" % n, id="before%d" % n)
                pair.conn.send(text)
                tap.ok(pair.ends() in (condition, "bad-format",
                                       "unsupported-encoding"),
                       "%s ends the stream with %s" % (name, condition))
                pair.conn.close(notify=False)
                if n + 1 < len(cases):
                    pair.come()
            got = pair.heard("before", len(cases))
            tap.equal([m["stanza_id"] for m in got],
                      ["before%d" % n for n in range(len(cases))],
                      "what came before each is archived")
            tap.equal(pair.stop(), 0, "and the service ends well")


def doctype():
    """a DTD"""
    with Site() as site:
        peer = Peer(site, "p.example", tls="direct")
        service = Service(site, [account(peer, "juliet")])
        service.start()
        conn = peer.accept()
        conn.header(reply=False)
        conn.send("<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'>"
                  "<!ENTITY l2 '%s'>]><stream:stream xmlns='jabber:client' "
                  "xmlns:stream='%s' from='p.example' id='1' version='1.0'>"
                  "<stream:features>&l2;</stream:features>" % (
                      "&lol;" * 50, stanza.STREAM))
        got = service.until(JID, lambda s: s["error"])
        tap.ok(got["state"] in ("waiting", "connecting"),
               "a DTD in front of the stream is refused")
        service.stop()


def large():
    """stanzas over the limits"""
    with Site() as site:
        pair = Pair(site)
        deep = "<x xmlns='urn:deep'>" + "<a>" * 300 + "</a>" * 300 + "</x>"
        pair.conn.send("<message from='%s' to='%s' id='deep'><body>deep body"
                       "</body>%s</message>" % (ROMEO, pair.conn.jid, deep))
        pair.say("after deep")
        pair.conn.send("<message from='%s' to='%s' id='big'><body>big body"
                       "</body><x xmlns='urn:big'>" % (ROMEO, pair.conn.jid))
        chunk = b"<y>" + b"z" * 65000 + b"</y>"
        for _ in range(180):            # 11.7 MB
            pair.conn.wire.send(chunk)
        pair.conn.send("</x></message>")
        pair.say("after big")
        tap.equal([m["bodies"][0]["text"] for m in pair.heard("after", 2)],
                  ["after deep", "after big"],
                  "what follows a stanza over the limits is archived, on the "
                  "same stream")
        tap.equal(pair.stop(), 0, "and the service ends well")


# condition, states it may lead to, whether it connects again by itself
ERRORS = [
    ("system-shutdown", ("waiting", "connecting"), True),
    ("reset", ("waiting", "connecting"), True),
    ("connection-timeout", ("waiting", "connecting"), True),
    ("conflict", ("waiting",), False),
]


def errors():
    """stream errors"""
    with Site() as site:
        pair = Pair(site)
        for condition, states, again in ERRORS:
            pair.conn.stream_error(condition, "because of %s" % condition)
            got = pair.service.until(
                JID, lambda s: s["state"] in states and s["error"], 20,
                "end of the session by " + condition)
            tap.like(got["error"], condition, "%s is told" % condition)
            tap.like(got["error"], "because of " + condition,
                     "with the server's words")
            if again:
                pair.come()
                tap.equal(pair.service.status()[JID]["error"], None,
                          "and forgotten when the account is back")
            else:
                tap.ok(pair.peer.is_quiet(3), "%s: nobody hurries back"
                       % condition)
        tap.equal(pair.stop(), 0, "and the service ends well")


def ends():
    """ends without a word"""
    for name, end in (("a reset", lambda c: c.reset()),
                      ("TCP's end without TLS's",
                       lambda c: c.close(notify=False)),
                      ("TLS's end without the stream's",
                       lambda c: c.close()),
                      ("the stream's end", lambda c: (c.end_stream(),
                                                      c.close()))):
        with Site() as site:
            pair = Pair(site)
            pair.say("said before", id="said")
            pair.conn.send("<message from='%s' to='%s' id='half'><body>half "
                           "said" % (ROMEO, pair.conn.jid))
            pair.heard("stanza:said")
            end(pair.conn)
            pair.come()
            tap.equal([m["stanza_id"] for m in pair.service.json(
                "search", "said")], ["said"],
                "%s: back again, and half a stanza is none" % name)
            tap.equal(pair.stop(), 0, "and the service ends well")


def leaving():
    """how it leaves"""
    with Site() as site:
        pair = Pair(site)
        pair.say("at the last moment", id="late")
        pair.conn.sync()
        pair.service.child.signal(15)
        gone = pair.conn.expect(lambda e: e.get("type") == "unavailable"
                                and e.get("to") is None, 10)
        tap.ok(gone is not None, "it says unavailable before it goes")
        try:
            pair.conn.expect(matches("never"), 10)
            tap.ok(False, "and closes its stream")
        except wire.Closed as e:
            tap.like(str(e), "closed its stream", "and closes its stream")
        except wait.Timeout:
            tap.ok(False, "and closes its stream")
        tap.equal(pair.service.child.wait(10), 0, "with status 0")
        pair.service.child = None
        tap.equal(len(pair.service.json("search", "stanza:late")), 1,
                  "what came last is archived")
        pair.service.start()
        pair.come()
        tap.equal(pair.service.stop(), 0,
                  "a server that does not answer its end does not hold it")


tap.main(cuts, namespaces, forbidden, doctype, large, errors, ends, leaving)
