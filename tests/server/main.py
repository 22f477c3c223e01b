#!/usr/bin/env python3
"""The main job: four accounts on two kinds of real servers, in one service.

On each server two accounts are archived, one by STARTTLS and one by direct
TLS, and their owners' phones talk: chat and normal messages in two languages
with a thread, a headline and an error to the archiver's own full JID, presence
that changes. Then every reading command must return exactly that.
"""

import datetime
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import stanza, tap  # noqa: E402
from lab.client import Client  # noqa: E402
from lab.ejabberd import Ejabberd  # noqa: E402
from lab.prosody import Prosody  # noqa: E402
from lab.service import Service, account  # noqa: E402
from lab.site import Site  # noqa: E402
from lab.stanza import matches, q  # noqa: E402

CHAT = [("en", "The lark is singing"), ("cs", "Skřivan zpívá")]
NORMAL = [("en", "It was the nightingale"), ("cs", "Byl to slavík")]
SUBJECTS = [("en", "Birds"), ("cs", "Ptáci")]
AWAY = [("en", "in the orchard"), ("cs", "v sadu")]


def parts(pairs):
    return [{"lang": lang, "text": text} for lang, text in pairs]


def plain(text):
    """A body that inherits its language from the sender's stream."""
    return [{"lang": "en", "text": text}]


class Household:
    """One server, two archived accounts, their phones, what was said."""

    def __init__(self, site, kind, domain):
        self.server = kind(site, domain, {"juliet": "one", "romeo": "two"})
        self.kind = self.server.kind
        self.domain = domain
        self.juliet = "juliet@" + domain
        self.romeo = "romeo@" + domain
        self.archiver = self.juliet + "/archive"

    def accounts(self):
        return [account(self.server, "juliet", resource="archive"),
                account(self.server, "romeo", tls="direct",
                        resource="archive")]

    def befriend(self):
        """Before the archivers are there: a roster is old news to them."""
        with Client(self.juliet, "one", self.server) as j, \
                Client(self.romeo, "two", self.server) as r:
            j.online()
            r.online()
            j.befriend(r, name="Romeo Montague")
            r.iq("set", "<query xmlns='%s'><item jid='%s' name='Juliet'/>"
                 "</query>" % (stanza.ROSTER, self.juliet))

    def talk(self):
        with Client(self.juliet + "/phone", "one", self.server) as j, \
                Client(self.romeo + "/phone", "two", self.server) as r:
            j.online()
            j.carbons()
            r.online()
            j.expect(matches("presence", from_=r.jid))
            r.message(self.juliet, bodies=CHAT, id="chat-1", thread="birds",
                      parent="morning")
            j.expect(matches("message", id="chat-1"))
            j.message(r.jid, bodies=NORMAL, subjects=SUBJECTS, type="normal",
                      id="normal-1", thread="birds")
            r.expect(matches("message", id="normal-1"))
            r.message(self.archiver, "Banished!", subject="News",
                      type="headline", id="headline-1")
            r.message(self.archiver, "Stay, Friar", type="error", id="error-1",
                      extra=stanza.error("service-unavailable",
                                         text="no friar here"))
            r.presence(show="away", statuses=AWAY, priority=3)
            j.expect(matches("presence", from_=r.jid,
                             has=q(stanza.CLIENT, "show")))
            r.presence(show="dnd")
            r.sync()
        self.away = "romeo@%s/phone" % self.domain


def near_now(text):
    """Written within the last two minutes, in UTC."""
    stamp = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    age = datetime.datetime.now(datetime.timezone.utc).replace(
        tzinfo=None) - stamp
    return abs(age.total_seconds()) < 120


def facts(message, *keys):
    return {k: message.get(k) for k in keys}


