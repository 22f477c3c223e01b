#!/usr/bin/env python3
"""What is read again.

Every start and every few minutes the end of an archive is read once more: that
must add nothing, whatever is in it. What has changed under its archive id is a
version of the message, once. What a killed service had not written is read
again, and nothing of what it had.
"""

import datetime
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import mam, stanza, tap, wait  # noqa: E402
from lab.pair import EVE, JID, ROMEO, Pair  # noqa: E402
from lab.peer import carbon  # noqa: E402
from lab.site import Site  # noqa: E402

ROOM = "verona@rooms.x.example"
BY = "<stanza-id xmlns='%s' by='%s' id='%s'/>"
NEW_VERSION = 5                 # copy.how
COUNTED = ("message", "copy", "archive_id", "forged")


def line(n, text):
    return stanza.message(JID, text, from_=ROMEO, id="m%d" % n)


def filled():
    """Of everything that an account's own archive may hold, so new that each
    start reads it again."""
    archive = mam.Archive(JID)
    archive.epoch = datetime.datetime.utcnow() - datetime.timedelta(seconds=20)
    for n in range(5):
        archive.add(line(n, "line %d" % n))
    archive.add(stanza.message("romeo@x.example", "line sent",
                               from_=JID + "/phone", id="sent"))
    archive.add(stanza.message(JID, "line in a room", type="groupchat",
                               from_=ROOM + "/romeo", id="room1",
                               extra=BY % (stanza.SID, ROOM, "r-1")))
    archive.add(stanza.message(JID, "line in a room without ids",
                               type="groupchat", from_=ROOM + "/romeo",
                               id="room2"))
    archive.add(stanza.message(JID, from_=ROMEO, extra="<received xmlns="
                               "'urn:xmpp:receipts' id='r'/>"))
    archive.add(carbon(JID, stanza.message(
        JID, "forged words", from_="nurse@x.example/k"), from_=EVE))
    return archive


def counts(pair):
    return {name: pair.service.rows("SELECT count(*) FROM " + name)[0][0]
            for name in COUNTED}


def versions(pair, text):
    """How many messages have begun with that text, and how many newer
    versions of them are kept."""
    return pair.service.rows(
        "SELECT count(DISTINCT m.id), count(c.message) FROM message m "
        "LEFT JOIN copy c ON c.message = m.id AND c.how = ? "
        "WHERE m.body = ?", NEW_VERSION, text)[0]


def change(archive, old, new):
    entry, = [e for e in archive.entries if "<body>%s</body>" % old in e.text]
    entry.text = entry.text.replace(old, new)


def logins():
    """logins"""
    for raw in (True, False):
        name = "raw = %s" % str(raw).lower()
        with Site() as site:
            archive = filled()
            pair = Pair(site, archive, account={"raw": raw})
            pair.say("live words", id="live",
                     extra=BY % (stanza.SID, JID, "arc-live"))
            pair.say("live room", id="room3", type="groupchat",
                     from_=ROOM + "/romeo",
                     extra=BY % (stanza.SID, ROOM, "r-3")
                     + BY % (stanza.SID, JID, "arc-room"))
            got = pair.heard("live", 2)
            now = got[0]["time"][:19] + "Z"
            archive.add(stanza.message(JID, "live words", from_=ROMEO,
                                       id="live"), now, "arc-live")
            archive.add(stanza.message(
                JID, "live room", type="groupchat", from_=ROOM + "/romeo",
                id="room3", extra=BY % (stanza.SID, ROOM, "r-3")),
                now, "arc-room")
            pair.restart()
            first = counts(pair)
            tap.equal(first["forged"], 1, "%s: one is kept apart" % name)
            sent = []
            archive.fault = lambda query, page: sent.extend(
                e.id for e in page.results)
            for _ in range(3):
                pair.restart()
            tap.equal(counts(pair), first,
                      "%s: three more logins add nothing" % name)
            tap.equal(sorted(sent), sorted([e.id for e in archive.entries] * 3),
                      "%s: though all was read each time" % name)

            change(archive, "line 3", "line 3 as it is now")
            change(archive, "live words", "live words as they are now")
            pair.restart()
            second = counts(pair)
            tap.equal((versions(pair, "line 3"),
                       versions(pair, "live words")), ((1, 1), (1, 1)),
                      "%s: what has changed is a version, not a message"
                      % name)
            for _ in range(2):
                pair.restart()
            tap.equal(counts(pair), second,
                      "%s: and the next logins add no more of them" % name)
            tap.equal(pair.stop(), 0, "%s: the service ends well" % name)


