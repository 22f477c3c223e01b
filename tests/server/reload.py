#!/usr/bin/env python3
"""reload: accounts come, go and change; those that did not change stay."""

import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import tap, wait  # noqa: E402
from lab.prosody import Prosody  # noqa: E402
from lab.service import Service, account  # noqa: E402
from lab.site import Site  # noqa: E402


def since(service, jid):
    return service.status()[jid]["since"]


def main():
    with Site() as site:
        server = Prosody(site, "a.example", {
            "juliet": "one", "romeo": "two", "nurse": "three"})
        juliet, romeo, nurse = (
            "%s@a.example" % n for n in ("juliet", "romeo", "nurse"))
        service = Service(site, [account(server, "juliet")])
        service.start()
        service.wait("online")
        began = since(service, juliet)

        service.write([account(server, "juliet"), account(server, "romeo")])
        service.run("reload", status=0)
        service.wait("online")
        tap.equal(sorted(service.status()), [juliet, romeo],
                  "a second account comes")
        tap.equal(since(service, juliet), began,
                  "the first one has stayed connected")

        service.write([account(server, "juliet", colour="red")])
        got = service.run("reload")
        tap.equal(got.status, 2, "a wrong configuration: 2")
        tap.like(got.out + got.err, "%s:" % service.config,
                 "and what check would say")
        tap.like(got.out + got.err, "colour", "by its name")
        tap.equal((sorted(service.status()), since(service, juliet)),
                  ([juliet, romeo], began), "it changes nothing")

        service.write([account(server, "juliet"),
                       account(server, "nurse", password_file="wrong")])
        service.run("reload", status=0)
        service.until(nurse, lambda s: s["state"] == "failed")
        tap.equal((sorted(service.status()), since(service, juliet)),
                  ([juliet, nurse], began),
                  "one goes, another comes with a wrong password")

        service.write([account(server, "juliet"), account(server, "nurse")])
        service.child.signal(signal.SIGHUP)
        service.wait("online")
        tap.equal(since(service, juliet), began,
                  "SIGHUP mends the password, and again nobody else notices")

        with open(os.path.join(service.path, "0.password"), "w",
                  encoding="utf-8") as f:
            f.write("one\n")
        service.write([account(server, "juliet", resource="elsewhere"),
                       account(server, "nurse")])
        service.run("reload", status=0)
        wait.until(lambda: since(service, juliet) != began, 10,
                   "a new login of the changed account")
        service.wait("online")
        tap.ok(True, "a changed account logs in anew")

        service.write([])
        got = service.run("reload", status=2)
        tap.ok("no account" in got.err and len(service.status()) == 2,
               "a configuration without an account is as wrong as for check")
        bad = os.path.join(service.path, "bad.pem")
        with open(bad, "w", encoding="utf-8") as f:
            f.write("no certificate\n")
        service.write([account(server, "juliet", ca_file=bad),
                       account(server, "nurse")])
        told = [service.run(verb, status=2).err for verb in ("check", "reload")]
        tap.ok(all("bad.pem" in err for err in told) and
               {s["state"] for s in service.status().values()} == {"online"},
               "a CA file that is none is refused by reload as by check")
        service.write([account(server, "nurse")])
        service.run("reload", status=0)
        wait.until(lambda: len(service.status()) == 1, 10, "one account left")
        tap.ok(True, "an account that is gone from it goes")
        tap.equal(service.stop(), 0, "and ends with 0")


tap.need(Prosody.is_installed(), "prosody")
tap.main(main)
