"""pair - a service with one account on a scripted peer, online.

    pair = Pair(site)
    pair.say("hello", id="one")         # from ROMEO to the archiver
    pair.heard("hello")                 # once it is archived
    pair.stop()                         # its exit status

Options are the Peer's; `archive` is what the peer serves, `account` more of
the account's configuration, `roster` {jid: name}.
"""

from . import stanza, wire
from .peer import Peer
from .service import Service, account as account_of

JID = "juliet@p.example"
ROMEO = "romeo@x.example/orchard"
EVE = "eve@e.example/cellar"


class Pair:
    def __init__(self, site, archive=None, account=None, roster=None,
                 online=True, **options):
        self.peer = Peer(site, "p.example", {"juliet": "secret"}, **options)
        self.service = Service(site, [account_of(self.peer, "juliet",
                                                 **(account or {}))])
        self.archive = archive
        self.roster = roster or {"romeo@x.example": "Romeo"}
        self.conn = None
        self.service.start()
        if online:
            self.come()

    def accept(self, within=40):
        """The next login, up to the first presence."""
        self.conn = self.peer.accept(within)
        self.conn.archive = self.archive
        self.conn.roster = self.roster
        self.conn.come_online()
        return self.conn

    def come(self, within=40):
        """The next login, and the catch-up behind it."""
        self.accept(within)
        with self.conn.serving():
            self.service.wait("online")
        return self.conn

    def say(self, body, cut=None, **parts):
        parts.setdefault("from_", ROMEO)
        self.conn.send(stanza.message(self.conn.jid, body, **parts), cut)

    def heard(self, query, count=1):
        """What the archive has for the query, requests answered meanwhile."""
        with self.conn.serving():
            return self.service.messages("--oldest-first", query, count=count)

    def ends(self):
        """The condition of the client's stream error; None if it goes
        without one."""
        try:
            got = self.conn.expect(lambda e: e.tag == stanza.q(
                stanza.STREAM, "error"), 10, "stream error")
        except wire.Closed:
            return None
        return stanza.local(got[0])

    def stop(self):
        """The service's exit status. The peer answers the end of its stream,
        for which it otherwise waits some seconds."""
        with self.conn.serving():
            return self.service.stop()

    def restart(self):
        """The service ends and comes back, with the same archive."""
        status = self.stop()
        self.service.start()
        self.come()
        return status