def check_messages(service, h):
    of = ("-a", h.juliet, "search", "--oldest-first")
    # A headline and an error are in no archive: they came live or not at all.
    got = service.messages("-a", h.juliet, "*", count=4, within=20)
    tap.equal(sorted(m.get("stanza_id", "") for m in got),
              ["chat-1", "error-1", "headline-1", "normal-1"],
              "%s: juliet's messages, each exactly once" % h.kind)
    by_id = {m.get("stanza_id"): m for m in got}
    chat, normal, headline, error = (by_id.get(i, {}) for i in (
        "chat-1", "normal-1", "headline-1", "error-1"))
    tap.equal(facts(chat, "kind", "account", "chat", "type", "direction",
                    "from", "bodies", "subjects", "thread", "parent_thread"),
              {"kind": "message", "account": h.juliet, "chat": h.romeo,
               "type": "chat", "direction": "in", "from": h.away,
               "bodies": parts(CHAT), "subjects": None, "thread": "birds",
               "parent_thread": "morning"},
              "%s: the chat message in two languages, with its thread"
              % h.kind)
    tap.ok(chat and near_now(chat["time"]) and near_now(chat["received"]),
           "%s: it has the time of now" % h.kind)
    tap.ok([a for a in chat.get("archive_ids", ())
            if a["by"] == h.juliet and a["id"]],
           "%s: and the id that juliet's archive gave it" % h.kind)
    tap.equal(facts(normal, "chat", "type", "direction", "from", "to",
                    "bodies", "subjects", "thread"),
              {"chat": h.romeo, "type": "normal", "direction": "out",
               "from": h.juliet + "/phone", "to": h.away,
               "bodies": parts(NORMAL), "subjects": parts(SUBJECTS),
               "thread": "birds"},
              "%s: what juliet's phone sent, with two subjects" % h.kind)
    tap.equal(facts(headline, "chat", "type", "direction", "to", "bodies",
                    "subjects", "source", "sources"),
              {"chat": h.romeo, "type": "headline", "direction": "in",
               "to": h.archiver, "bodies": plain("Banished!"),
               "subjects": plain("News"), "source": "live",
               "sources": ["live"]},
              "%s: the headline to the archiver itself" % h.kind)
    tap.equal(facts(error, "type", "direction", "bodies"),
              {"type": "error", "direction": "in",
               "bodies": plain("Stay, Friar")}, "%s: the error" % h.kind)
    tap.equal(facts(error.get("error", {}), "type", "condition", "text"),
              {"type": "cancel", "condition": "service-unavailable",
               "text": "no friar here"}, "%s: with its condition" % h.kind)

    other = service.messages("-a", h.romeo, "*", count=2, within=20)
    tap.equal(sorted((m.get("stanza_id"), m["direction"], m["chat"])
                     for m in other),
              [("chat-1", "out", h.juliet), ("normal-1", "in", h.juliet)],
              "%s: romeo's two, seen from his side" % h.kind)

    for query, want in (
            ("skrivan", ["chat-1"]), ("lark OR nightingale",
                                      ["chat-1", "normal-1"]),
            ("subject:ptaci", ["normal-1"]), ("type:headline", ["headline-1"]),
            ("thread:birds", ["chat-1", "normal-1"]), ("lang:cs -slavik",
                                                       ["chat-1"]),
            ("stanza:error-1", ["error-1"]),
            ("from:%s" % h.romeo, ["chat-1", "headline-1", "error-1"]),
            ("from:me", ["normal-1"]), ("with:%s banished" % h.romeo,
                                        ["headline-1"]),
            ("after:today \"the lark\"", ["chat-1"])):
        found = service.json(*of, query)
        tap.equal(sorted(m.get("stanza_id", "") for m in found), sorted(want),
                  "%s: search %s" % (h.kind, query))
    tap.equal(service.run(*of, "tybalt").status, 1,
              "%s: nothing found is status 1" % h.kind)
    return by_id


def check_views(service, h, by_id):
    log = service.json("-a", h.juliet, "log", h.romeo)
    tap.equal([m.get("stanza_id") for m in log],
              ["chat-1", "normal-1", "headline-1", "error-1"],
              "%s: log has the conversation in order" % h.kind)
    text = service.run("-a", h.juliet, "log", h.romeo, status=0).out
    tap.ok(all(t in text for t in ("The lark is singing", "Skřivan zpívá",
                                   "Romeo Montague")),
           "%s: and as text, with the roster's name" % h.kind)
    chats = service.json("-a", h.juliet, "chats")
    tap.equal([facts(c, "kind", "account", "chat", "chat_kind", "name",
                     "messages") for c in chats],
              [{"kind": "chat", "account": h.juliet, "chat": h.romeo,
                "chat_kind": "direct", "name": "Romeo Montague",
                "messages": 4}], "%s: chats has one, with four messages"
              % h.kind)
    shown = service.json("show", by_id["chat-1"]["id"])
    tap.equal([facts(m, "id", "bodies", "thread") for m in shown],
              [facts(by_id["chat-1"], "id", "bodies", "thread")],
              "%s: show finds it by its id" % h.kind)
    raw = service.run("show", "--raw", by_id["chat-1"]["id"], status=0).out
    element = stanza.parse(raw.strip())
    tap.equal((element.tag, stanza.bodies(element)),
              (q(stanza.CLIENT, "message"), CHAT),
              "%s: show --raw is the stanza" % h.kind)


