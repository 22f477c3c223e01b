#!/usr/bin/env python3
"""Carbons and the server's archive: what was not said to the archiver itself.

History from before the first login, messages of the time when the service was
down, both ends of what other clients say; and each of them exactly once,
though it comes by several ways.
"""

import datetime
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import stanza, tap, wait  # noqa: E402
from lab.client import Client  # noqa: E402
from lab.ejabberd import Ejabberd  # noqa: E402
from lab.prosody import Prosody  # noqa: E402
from lab.service import Service, account  # noqa: E402
from lab.site import Site  # noqa: E402
from lab.stanza import matches  # noqa: E402

HISTORY = 120
AWAY = 7


def stamp(text):
    """RFC 3339 in any precision, as a number of seconds."""
    text = text.replace("Z", "+00:00")
    return datetime.datetime.fromisoformat(text).timestamp()


def said(count, word):
    return ["%s number %d" % (word, i) for i in range(count)]


def bodies(messages):
    return [m["bodies"][0]["text"] for m in messages]


def say(server, lines):
    """romeo says the lines to juliet, who is nowhere: into her archive."""
    with Client("romeo@%s/pen" % server.domain, "two", server) as r:
        for line in lines:
            r.message("juliet@" + server.domain, line, id="id " + line)
        r.sync()


def archive_of(server):
    with Client("juliet@%s/eye" % server.domain, "one", server) as c:
        return {stanza.body(m): (i, s) for i, s, m in c.archive()}


def check_history(service, server, lines):
    kind = server.kind
    jid = "juliet@" + server.domain
    got = service.messages("--oldest-first", "history", count=len(lines))
    tap.equal(bodies(got), lines,
              "%s: all history, in order, each once" % kind)
    tap.ok(all(m["source"] == "mam" and m["sources"] == ["mam"]
               for m in got), "%s: its source is the archive" % kind)
    there = archive_of(server)
    # JSON has milliseconds, rounded down.
    tap.equal([(m["archive_ids"], round(stamp(m["time"]) * 1e6) // 1000)
               for m in got],
              [([{"by": jid, "id": there[line][0]}],
                round(stamp(there[line][1]) * 1e6) // 1000) for line in lines],
              "%s: with the archive's ids and times" % kind)
    status = service.status()[jid]
    tap.ok(status["catch_up"]["done"] is not None,
           "%s: status knows of the catch-up" % kind)


def check_absence(service, server):
    """What was said while the service was down comes at the next start."""
    kind = server.kind
    lines = said(AWAY, "absence")
    tap.equal(service.stop(), 0, "%s: the service ends well" % kind)
    say(server, lines)
    service.start()
    service.wait("online")
    got = service.messages("--oldest-first", "absence", count=AWAY)
    tap.equal(bodies(got), lines, "%s: what came meanwhile, each once" % kind)
    tap.ok(all(m["source"] == "mam" for m in got),
           "%s: from the archive" % kind)
    there = archive_of(server)
    tap.ok(all(abs(stamp(m["time"]) - stamp(there[m["bodies"][0]["text"]][1]))
               < 0.002 for m in got), "%s: at the time it was said" % kind)


def check_carbons(service, server):
    kind = server.kind
    domain = server.domain
    with Client("juliet@%s/phone" % domain, "one", server) as j, \
            Client("romeo@%s/pen" % domain, "two", server) as r:
        j.online()
        j.carbons()
        r.online()
        r.message(j.jid, "carbon in", id="c-in")
        j.expect(matches("message", id="c-in"))
        j.message(r.jid, "carbon out", id="c-out")
        r.expect(matches("message", id="c-out"))
        # Same id, same words, twice: two messages.
        for _ in range(2):
            r.message(j.jid, "carbon ok", id="1")
            j.expect(matches("message", id="1"))
        j.message(j.bare, "carbon note", id="c-note")
        j.expect(matches("message", id="c-note"))
        j.sync()
        r.sync()
    got = service.messages("--oldest-first", "carbon", count=5)
    tap.equal([(m["stanza_id"], m["direction"], m["from"]) for m in got
               if m["stanza_id"] != "c-note"],
              [("c-in", "in", r.jid), ("c-out", "out", j.jid),
               ("1", "in", r.jid), ("1", "in", r.jid)],
              "%s: what other clients hear and say" % kind)
    tap.ok(all(m["source"] == "carbon" for m in got
               if m["stanza_id"] in ("c-in", "c-out")),
           "%s: by carbons" % kind)
    note = [m for m in got if m["stanza_id"] == "c-note"]
    tap.equal([m["direction"] for m in note], ["out"],
              "%s: a note to oneself is one message" % kind)


def check_merge(service, server):
    """The archive brings the carbons' messages once more: as copies."""
    kind = server.kind
    tap.equal(service.stop(), 0, "%s: the service ends well again" % kind)
    before = service.json("search", "*")
    service.start()
    service.wait("online")

    def merged():
        got = service.json("search", "--oldest-first", "carbon")
        return got if all({"carbon", "mam"} <= set(m["sources"])
                          for m in got) else None
    try:
        got = wait.until(merged, 20, "copies from the archive")
    except wait.Timeout:
        got = service.json("search", "--oldest-first", "carbon")
        tap.note([(m["stanza_id"], m["sources"]) for m in got])
        tap.ok(False, "%s: carbon and archive are two copies" % kind)
    else:
        tap.ok(True, "%s: carbon and archive are two copies" % kind)
    tap.equal([m["stanza_id"] for m in got],
              ["c-in", "c-out", "1", "1", "c-note"],
              "%s: of one message each" % kind)
    tap.equal([m["id"] for m in service.json("search", "*")],
              [m["id"] for m in before], "%s: nothing is there twice, and no "
              "id has changed" % kind)


def house(kind, domain, **options):
    def case():
        with Site() as site:
            server = kind(site, domain, {"juliet": "one", "romeo": "two"},
                          **options)
            lines = said(HISTORY, "history")
            say(server, lines)
            service = Service(site, [account(server, "juliet")])
            service.start()
            service.wait("online")
            check_history(service, server, lines)
            check_absence(service, server)
            check_carbons(service, server)
            check_merge(service, server)
            tap.equal(service.stop(), 0, "%s: and it ends" % server.kind)

            later = Service(site, [account(server, "juliet", history="none")],
                            name="later")
            later.start()
            later.wait("online")
            say(server, ["afterwards"])
            with Client("juliet@%s/phone" % domain, "one", server) as j:
                j.online()
                later.wait("online")
            tap.equal(later.json("search", "history"), [],
                      "%s: history = none leaves the past alone"
                      % server.kind)
            later.stop()
    case.__doc__ = kind.kind
    return case


for needed in (Prosody, Ejabberd):
    tap.need(needed.is_installed(), needed.kind)
tap.main(house(Prosody, "a.example", page=50), house(Ejabberd, "b.example"))
