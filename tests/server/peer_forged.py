#!/usr/bin/env python3
"""What others may forge, and must gain nothing by.

Servers deliver forged carbons, archive results, roster pushes and replies
untouched; only the sender's address tells. What is refused must not appear in
searches, conversations and counts, and what is true must not be lost for it.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import mam, stanza, tap  # noqa: E402
from lab.pair import EVE, JID, ROMEO, Pair  # noqa: E402
from lab.peer import carbon  # noqa: E402
from lab.site import Site  # noqa: E402
from lab.stanza import q  # noqa: E402

VICTIM = "nurse@x.example/kitchen"


def result(to, inner, queryid="q", from_=None, id="forged-1"):
    """A loose archive result, as one would come in a query's answer."""
    return ("<message to='%s'%s><result xmlns='%s' id='%s' queryid='%s'>"
            "<forwarded xmlns='%s'><delay xmlns='%s' "
            "stamp='2020-01-01T00:00:00Z'/>%s</forwarded></result></message>"
            % (to, stanza.attributes([("from", from_)]), stanza.MAM, id,
               queryid, stanza.FORWARD, stanza.DELAY, inner.replace(
                   "<message", "<message xmlns='jabber:client'", 1)))


def forgeries(jid):
    """name, text of the whole stanza"""
    inner = stanza.message(jid, "forged words", from_=VICTIM)
    own = stanza.message("nurse@x.example", "forged words", from_=jid)
    yield "a carbon from a stranger", carbon(jid, inner, from_=EVE)
    yield "a sent carbon from a stranger", carbon(jid, own, "sent", EVE)
    yield "a carbon from another resource of ours", carbon(
        jid, inner, from_=JID + "/other")
    yield "a carbon from our own full address", carbon(jid, inner, from_=jid)
    yield "a carbon from the server", carbon(jid, inner, from_="p.example")
    yield "a carbon from somebody like us", carbon(
        jid, inner, from_="juliet@p.example.e.example")
    yield "a carbon of what was not sent to us", carbon(jid, stanza.message(
        "friar@x.example", "forged words", from_=VICTIM))
    yield "a carbon of what we have not sent", carbon(jid, stanza.message(
        "friar@x.example", "forged words", from_=VICTIM), "sent")
    yield "a carbon in a carbon", carbon(jid, carbon(jid, inner, from_=EVE))
    yield "an archive result from a stranger", result(jid, inner, from_=EVE)
    yield "an archive result that nobody asked for", result(jid, inner)
    yield "an archive result from the server", result(jid, inner,
                                                       from_="p.example")
    yield "an archive result in a carbon", carbon(
        jid, result(jid, inner, from_=EVE), from_=EVE)


def wrappers():
    """carbons and archive results"""
    with Site() as site:
        pair = Pair(site, mam.Archive(JID))
        jid = pair.conn.jid
        names = []
        for name, text in forgeries(jid):
            pair.conn.send(text)
            pair.say("true after %d" % len(names))
            names.append(name)
        pair.conn.send(carbon(jid, stanza.message(
            jid, "true carbon", from_=ROMEO, id="tc")))
        pair.conn.send(carbon(jid, stanza.message(
            "romeo@x.example", "true sent", from_=JID + "/phone", id="ts"),
            "sent"))
        want = ["true after %d" % n for n in range(len(names))] + [
            "true carbon", "true sent"]
        got = pair.heard("true", len(want))
        tap.equal([m["bodies"][0]["text"] for m in got], want,
                  "true messages and carbons are archived, each once")
        tap.equal([(m["direction"], m["source"]) for m in got[-2:]],
                  [("in", "carbon"), ("out", "carbon")],
                  "with their directions")
        # Kept apart, they would still be found by no search.
        everything = pair.service.json("search", "*")
        tap.equal(len(everything), len(want), "and nothing else is found")
        for name in names:
            tap.ok(not any("forged words" in str(m) for m in everything),
                   "refused: " + name)
        chats = pair.service.json("chats")
        tap.equal([(c["chat"], c["messages"]) for c in chats],
                  [("romeo@x.example", len(want))],
                  "and no conversation comes of it")
        tap.equal(pair.stop(), 0, "the service ends well")


def names():
    """replies and roster pushes"""
    with Site() as site:
        pair = Pair(site, online=False,
                    roster={"romeo@x.example": "True Romeo"})
        conn = pair.peer.accept()
        conn.roster = pair.roster
        honest = conn.answers[q(stanza.ROSTER, "query")]
        lie = ("<query xmlns='%s'><item jid='romeo@x.example' "
               "name='Mallory' subscription='both'/></query>" % stanza.ROSTER)

        def roster(conn, iq):
            for forger in (EVE, "e.example", JID + "/other"):
                conn.send(stanza.iq("result", lie, id=iq.get("id"),
                                    to=conn.jid, from_=forger))
            honest(conn, iq)
        conn.answers[q(stanza.ROSTER, "query")] = roster
        conn.come_online()
        pair.conn = conn
        for forger in (EVE, "e.example", "p.example", JID + "/other"):
            conn.send(stanza.iq("set", lie, id="push", to=conn.jid,
                                from_=forger))
        pair.say("whose name", id="name")
        pair.heard("stanza:name")
        with conn.serving():
            pair.service.wait("online")
        tap.equal([c["name"] for c in pair.service.json("chats")],
                  ["True Romeo"], "neither forged replies nor forged pushes "
                  "change a name")
        conn.send(stanza.iq("set", lie.replace("Mallory", "New Romeo"),
                            id="push2", to=conn.jid, from_=JID))
        conn.expect(stanza.matches("iq", id="push2", type="result"))
        pair.say("whose name now", id="name2")
        pair.heard("stanza:name2")
        tap.equal([c["name"] for c in pair.service.json("chats")],
                  ["New Romeo"], "the server's own push does")
        tap.equal(pair.stop(), 0, "the service ends well")


