#!/usr/bin/env python3
"""A disk that is full for a while.

Nothing that was read is lost and nothing is acknowledged by it: the account
is `paused`, says why, and goes on by itself once there is room.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import tap  # noqa: E402
from lab.pair import JID, Pair  # noqa: E402
from lab.site import Site  # noqa: E402

COUNT = 50


def full():
    """full disk"""
    with Site() as site:
        pair = Pair(site)
        pair.say("room enough", id="before")
        pair.heard("room")
        pair.service.child.file_limit(4096)
        with pair.conn.serving():
            for n in range(COUNT):
                pair.say("crowded %d" % n, id="c%d" % n)
            got = pair.service.until(JID, lambda s: s["state"] == "paused",
                                     10, "paused account")
            tap.ok(got["error"], "the account is paused, with a reason")
            tap.note(got["error"])
            tap.equal(len(pair.service.json("search", "room")), 1,
                      "what was archived can be read meanwhile")
            tap.equal(pair.service.run("status", "--wait", "online",
                                       "--timeout", "0").status, 3,
                      "it is not online")
            pair.service.child.file_limit(None)
            pair.service.wait("online")
            got = pair.service.messages("--oldest-first", "crowded",
                                        count=COUNT)
            tap.equal([m["stanza_id"] for m in got],
                      ["c%d" % n for n in range(COUNT)],
                      "with room again, all that was read is there, once")
            tap.equal(pair.service.status()[JID]["error"], None,
                      "and the error is gone")
            tap.equal(pair.service.stop(), 0, "the service ends well")


def unwritable():
    """no place for an archive"""
    with Site() as site:
        pair = Pair(site)
        with pair.conn.serving():
            pair.service.stop()
        service = pair.service
        got = service.run("-f", "/dev/null/archive.db", "run")
        tap.equal(got.status, 3, "an archive that cannot be made: 3")
        tap.like(got.err, "/dev/null/archive.db", "it is named")
        foreign = site.write("foreign.db", "This is not an archive.\n" * 100)
        got = service.run("-f", foreign, "run")
        tap.equal(got.status, 3, "a file that is no archive: 3")
        tap.like(got.err, foreign, "it is named")
        with open(foreign, encoding="utf-8") as f:
            tap.ok(f.read().startswith("This is not"), "and left alone")


tap.main(full, unwritable)
