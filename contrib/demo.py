#!/usr/bin/env python3
"""demo.py DIRECTORY - what contrib/quickstart shows.

Two accounts on a private Prosody, the archiver logged in to both, and two
people who talk, spoken by the lab's scripted client. The archive and a small
configuration that names it stay in DIRECTORY; everything else goes.
"""

import os
import shutil
import signal
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TOP, "tests"))

from lab import tap, wait  # noqa: E402
from lab.client import Client  # noqa: E402
from lab.prosody import Prosody  # noqa: E402
from lab.service import Service, account, program  # noqa: E402
from lab.site import Site  # noqa: E402
from lab.stanza import matches  # noqa: E402

DOMAIN = "verona.example"
PASSWORDS = {"juliet": "balcony", "romeo": "orchard"}
THREAD = "e0ffe42b28561960c6b12b944a092794b9683a38"
FORWARDED = "0e3141cd80894871a68e6fe6b1ec56fa"

# who, bodies by language, subject, thread, parent
TALK = [
    ("romeo", [("en", "Good evening! Are you at home tonight?"),
               ("cs", "Dobrý večer! Jste dnes večer doma?")], None, None, None),
    ("juliet", [("en", "I am. The orchard gate is open until ten."),
                ("cs", "Jsem. Branka do sadu je otevřená do deseti.")],
     None, None, None),
    ("romeo", [("en", "Shall we have dinner on Friday?"),
               ("cs", "Dáme si v pátek večeři?")],
     [("en", "Dinner"), ("cs", "Večeře")], THREAD, None),
    ("juliet", [("en", "Friday is good. At Lorenzo's?"),
                ("cs", "Pátek se hodí. U Lorenza?")], None, THREAD, None),
    ("romeo", [("en", "I will reserve a table for two."),
               ("cs", "Zamluvím stůl pro dva.")], None, FORWARDED, THREAD),
]


def show(service, *words):
    print("\n$ backscroll " + " ".join(
        "'%s'" % w if not w.replace("-", "").isalnum() else w for w in words),
        flush=True)
    subprocess.run([program(), "-c", service.config, "--no-pager", *words],
                   check=True, env=dict(os.environ, **{
                       k: v for k, v in service.environment.items()
                       if k not in ("TZ", "NO_COLOR", "LC_ALL")}))


def talk(site, server, service):
    people = {}
    for name in ("juliet", "romeo"):
        people[name] = Client("%s@%s/%s" % (name, DOMAIN, PASSWORDS[name]),
                              PASSWORDS[name], server)
    juliet, romeo = people["juliet"], people["romeo"]
    juliet.online()
    romeo.online(statuses=[("en", "in the orchard"), ("cs", "v sadu")])
    juliet.befriend(romeo, name="Romeo", own="Juliet")
    for name, bodies, subjects, thread, parent in TALK:
        other = romeo if name == "juliet" else juliet
        sent = people[name].message(other.jid, bodies=bodies, lang="en",
                                    subjects=subjects, thread=thread,
                                    parent=parent)
        other.expect(matches("message", id=sent))
        if thread is None and name == "juliet":
            romeo.presence(show="away", statuses=[
                ("en", "gone for a walk"), ("cs", "šel se projít")])
            juliet.expect(matches("presence", from_=romeo.jid,
                                  test=lambda p: len(p)))
            romeo.presence(show="chat")
    service.messages("*", count=2 * len(TALK))
    for person in people.values():
        person.close()
    service.presences("romeo@" + DOMAIN, count=4)


def main(directory):
    with Site(prefix="backscroll-demo.") as site:
        server = Prosody(site, DOMAIN, PASSWORDS)
        service = Service(site, [account(server, name)
                                 for name in PASSWORDS])
        service.start()
        service.wait("online")
        talk(site, server, service)
        if service.stop() != 0:
            raise SystemExit("the archiver did not end well")

        os.makedirs(directory, mode=0o700, exist_ok=True)
        kept = os.path.join(directory, "archive.db")
        shutil.copyfile(service.archive, kept + ".new")
        os.chmod(kept + ".new", 0o600)
        for suffix in ("-wal", "-shm"):     # of the one that was there
            if os.path.exists(kept + suffix):
                os.unlink(kept + suffix)
        os.rename(kept + ".new", kept)
        service.archive = kept
        service.config = os.path.join(directory, "backscroll.conf")
        service.write_text("archive = '%s'\n" % kept)

        show(service, "search", "friday")
        show(service, "search", "večeře")
        show(service, "log", "-a", "juliet@" + DOMAIN, "romeo")
        show(service, "presence", "-a", "juliet@" + DOMAIN)
    print("""
The archive is %s. For example:

    %s -c %s search thread:%s
""" % (kept, program(), service.config, THREAD))


if len(sys.argv) != 2:
    sys.exit(__doc__)
signal.signal(signal.SIGINT, lambda number, frame: sys.exit(128 + number))
try:
    main(sys.argv[1])
except wait.Timeout as e:
    tap.note(e)
    sys.exit("demo.py: %s" % e)