def requests():
    """who is answered"""
    with Site() as site:
        pair = Pair(site)
        conn = pair.conn
        for n, (payload, name) in enumerate((
                ("<query xmlns='%s'/>" % stanza.VERSION, "version"),
                ("<query xmlns='%s'/>" % stanza.INFO, "disco"),
                ("<ping xmlns='%s'/>" % stanza.PING, "ping"),
                ("<query xmlns='urn:unknown'/>", "something unknown"))):
            answers = {}
            for who in (EVE, ROMEO):
                conn.send(stanza.iq("get", payload, to=conn.jid,
                                    id="r%d" % n, from_=who))
                got = conn.expect(stanza.matches("iq", id="r%d" % n, to=who))
                error = got.find(".//" + q(stanza.STANZAS,
                                           "service-unavailable"))
                answers[who] = (got.get("type"), error is not None)
            tap.equal(answers[EVE], ("error", True),
                      "a stranger who asks for %s learns nothing" % name)
            if "unknown" in name:
                tap.equal(answers[ROMEO], ("error", True),
                          "nor does a friend of what we do not know")
            else:
                tap.equal(answers[ROMEO], ("result", False),
                          "a friend does")
        conn.send(stanza.message(conn.jid, "please confirm", from_=ROMEO,
                                 id="rr", extra="<request xmlns="
                                 "'urn:xmpp:receipts'/><markable xmlns="
                                 "'urn:xmpp:chat-markers:0'/><active xmlns="
                                 "'http://jabber.org/protocol/chatstates'/>"))
        conn.send(stanza.presence(to=JID, type="subscribe", from_=EVE))
        pair.heard("stanza:rr")
        conn.sync()
        tap.equal([stanza.show(e) for e in conn.seen
                   if stanza.local(e) == "message"
                   or e.get("type") in ("subscribed", "unsubscribed")], [],
                  "no receipt, no marker, no answer to a subscription")
        tap.equal(pair.stop(), 0, "the service ends well")


def ids():
    """ids and stamps that somebody else has put there"""
    sid = "<stanza-id xmlns='%s' by='%s' id='%s'/>"
    late = "<delay xmlns='%s' from='%s' stamp='%s'/>"
    with Site() as site:
        archive = mam.Archive(JID)
        pair = Pair(site, archive)
        pair.say("one id", id="i1", extra=sid % (stanza.SID, JID, "true"))
        pair.say("two id", id="i2", extra=sid % (stanza.SID, JID, "lie")
                 + sid % (stanza.SID, JID, "also"))
        pair.say("foreign id", id="i3",
                 extra=sid % (stanza.SID, "e.example", "other"))
        # The same id, other words: never dropped for it.
        pair.say("same id", id="i4", extra=sid % (stanza.SID, JID, "s1"))
        pair.say("same id again", id="i4", extra=sid % (stanza.SID, JID,
                                                        "s2"))
        for n, stamp in enumerate(("1969-12-31T23:59:59Z",
                                   "9999-12-31T23:59:59Z",
                                   "2016-12-31T23:59:60Z",
                                   "2999-01-01T00:00:00Z", "rubbish")):
            pair.say("delayed id", id="d%d" % n,
                     extra=late % (stanza.DELAY, EVE, stamp))
        got = {m["stanza_id"] + " " + m["bodies"][0]["text"]: m
               for m in pair.heard("id", 10)}
        tap.equal(len(got), 10, "all are archived, whatever their ids say")

        def ours(key):
            return [a["id"] for a in got[key].get("archive_ids", ())
                    if a["by"] == JID]
        tap.equal(ours("i1 one id"), ["true"], "one id by us is trusted")
        tap.equal(ours("i3 foreign id"), [], "a stranger's is not ours")
        times = [m["time"] for m in got.values()]
        tap.ok(all(m["time"] == m["received"] for k, m in got.items()
                   if k.startswith("d")) and max(times) < "2900",
               "a stranger's stamp is a claim, and moves nothing")
        # Were one of two ids believed, this would be a version of that.
        archive.add(stanza.message(JID, "archived id", from_=ROMEO, id="i9"),
                    stamp=got["i2 two id"]["time"][:19] + "Z", id="lie")
        pair.restart()
        tap.equal(sorted(m["stanza_id"] for m in pair.service.json(
            "search", "id OR again") if m["stanza_id"] in ("i2", "i9")),
            ["i2", "i9"], "of two ids none is trusted")
        tap.equal(pair.stop(), 0, "the service ends well")


tap.main(wrappers, names, requests, ids)