def passes():
    """passes of one session"""
    with Site() as site:
        archive = filled()

        def fault(query, page):
            """All, and the next page fails: it begins again, later."""
            if query.number == 1:
                page.complete = False
            if query.number == 2:
                change(archive, "line 3", "line 3 as it is now")
                page.error = stanza.error("internal-server-error", "wait")
        archive.fault = fault
        pair = Pair(site, archive, online=False)
        pair.accept()
        with pair.conn.serving():
            pair.service.messages("sent")
            first = counts(pair)
            pair.service.wait("online", within=40)
            tap.ok(len(archive.queries) >= 3, "the end was read twice")
            want = dict(first, copy=first["copy"] + 1)
            tap.equal(versions(pair, "line 3"), (1, 1),
                      "what has changed is a version, not a message")
            tap.equal(counts(pair), want, "and the rest adds nothing")
        pair.restart()
        tap.equal(counts(pair), want, "nor does the next login")
        tap.equal(pair.stop(), 0, "the service ends well")


PAGE = 10
COUNT = 80


def killed():
    """kill -9"""
    def silent(page):
        page.silent = True

    def half(page):
        page.results = page.results[:PAGE // 2]
        page.fin = False

    with Site() as site:
        archive = mam.Archive(JID, PAGE)
        archive.step = 60       # each start reads some again, not all
        for n in range(COUNT):
            archive.add(line(n, "line %d" % n))
        pair = Pair(site, archive, online=False)
        # Which page of a login, what comes of it, whether the kill waits
        # until the position has moved.
        for number, spoil, is_moved in (
                (1, silent, False), (2, half, False), (3, silent, True),
                (3, lambda page: None, False), (3, half, True)):
            reached = threading.Event()
            last = len(archive.queries) + number

            def fault(query, page, last=last, spoil=spoil, reached=reached):
                if query.number == last:
                    spoil(page)
                    reached.set()
                elif query.number > last:
                    page.silent = True
            archive.fault = fault
            pair.accept()
            with pair.conn.serving():
                tap.ok(reached.wait(15 * wait.PATIENCE),
                       "page %d is reached" % number)
                if is_moved:
                    pair.service.until_row(
                        "SELECT 1 FROM position WHERE id = ?",
                        archive.queries[last - 1].after)
                pair.service.kill()
            upto = whole(pair, archive)
            if is_moved:
                tap.ok(upto >= PAGE, "the position had moved")
            pair.service.start()
        archive.fault = None
        pair.come()
        tap.equal([m["bodies"][0]["text"] for m in pair.service.json(
            "search", "--oldest-first", "line")],
            ["line %d" % n for n in range(COUNT)],
            "after all the kills nothing is missing and nothing twice")
        tap.equal(counts(pair)["copy"], 0, "nor a copy of anything")
        tap.ok(all(x.start for x in archive.queries[last:]),
               "and what was written is not read again from the beginning")
        tap.equal(pair.stop(), 0, "the service ends well")


def whole(pair, archive):
    """What the position says was read is there."""
    at = pair.service.rows("SELECT id FROM position")
    there = {aid for aid, in pair.service.rows("SELECT aid FROM message")}
    ids = [e.id for e in archive.entries]
    upto = ids[:ids.index(at[0][0]) + 1] if at and at[0][0] else []
    tap.equal([i for i in upto if i not in there], [],
              "up to the position (%d) nothing is missing" % len(upto))
    return len(upto)


tap.main(logins, passes, killed)