def check_presence(service, h):
    got = service.json("-a", h.juliet, "presence", h.romeo)
    mine = [facts(p, "type", "show", "statuses", "priority") for p in got
            if p["from"] == h.away]
    tap.equal(mine, [
        {"type": "available", "show": None, "statuses": None,
         "priority": None},
        {"type": "available", "show": "away", "statuses": parts(AWAY),
         "priority": 3},
        {"type": "available", "show": "dnd", "statuses": None,
         "priority": None},
        {"type": "unavailable", "show": None, "statuses": None,
         "priority": None}],
        "%s: presence has each change, once, in order" % h.kind)
    text = service.run("-a", h.juliet, "presence", h.romeo, status=0).out
    tap.ok("away" in text and "in the orchard" in text and "v sadu" in text,
           "%s: and as text" % h.kind)


def check_export(service, h):
    got = service.json("-a", h.juliet, "export", "--presence")
    messages = [r for r in got if r["kind"] == "message"]
    tap.equal([m.get("stanza_id") for m in messages
               if m.get("bodies") and "xml" in m],
              ["chat-1", "normal-1", "headline-1", "error-1"],
              "%s: export has all messages, oldest first, with their XML"
              % h.kind)
    tap.ok(all(stanza.parse(m["xml"]).tag == q(stanza.CLIENT, "message")
               for m in messages), "%s: which is well-formed" % h.kind)
    tap.ok([r for r in got if r["kind"] == "presence"
            and r.get("show") == "away"], "%s: and presences" % h.kind)
    tap.equal([r["time"] for r in got], sorted(r["time"] for r in got),
              "%s: in order of time" % h.kind)
    return got


def check_status(service, h, exported):
    status = service.status()
    for jid, port in ((h.juliet, h.server.starttls_port),
                      (h.romeo, h.server.direct_port)):
        s = status[jid]
        tap.equal(facts(s, "kind", "state", "error", "server", "carbons",
                        "mam"),
                  {"kind": "account", "state": "online", "error": None,
                   "server": "127.0.0.1:%d" % port, "carbons": True,
                   "mam": stanza.MAM}, "%s: status of %s" % (h.kind, jid))
        tap.ok(s["tls"] == "TLSv1.3" and s["sasl"].startswith("SCRAM-"),
               "%s: by TLS 1.3 and SCRAM" % h.kind)
    s = status[h.juliet]
    tap.equal((s["messages"], s["presences"]),
              tuple(sum(r["kind"] == k for r in exported)
                    for k in ("message", "presence")),
              "%s: status counts what export has" % h.kind)


def main():
    with Site() as site:
        houses = [Household(site, Prosody, "a.example"),
                  Household(site, Ejabberd, "b.example")]
        for h in houses:
            h.befriend()
        service = Service(site, [a for h in houses for a in h.accounts()])
        tap.equal(service.run("status").status, 3,
                  "no service, no status: 3")
        service.start()
        service.wait("online")
        tap.equal(len(service.status()), 4, "four accounts are online")
        for h in houses:
            h.talk()
        for h in houses:
            by_id = check_messages(service, h)
            service.presences("-a", h.juliet, h.romeo, count=4)
            check_views(service, h, by_id)
            check_presence(service, h)
            check_status(service, h, check_export(service, h))
        mode = os.stat(service.archive).st_mode & 0o777
        tap.equal(mode, 0o600, "the archive is nobody else's")
        tap.equal(service.stop(), 0, "SIGTERM ends the service with 0")
        tap.equal(len(service.json("search", "stanza:chat-1")), 4,
                  "the archive can be read when the service is gone")


for needed in (Prosody, Ejabberd):
    tap.need(needed.is_installed(), needed.kind)
tap.main(main)
