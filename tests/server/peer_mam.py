#!/usr/bin/env python3
"""Archives that answer badly.

A position is earned by a page that has proven itself; whatever an archive does
wrong, nothing is archived twice, nothing is taken for complete that is not,
and no question is asked without end.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import mam, stanza, tap, wait  # noqa: E402
from lab.pair import EVE, JID, ROMEO, Pair  # noqa: E402
from lab.site import Site  # noqa: E402

COUNT = 25


def filled(page=10, count=COUNT):
    archive = mam.Archive(JID, page)
    for i in range(count):
        archive.add(stanza.message(JID, "line %d" % i, from_=ROMEO,
                                   id="m%d" % i))
    return archive


def lines(pair):
    return [m["bodies"][0]["text"] for m in
            pair.service.json("search", "--oldest-first", "line")]


ALL = ["line %d" % i for i in range(COUNT)]


def good():
    """a good archive"""
    with Site() as site:
        archive = filled()
        pair = Pair(site, archive)
        tap.equal(lines(pair), ALL, "a good archive is read, page by page")
        tap.ok(len([x for x in archive.queries if x.max != 1]) >= 3,
               "in at least three pages")
        status = pair.service.status()[JID]
        tap.equal(status["mam"], stanza.MAM, "status says which archive")
        asked = len(archive.queries)
        archive.add(stanza.message(JID, "line %d" % COUNT, from_=ROMEO,
                                   id="m%d" % COUNT))
        pair.restart()
        tap.equal(lines(pair), ALL + ["line %d" % COUNT],
                  "after a restart what is new comes, and nothing twice")
        tap.ok(all(x.after or x.start or x.ids or x.max in (0, 1)
                   for x in archive.queries[asked:]),
               "and the beginning is not read again")
        tap.equal(pair.stop(), 0, "the service ends well")


def spoil_queryid(query, page):
    page.queryid = "another"


def spoil_sender(query, page):
    page.from_ = EVE


def spoil_ends(query, page):
    page.first, page.last = "nobody", "knows"


def spoil_progress(query, page):
    """The first page for ever."""
    page.complete = False
    page.results = spoil_progress.first
    page.first = page.results[0].id
    page.last = page.results[-1].id


def spoil_empty(query, page):
    page.results, page.first, page.last = [], None, None
    page.complete = False


def spoil_error(query, page):
    page.error = stanza.error("internal-server-error", "wait")


# name, fault, whether what it sends may be archived
BAD = [
    ("results of another query", spoil_queryid, False),
    ("results from a stranger", spoil_sender, False),
    ("ends that are not those of the page", spoil_ends, True),
    ("the same page again and again", spoil_progress, True),
    ("an empty page that is not the last", spoil_empty, False),
    ("an error", spoil_error, False),
]


def bad_pages():
    """pages that prove nothing"""
    for name, fault, may_keep in BAD:
        with Site() as site:
            archive = filled()
            spoil_progress.first = archive.entries[:10]
            archive.fault = fault
            pair = Pair(site, archive, online=False)
            pair.accept()
            with pair.conn.serving():
                wait.until(lambda: archive.queries, 15, "query")
                pair.say("still live", id="live")
                pair.service.messages("stanza:live")
                tap.ok(pair.service.status()[JID]["state"] != "online",
                       "%s: not taken for complete" % name)
                got = lines(pair)
                tap.ok(len(archive.queries) < 20,
                       "%s: no endless questions" % name)
                tap.ok(got == [] or may_keep and got == ALL[:len(got)],
                       "%s: nothing is twice or out of order" % name)
                # It did not earn a position: a good archive is read whole.
                archive.fault = None
                pair.service.stop()
            pair.service.start()
            pair.come()
            tap.equal(lines(pair), ALL, "%s: later all is there, once" % name)
            tap.equal(pair.stop(), 0, "%s: the service ends well"
                      % name)


def unstable():
    """stable='false'"""
    with Site() as site:
        archive = filled()

        def shaky(query, page):
            page.stable = "false"
        archive.fault = shaky
        pair = Pair(site, archive, online=False)
        pair.accept()
        with pair.conn.serving():
            pair.service.messages("line", count=10)
        archive.fault = None
        asked = len(archive.queries)
        pair.restart()
        tap.equal(lines(pair), ALL, "all is there, once")
        first = archive.queries[asked:]
        tap.ok(any(x.after in (None, "") and x.start is None for x in first),
               "an unstable page is kept but earns no position")
        tap.equal(pair.stop(), 0, "the service ends well")


def lost_place():
    """a position that the archive no longer knows"""
    with Site() as site:
        archive = filled()
        pair = Pair(site, archive)
        tap.equal(lines(pair), ALL, "the archive is read")
        archive.entries = [e for e in archive.entries
                           if e.id != "arc-%05d" % (COUNT - 1)]
        for i in range(COUNT, COUNT + 5):
            archive.add(stanza.message(JID, "line %d" % i, from_=ROMEO,
                                       id="m%d" % i), id="new-%d" % i,
                        stamp="2026-11-22T10:30:%02dZ" % (i - COUNT))
        pair.restart()
        tap.equal(lines(pair), ["line %d" % i for i in range(COUNT + 5)],
                  "item-not-found loses nothing and repeats nothing")
        tap.equal(pair.stop(), 0, "the service ends well")


def copies():
    """copies of one message"""
    with Site() as site:
        archive = filled(count=0)
        pair = Pair(site, archive)
        sid = "<stanza-id xmlns='%s' by='%s' id='arc-00000'/>" % (
            stanza.SID, JID)
        pair.say("line once", id="one", extra=sid)
        got = pair.heard("once")[0]
        archive.add(stanza.message(JID, "line once", from_=ROMEO, id="one"),
                    stamp=got["time"][:19] + "Z")
        # Two messages that look alike in every respect but the archive's id.
        for n in range(2):
            archive.add(stanza.message(JID, "line twin", from_=ROMEO,
                                       id="twin"),
                        stamp="2026-11-22T11:00:0%dZ" % n)
        pair.restart()
        got = pair.service.json("search", "--oldest-first", "line")
        tap.equal([(m["bodies"][0]["text"], m["sources"]) for m in got
                   if m["stanza_id"] == "one"],
                  [("line once", ["live", "mam"])],
                  "live and archive are two copies of one message")
        tap.equal(len([m for m in got if m["stanza_id"] == "twin"]), 2,
                  "two that the archive tells apart are two")
        tap.equal(pair.stop(), 0, "the service ends well")


def stamps():
    """stamps of an archive"""
    with Site() as site:
        archive = mam.Archive(JID)
        odd = ["1969-12-31T23:59:59Z", "2016-12-31T23:59:60Z",
               "2026-11-22T10:00:00.1Z", "2026-11-22T12:00:00+02:00",
               "rubbish"]
        for n, stamp in enumerate(odd):
            archive.add(stanza.message(JID, "line %d" % n, from_=ROMEO,
                                       id="m%d" % n), stamp=stamp)
        pair = Pair(site, archive, online=False)
        pair.accept()
        got = pair.heard("line", len(odd))
        tap.equal(sorted(m["stanza_id"] for m in got),
                  ["m%d" % n for n in range(len(odd))],
                  "odd stamps lose no message")
        times = {m["stanza_id"]: m["time"] for m in got}
        tap.equal((times["m2"], times["m3"]),
                  ("2026-11-22T10:00:00.100Z", "2026-11-22T10:00:00.000Z"),
                  "fractions and offsets are understood")
        tap.equal(pair.stop(), 0, "the service ends well")


tap.main(good, bad_pages, unstable, lost_place, copies, stamps)
