#!/usr/bin/env python3
"""Logging in: each mechanism, both doors, and every way to fail.

A failure is told in one sentence, with the condition's name or the system's
reason, and leaves the account in the state that says whether it will be tried
again: `failed` for a refused password, `waiting` for the rest.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import certs, tap  # noqa: E402
from lab.ejabberd import Ejabberd  # noqa: E402
from lab.prosody import Prosody  # noqa: E402
from lab.service import Service, account  # noqa: E402
from lab.site import Site, free_port  # noqa: E402

# Passwords that need escaping somewhere on their way. In DIGEST-MD5 ejabberd
# hashes UTF-8 where RFC 2831 (2.1.2.1) wants Latin-1: ASCII alone for that.
PASSWORD = "p<\u00e4>ss & \"w'ord\" =,"
PASSWORDS = {"digest": "p<a>ss & \"w'ord\" =,"}

# name, TLS, how the account is set, what status says of sasl
WAYS = {
    "prosody": [
        ("scram256", "starttls", {}, "SCRAM-SHA-256"),
        ("scram1", "direct", {"mechanisms": ["SCRAM-SHA-1"]}, "SCRAM-SHA-1"),
        ("plain", "starttls", {"mechanisms": ["PLAIN"]}, "PLAIN"),
        ("directplain", "direct", {"mechanisms": ["PLAIN"]}, "PLAIN"),
        ("anytls", "any", {}, "SCRAM-SHA-256"),
        ("old", "starttls", {"mechanisms": [], "legacy_auth": True}, None),
    ],
    "ejabberd": [
        ("scram256", "direct", {}, "SCRAM-SHA-256"),
        ("scram1", "starttls", {"mechanisms": ["SCRAM-SHA-1"]},
         "SCRAM-SHA-1"),
        ("plain", "direct", {"mechanisms": ["PLAIN"]}, "PLAIN"),
        ("digest", "starttls", {"mechanisms": ["DIGEST-MD5"]}, "DIGEST-MD5"),
        ("old", "direct", {"mechanisms": [], "legacy_auth": True}, None),
    ],
}


def mechanisms(kind, domain):
    def case():
        with Site() as site:
            ways = WAYS[kind.kind]
            server = kind(site, domain, {
                w[0]: PASSWORDS.get(w[0], PASSWORD) for w in ways},
                legacy=True)
            service = Service(site, [account(server, name, tls=tls, **options)
                                     for name, tls, options, _ in ways])
            service.start()
            service.wait("online")
            status = service.status()
            for name, tls, _, sasl in ways:
                got = status["%s@%s" % (name, domain)]
                tap.equal((got["state"], got["tls"]), ("online", "TLSv1.3"),
                          "%s: %s by %s" % (kind.kind, name, tls))
                if sasl is not None:
                    tap.equal(got["sasl"], sasl, "%s: %s is told by status"
                              % (kind.kind, sasl))
            tap.equal(service.stop(), 0, "%s: and all leave" % kind.kind)
    case.__doc__ = kind.kind + ": mechanisms"
    return case


def binding(kind, domain):
    """On TLS 1.2 both servers bind SCRAM to the channel by tls-unique."""
    def case():
        with Site() as site:
            server = kind(site, domain, {"strong": PASSWORD}, tls="1.2")
            service = Service(site, [account(server, "strong")])
            service.start()
            service.wait("online")
            got = service.status()["strong@" + domain]
            tap.equal((got["tls"], got["sasl"]),
                      ("TLSv1.2", "SCRAM-SHA-256-PLUS"),
                      "%s: channel binding on TLS 1.2" % kind.kind)
            service.stop()
    case.__doc__ = kind.kind + ": channel binding"
    return case


def told(service, jid, state, part, name, within=30):
    """The account comes to `state`, and its error has `part` in it."""
    got = service.until(jid, lambda s: s["state"] == state and s["error"],
                        within, "%s of %s" % (state, jid))
    tap.ok(True, name)
    tap.ok("\n" not in got["error"], name + ": in one line")
    tap.like(got["error"].lower(), part, name + ": and says why")


def failures():
    """failures"""
    with Site() as site:
        good = Prosody(site, "a.example", {"right": PASSWORD,
                                           "wrong": PASSWORD,
                                           "plainonly": PASSWORD})
        foreign = Prosody(site, "c.example", {"juliet": PASSWORD},
                          certificate=site.ca.issue("other.example"))
        expired = Prosody(site, "d.example", {"juliet": PASSWORD},
                          certificate=site.ca.issue("d.example", days=-1))
        stranger = certs.Authority(site.directory("stranger")).certificate
        closed = "127.0.0.1:%d" % free_port()
        service = Service(site, [
            account(good, "right"),
            account(good, "wrong", password_file="not this"),
            account(good, "nobody", password_file="none"),
            account(good, "plainonly", mechanisms=["EXTERNAL"]),
            account(foreign, "juliet"),
            account(expired, "juliet", tls="direct"),
            account(good, "juliet", jid="untrusted@a.example",
                    password_file="x", ca_file=stranger),
            account(good, "juliet", jid="closed@a.example",
                    password_file="x", server=closed),
            account(good, "juliet", jid="lost@nowhere.invalid",
                    password_file="x", server="nowhere.invalid"),
        ])
        service.start()
        service.wait("online", accounts=["right@a.example"])
        tap.ok(True, "one good account is online beside eight bad ones")
        for jid, state, part, name in (
                ("wrong@a.example", "failed", "not-authorized",
                 "a wrong password fails the account"),
                ("nobody@a.example", "failed", "not-authorized",
                 "an unknown account fails"),
                ("plainonly@a.example", "waiting", "mechanism",
                 "no mechanism that may be used"),
                ("juliet@c.example", "waiting", "certificate",
                 "a certificate for another name"),
                ("juliet@d.example", "waiting", "certificate",
                 "a certificate that has expired"),
                ("untrusted@a.example", "waiting", "certificate",
                 "a certificate of an unknown authority"),
                ("closed@a.example", "waiting", "refused", "a closed port"),
                ("lost@nowhere.invalid", "waiting", "nowhere.invalid",
                 "an unknown host")):
            told(service, jid, state, part, name)
        got = service.run("status", "--wait", "online", "--timeout", "30",
                          "-a", "wrong@a.example")
        tap.equal(got.status, 3, "status --wait ends at once with 3 when an "
                  "account has failed")
        with open(service.log, encoding="utf-8") as f:
            log = f.read()
        tap.ok(PASSWORD not in log and "not this" not in log,
               "no password is in the log")
        tap.equal(service.stop(), 0, "and the service ends with 0")


def check():
    """check"""
    with Site() as site:
        server = Prosody(site, "a.example", {"right": PASSWORD,
                                             "wrong": PASSWORD})
        service = Service(site, [account(server, "right")])
        tap.equal(service.run("check").status, 0, "a good configuration: 0")
        got = service.json("check", "--connect")
        tap.equal([(s["account"], s["state"], s["tls"], s["carbons"],
                    s["mam"]) for s in got],
                  [("right@a.example", "online", "TLSv1.3", True,
                    "urn:xmpp:mam:2")], "check --connect says what it got")
        tap.ok(got and "missing" in got[0],
               "and what is missing for a complete archive")
        text = service.run("check", "--connect", status=0).out
        tap.ok("TLSv1.3" in text and "SCRAM-SHA-256" in text,
               "also in words")
        service.write([account(server, "right"),
                       account(server, "wrong", password_file="no")])
        got = service.run("check", "--connect")
        tap.equal(got.status, 4, "one in and one not: 4")
        tap.like(got.out + got.err, "not-authorized", "and why")
        service.write([account(server, "wrong", password_file="no")])
        tap.equal(service.run("check", "--connect").status, 3,
                  "none in: 3")
        service.write([account(server, "right",
                               server="127.0.0.1:%d" % free_port())])
        got = service.run("check", "--connect")
        tap.equal(got.status, 3, "a closed port: 3")
        tap.like((got.out + got.err).lower(), "refused", "and it is said")

        service.write([account(server, "right", colour="red")])
        got = service.run("check")
        tap.equal(got.status, 2, "an unknown key: 2")
        tap.like(got.out + got.err, "%s:" % service.config,
                 "with file and line")
        tap.like(got.out + got.err, "colour", "and the key's name")
        block = dict(account(server, "right", password_file=None))
        block["password-file"] = "/nonexistent/password"
        service.write([block])
        got = service.run("check")
        tap.equal(got.status, 2, "an unreadable secret: 2")
        service.write([account(server, "right", password_file=None,
                               password="open secret")])
        os.chmod(service.config, 0o644)
        got = service.run("check")
        tap.equal(got.status, 2, "a password that others can read: 2")
        tap.ok("open secret" not in got.out + got.err,
               "and it is not repeated")
        got = service.run("run")
        tap.equal(got.status, 2, "run refuses it too: 2")
        os.unlink(service.config)
        got = service.run("check")
        tap.ok(got.status in (2, 3) and service.config in got.err,
               "no configuration: the file is named")


def second():
    """one service for one archive"""
    with Site() as site:
        server = Prosody(site, "a.example", {"right": PASSWORD})
        service = Service(site, [account(server, "right")])
        service.start()
        service.wait("online")
        got = service.run("run")
        tap.equal(got.status, 3, "a second service on the archive: 3")
        tap.like(got.err, str(service.child.pid), "it names the first")
        tap.equal(service.stop(), 0, "which goes on, and ends well")


for needed in (Prosody, Ejabberd):
    tap.need(needed.is_installed(), needed.kind)
tap.main(mechanisms(Prosody, "a.example"), mechanisms(Ejabberd, "b.example"),
         binding(Prosody, "a.example"), binding(Ejabberd, "b.example"),
         failures, check, second)
