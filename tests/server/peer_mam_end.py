#!/usr/bin/env python3
"""How a page may end.

The last result of a page is what the position is made of: whatever it is, a
stamp from a wrong clock, none at all, a stanza beyond the limits, a forgery,
the catch-up goes on behind it, later messages come, and nothing for ever.
"""

import collections
import datetime
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import mam, stanza, tap, wait  # noqa: E402
from lab.pair import EVE, JID, ROMEO, Pair  # noqa: E402
from lab.peer import carbon  # noqa: E402
from lab.site import Site  # noqa: E402

COUNT = 25
PAGE = 10


def moment(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def day(n):
    """Further apart than what is read twice, whatever that is."""
    return moment(mam.EPOCH + datetime.timedelta(days=n - 60))


def line(n, text=None, extra=""):
    return stanza.message(JID, text or "line %d" % n, from_=ROMEO,
                          id="m%d" % n, extra=extra)


def complete(pair, want, name):
    """All of `want` is archived, once, and nothing else."""
    got = collections.Counter(m["bodies"][0]["text"] for m in
                              pair.service.json("search", "line"))
    tap.equal({k: got[k] for k in set(got) | set(want) if got[k] != 1
               or k not in want}, {}, name)


def asked(archive, since):
    """The queries for messages, since that many."""
    return [x for x in archive.queries[since:] if x.max not in (0, 1)]


def is_from_the_beginning(query):
    return not query.after and query.start is None and not query.ids


# name, what the last result says; the archive goes by the true stamp
STAMPS = [
    ("a stamp of 2090", "2090-01-01T00:00:00Z", "2090-01-01T00:00:00Z"),
    ("a stamp of 2090 and an archive that knows better",
     "2090-01-01T00:00:00Z", None),
    ("no stamp", None, None),
    ("an unreadable stamp", "the day before yesterday", None),
    ("a stamp before 1970", "1901-01-01T00:00:00Z", None),
]


def dated(shown, true, *places):
    """An archive that says something odd at these places."""
    archive = mam.Archive(JID, PAGE)
    for n in range(COUNT):
        archive.add(line(n), stamp=day(n))
    for n in places:
        archive.entries[n].shown = shown
        archive.entries[n].stamp = true or day(n)
    return archive


def stamps():
    """stamps of the last result"""
    for name, shown, true in STAMPS:
        with Site() as site:
            archive = dated(shown, true, COUNT - 1)
            pair = Pair(site, archive)
            want = ["line %d" % n for n in range(COUNT)]
            complete(pair, want, "%s: all is there" % name)

            before = len(archive.queries)
            pair.restart()
            first = asked(archive, before)
            tap.ok(first and not any(map(is_from_the_beginning, first)),
                   "%s: the next start does not begin at the beginning"
                   % name)
            later = datetime.datetime.utcnow()
            for n in range(12):
                archive.add(line(COUNT + n), stamp=moment(
                    later + datetime.timedelta(seconds=n)))
                want.append("line %d" % (COUNT + n))
            for n in range(2):
                before = len(archive.queries)
                pair.restart()
                complete(pair, want, "%s: what came later is there, once (%d)"
                         % (name, n))
            tap.ok(not any(map(is_from_the_beginning,
                               asked(archive, before))),
                   "%s: and no start reads all again" % name)
            tap.equal(pair.stop(), 0, "%s: the service ends well" % name)


def interrupted():
    """stamps of the last result before a kill"""
    for name, shown, true in STAMPS:
        with Site() as site:
            archive = dated(shown, true, PAGE - 1)
            reached = threading.Event()

            def silent(query, page, reached=reached):
                if query.after:
                    page.silent = True
                    reached.set()
            archive.fault = silent
            pair = Pair(site, archive, online=False)
            pair.accept()
            with pair.conn.serving():
                tap.ok(reached.wait(15 * wait.PATIENCE),
                       "%s: the second page is asked for" % name)
                pair.service.until_row("SELECT 1 FROM position")
                pair.service.kill()
            archive.fault = None
            pair.service.start()
            pair.come()
            complete(pair, ["line %d" % n for n in range(COUNT)],
                     "%s at the end of a first page: the rest is there"
                     % name)
            tap.equal(pair.stop(), 0, "%s: the service ends well" % name)


def nested(n, depth):
    """The message itself is the first level."""
    return line(n, "deep line %d" % n, "<x xmlns='urn:deep'>" + "<a>" *
                (depth - 2) + "</a>" * (depth - 2) + "</x>")


def big(n):
    return line(n, "big line %d" % n, "<x xmlns='urn:big'>" + (
        "<y>" + "z" * 65000 + "</y>") * 180 + "</x>")


# name, what makes it, whether a live stream would take it whole
BEYOND = [
    ("61 deep", lambda n: nested(n, 61), True),
    ("300 deep", lambda n: nested(n, 300), False),
    ("of 11 MB", big, False),
]
# A page's end, a page's beginning, the archive's end.
PLACES = (PAGE - 1, PAGE, COUNT - 1)


def beyond():
    """messages beyond the limits"""
    for name, make, is_kept in BEYOND:
        with Site() as site:
            archive = mam.Archive(JID, PAGE)
            for n in range(COUNT):
                archive.add(make(n) if n in PLACES else line(n))
            want = ["line %d" % n for n in range(COUNT) if n not in PLACES]
            if is_kept:
                want += ["deep line %d" % n for n in PLACES]
            pair = Pair(site, archive, online=False)
            pair.accept()
            passed(pair, name)
            kept = apart(pair)
            complete(pair, want, "%s: what is around is there, once" % name)
            tap.equal(len(kept), 0 if is_kept else len(PLACES),
                      "%s: kept %s" % (name, "whole" if is_kept else
                                       "in part, each of them"))
            # They lie within what each start reads again.
            for _ in range(2):
                pair.service.kill()
                pair.service.start()
                pair.accept()
                passed(pair, name)
            complete(pair, want, "%s: read again it adds no message" % name)
            tap.equal(len(apart(pair)), len(kept),
                      "%s: and nothing that is kept apart" % name)
            tap.equal(pair.stop(), 0, "%s: the service ends well" % name)


def apart(pair):
    """What was kept apart, in order."""
    return [raw for raw, in pair.service.rows(
        "SELECT raw FROM forged ORDER BY id")]


def passed(pair, name):
    """The catch-up comes to its end, though not for ever."""
    with pair.conn.serving():
        try:
            pair.service.until(JID, lambda s: s["state"] == "online", 10,
                               "end of the catch-up")
            is_passed = True
        except wait.Timeout:
            is_passed = False
    tap.ok(is_passed, "%s: the catch-up goes on behind it" % name)


def forged():
    """a forged carbon in an archive"""
    inner = stanza.message(JID, "forged words", from_="nurse@x.example/k")
    with Site() as site:
        archive = mam.Archive(JID, PAGE)
        for n in range(COUNT):
            archive.add(carbon(JID, inner, from_=EVE) if n in PLACES
                        else line(n))
        pair = Pair(site, archive, online=False)
        pair.accept()
        passed(pair, "a forged carbon")
        want = ["line %d" % n for n in range(COUNT) if n not in PLACES]
        kept = apart(pair)
        complete(pair, want, "what is around is there, once")
        tap.equal(len(kept), len(PLACES), "each forgery is kept apart")
        for _ in range(3):
            pair.restart()
        tap.equal(len(apart(pair)), len(kept),
                  "read three times more: kept once")
        tap.equal(pair.service.json("search", "forged"), [],
                  "and no search finds it")
        tap.equal(pair.stop(), 0, "the service ends well")


tap.main(stamps, interrupted, beyond, forged)
