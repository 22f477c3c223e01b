#!/usr/bin/env python3
"""The command line, as people and scripts use it: the real program over an
archive that fill.c has written."""

import datetime
import os
import re
import signal
import subprocess

from program import PATIENCE, PROGRAM, environment, main, tap, terminal


def bodies(result):
    return [m["bodies"][0]["text"] for m in result.json]


def options(case):
    """Where options may stand, and what is a query."""
    run = case.run
    two = ["Shall we have dinner?", "Dinner it is"]
    rows = [
        # words, bodies (None: not looked at), status
        (["search", "dinner", "with:romeo@example.net"], two[::-1], 0),
        (["search", "--oldest-first", "dinner", "with:romeo@example.net"],
         two, 0),
        (["search", "-n", "1", "dinner"], ["dinner in the orchard"], 0),
        (["search", "-n1", "dinner"], ["dinner in the orchard"], 0),
        (["search", "dinner", "-n", "1"], ["dinner in the orchard"], 0),
        (["search", "--oldest-first", "-n", "1", "dinner"],
         ["Shall we have dinner?"], 0),
        (["search", "dinner", "-from:romeo@example.net",
          "with:romeo@example.net"], ["Dinner it is"], 0),
        (["search", "dinner", "-orchard", "-from:me"],
         ["Shall we have dinner?"], 0),
        (["search", "--", "dinner", "-orchard", "-from:me"],
         ["Shall we have dinner?"], 0),
        (["search", "--", "dinner", "--count"], [], 1),
        (["search", "dinner", "-a", "tybalt@example.org"], [], 1),
        (["search", "tybalt", "--account=tybalt@example.org"],
         ["turn thee, Tybalt"], 0),
        (["search", "thee", "-a", "TYBALT@example.org", "-a",
          "juliet@example.com"], ["turn thee, Tybalt"], 0),
        (["search", "nothing-like-this"], [], 1),
        (["search", "!!!"], [], 1),
        (["search", "--literal", "from:romeo"], [], 1),
        (["search", "-x5", "dinner"], None, 0),
    ]
    for words, want, status in rows:
        got = run("--format", "json", *words)
        name = " ".join(words)
        tap.equal(got.status, status, "%s: exit status" % name)
        if want is not None:
            tap.equal(bodies(got), want, name)
        tap.equal(got.err, "", "%s: nothing is said" % name)
    tap.equal(run("search", "--format=json", "-n", "1", "dinner").json[0]
              ["kind"], "message", "an option with = behind the verb")
    tap.equal(run("search", "dinner", "--format", "json").json[0]["kind"],
              "message", "an option behind the query")
    for word in ("-- dinner", "--- dinner", "--dinner, he said", "--, dinner"):
        got = run("search", word, "--format", "json", "he")
        tap.equal((got.status, got.err), (1, ""), "%s: is text" % word)
    tap.equal(run("search", "-- dinner", "--count").out, "3\n",
              "-- dinner, pasted as one word")
    tap.equal(run("search", "--dinner=x").status, 2,
              "a misspelt option is none")
    tap.equal(run("search", "dinner", "--format", "json", "--format-version",
                  "1").json[0]["kind"], "message", "--format-version 1")


def usage(case):
    run = case.run
    rows = [
        ([], 2, "usage:"),
        (["nosuch"], 2, "nosuch: no such command"),
        (["--nosuch", "search", "x"], 2, "--nosuch: unknown option"),
        (["search"], 2, "search: QUERY... is missing"),
        (["search", ""], 2, "search: the query is empty"),
        (["search", " ", "\u3000\t"], 2, "search: the query is empty"),
        (["search", "--literal", ""], 2, "search: the query is empty"),
        (["search", "--count", "--", ""], 2, "search: the query is empty"),
        (["search", "--nosuch", "x"], 2, "--nosuch: unknown option"),
        (["search", "x", "-n"], 2, "-n: a value is missing"),
        (["search", "x", "-n", "many"], 2, "-n: many is not a number"),
        (["search", "x", "-n", "0"], 2, "-n: 0 is not a number"),
        (["search", "x", "--format"], 2, "--format: a value is missing"),
        (["search", "x", "--format", "xml"], 2,
         "--format: xml is not one of text, json"),
        (["search", "x", "--format-version", "2"], 2,
         "--format-version: 2 is not known here; 1 is"),
        (["status", "--format-version", "0"], 2, "1 is"),
        (["log", "x", "--format-version="], 2, "1 is"),
        (["search", "x", "--color", "pink"], 2, "--color: pink"),
        (["search", "x", "--utc=yes"], 2, "--utc: takes no value"),
        (["search", "x", "-a", "@"], 2, "@: not an account"),
        (["log"], 2, "log: CHAT is missing"),
        (["log", "a", "b"], 2, "log: b: a word too many"),
        (["log", "-x", "romeo"], 2, "-x: unknown option"),
        (["log", "romeo@example.net", "--since", "nonsense"], 2, "--since: "),
        (["show"], 2, "show: ID is missing"),
        (["show", "17"], 1, "17: there is no such message"),
        (["search", "x", "-C"], 2, "-C: unknown option"),
        (["search", "x", "-A3"], 2, "-A: unknown option"),
        (["show", "0000000000000001"], 1, "there is no such message"),
        (["status", "x"], 2, "status: x: a word too many"),
        (["status", "--wait", "asleep"], 2, "--wait: asleep is not a state"),
        (["status"], 3, "no service is running"),
        (["status", "--format", "json"], 3, "no service is running"),
        (["reload"], 3, "no service is running"),
        (["presence", "@"], 2, "@: not an address"),
        (["presence", "nobody@example.net"], 1, ""),
    ]
    for words, status, part in rows:
        got = run(*words)
        name = "backscroll " + " ".join(words)
        tap.equal(got.status, status, "%s: exit status" % name)
        tap.equal(got.out, "", "%s: nothing on standard output" % name)
        tap.like(got.err, part, "%s: the reason" % name)
        if part and words:
            tap.ok(got.err.startswith("backscroll: "),
                   "%s: says who speaks" % name)


def helps(case):
    verbs = ["search", "log", "show", "chats", "presence", "export",
             "status", "reload", "run", "check"]
    overview = case.run("help", archive=False)
    tap.equal(overview.status, 0, "help: exit status")
    listed = overview.out.split("\nOptions")[0]
    tap.equal(re.findall(r"^  (\w+)", listed, re.M), verbs,
              "help lists the commands that there are")
    tap.equal(case.run("--help", archive=False).out, overview.out,
              "--help is help")
    for verb in verbs:
        got = case.run("help", verb, archive=False)
        tap.equal(got.status, 0, "help %s: exit status" % verb)
        tap.ok(got.out.startswith("usage: backscroll %s " % verb),
               "help %s: usage" % verb)
        tap.equal(len(re.findall("^  .*backscroll.*%s" % verb, got.out,
                                 re.M)) >= 2, True,
                  "help %s: two examples" % verb)
        tap.equal(case.run(verb, "--help", archive=False).out, got.out,
                  "%s --help is help %s" % (verb, verb))
    tap.like(case.run("help", "search", archive=False).out, "from:",
             "help search knows the query's prefixes")
    tap.equal(case.run("help", "nosuch", archive=False).status, 2,
              "help of what is not there")
    version = case.run("--version", archive=False)
    tap.ok(re.match(r"backscroll \d+\.\d+", version.out),
           "--version prints it")
    tap.equal(case.run("search", "--version", archive=False).out,
              version.out, "also behind a verb")


def queries(case):
    rows = [
        ("dinner (from:romeo", 7), ('say "good', 4), ("is:purple", 0),
        ("dinner after:nonsense", 7), ("日本 (x", 5),
    ]
    for query, column in rows:
        got = case.run("search", query)
        tap.equal(got.status, 2, "%s: exit status" % query)
        lines = got.err.split("\n")
        tap.ok(lines[0].startswith("backscroll: query: "),
               "%s: the reason" % query)
        tap.equal(lines[1], "    " + query, "%s: the query" % query)
        tap.equal(lines[2], " " * (4 + column) + "^",
                  "%s: a caret under the place" % query)


def reading(case):
    run = case.run
    got = run("search", "--count", "dinner")
    tap.equal((got.status, got.out), (0, "3\n"), "--count")
    got = run("search", "--count", "nothing-like-this")
    tap.equal((got.status, got.out), (1, "0\n"), "--count of nothing")
    got = run("search", "--count", "-n", "2", "dinner")
    tap.equal(got.out, "2\n", "--count of at most two")

    got = run("log", "romeo@example.net", "--format", "json")
    tap.equal(got.status, 0, "log: exit status")
    texts = bodies(got)
    tap.equal(texts[:3], ["Shall we have dinner?", "Dinner it is",
                          "at the balconi"], "log: oldest first")
    tap.ok("turn thee, Tybalt" in texts,
           "log: what several accounts hold is shown together")
    edited = got.json[2]
    tap.equal([v["bodies"][0]["text"] for v in edited.get("versions", [])],
              ["at the balcony"], "log: a correction is a later version")
    tap.equal(len(texts), 6, "log: each message once")
    tap.equal(got.json[1].get("reactions", [{}])[0].get("emojis"), ["❤"],
              "log: a reaction is with its message")
    text = run("log", "romeo@example.net")
    tap.like(text.out, "at the balcony (edited)", "log: marked edited")
    tap.like(text.out, "[tybalt@example.org] turn thee",
             "log: accounts named where several hold it")
    tap.ok("[" not in run("log", "orchard").out.split("\n", 1)[1],
           "log: and not where one does")
    tap.ok("balconi" not in text.out, "log: the last version is shown")
    tap.like(text.out, "[cs] Dobrou noc", "log: languages of two bodies")
    tap.ok("\x1b" not in text.out, "log: no control character comes through")
    tap.like(text.out, "── Friday 20 November 2026 ──", "log: days")
    tap.like(text.out, "Montague", "log: names from the roster")
    last = run("log", "romeo@example.net", "-n", "2", "--format", "json")
    tap.equal([m["id"] for m in last.json],
              [m["id"] for m in got.json[-2:]], "log -n: the last two")
    tap.equal(run("log", "romeo@example.net", "-n", "100", "--format",
                  "json").out, got.out, "log -n: not more than there are")
    tap.ok("[" not in run("log", "rosaline@example.net").out,
           "log: one account has messages")
    tap.like(run("log", "rosaline@example.net", "--all").out,
             "[tybalt@example.org] is composing",
             "log --all: accounts named where several have records")
    each = run("log", "romeo@example.net", "--all").out
    tap.ok("at the balconi (edited later)" in each and
           "at the balcony" in each, "log --all: each version by itself")
    tap.ok(len(run("log", "romeo@example.net", "--all", "--format",
                   "json").json) > len(got.json),
           "log --all: each record by itself")
    tap.equal(run("log", "romeo@example.net", "--since", "2026-11-21").status,
              1, "log --since: after the last")
    tap.equal(bodies(run("log", "romeo@example.net", "--until",
                         "2026-11-20T10:01", "--format", "json"))[-1],
              "Dinner it is", "log --until: to the end of that minute")
    raw = run("log", "romeo@example.net", "-n", "1", "--raw", "--format",
              "json").json[0]
    tap.ok(raw["xml"].startswith("<message "), "log --raw: the stanza")
    tap.ok(re.search(r"^[0-9a-f]{16} \d\d:\d\d ", run(
        "log", "romeo@example.net", "--ids").out, re.M), "log --ids")

    m = got.json[0]
    one = run("show", m["id"])
    tap.equal(one.status, 0, "show: exit status")
    for part in (m["id"], "Shall we have dinner?", "romeo@example.net/orchard",
                 "s1"):
        tap.like(one.out, part, "show: %s" % part)
    tap.ok(run("show", "--raw", m["id"]).out.startswith("<message "),
           "show --raw: its XML")
    tap.equal(run("show", "--format", "json", m["id"]).json[0]["id"], m["id"],
              "show: json")


def forged(case):
    """What is kept apart is nowhere but where it is asked for."""
    run = case.run
    tap.equal(run("search", "--count", "trust").status, 1,
              "forged: not among messages")
    got = run("search", "is:forged", "--format", "json")
    tap.equal(got.status, 0, "is:forged: exit status")
    m = got.json[0]
    tap.equal([m.get(k) for k in ("type", "chat", "stanza_id", "lang",
                                  "forged", "direction")],
              ["chat", "mallory@example.net", "f1", "en",
               "carbon: not from the own account", "in"],
              "is:forged: what it says of itself, and why it is none")
    tap.equal(m["id"], "%016x" % int(datetime.datetime.fromisoformat(
        m["received"].replace("Z", "+00:00")).timestamp() * 1000000),
        "is:forged: the id is the time")
    for query in ("dinner", "type:chat", "from:mallory@example.net",
                  "with:mallory", "stanza:f1", "lang:en", "is:in",
                  "date:2026-11-20", "id:" + m["id"]):
        tap.equal(run("search", "--count", "is:forged", query).out, "1\n",
                  "is:forged %s" % query)
    tap.equal(run("search", "--count", "is:forged", "is:out").status, 1,
              "is:forged is:out")
    one = run("show", m["id"])
    tap.equal(one.status, 0, "show: opens what is forged")
    tap.like(one.out, "carbon: not from the own account", "show: and says so")
    tap.ok(run("show", "--raw", m["id"]).out.startswith("<message "),
           "show --raw: its XML")


def chats(case):
    run = case.run
    got = run("chats", "--format", "json")
    tap.equal(got.status, 0, "chats: exit status")
    tap.equal(got.json[0]["chat"], "bot@example.net",
              "chats: newest activity first")
    kinds = {c["chat"]: c["chat_kind"] for c in got.json}
    tap.equal(kinds["orchard@conference.example.com"], "room",
              "chats: a room")
    tap.equal(kinds["orchard@conference.example.com/Nurse"], "private",
              "chats: private messages in it")
    some = run("chats", "--format", "json", "dinner")
    tap.equal([c["chat"] for c in some.json],
              ["orchard@conference.example.com", "romeo@example.net"],
              "chats QUERY: those with a match")
    tap.equal(run("chats", "").out, run("chats").out,
              "chats QUERY: an empty one is none")
    tap.equal(run("chats", "nothing-like-this").status, 1,
              "chats QUERY: none")
    rows = [
        ("rosa", 0), ("rosaline@example.net", 0), ("Montague", 0),
        ("MONT", 0), ("orchard", 0), ("Nurse", 0), ("no-such", 1),
        ("example.net", 2), ("o", 2),
        ("ORCHARD@conference.example.com", 0),
        ("orchard@conference.example.com/Nurse", 0),
    ]
    for word, status in rows:
        got = run("log", word, "--format", "json")
        tap.equal(got.status, status, "log %s: exit status" % word)
    tap.equal({m["chat"] for m in run("log", "orchard", "--format",
                                      "json").json},
              {"orchard@conference.example.com"},
              "a room wins over the private messages in it")
    got = run("-q", "log", "example.net")
    tap.like(got.err, "rosaline@example.net", "an ambiguous name lists")
    tap.like(got.err, "romeo@example.net (Montague)", "what it could be")


def exports(case):
    run = case.run
    got = run("export", "--format", "json", "--presence", "-chat:x",
              "-from:bot@example.net")
    tap.equal(got.status, 0, "export: exit status")
    kinds = [m["kind"] for m in got.json]
    tap.equal(kinds.count("presence"), 2, "export --presence")
    times = [m["time"] for m in got.json]
    tap.equal(times, sorted(times), "export: in order of time")
    tap.ok(all("xml" in m for m in got.json if m["kind"] == "message"),
           "export: json always has the stanza")
    tap.ok(any("reacts" in m for m in got.json),
           "export: json has records without text")
    tap.equal([[v["bodies"][0]["text"] for v in m.get("versions", [])]
               for m in got.json if "balcon" in str(m.get("bodies"))],
              [["at the balcony"], []],
              "export: a corrected message has its versions")
    path = os.path.join(case.home, "out.jsonl")
    with open(path, "w") as f:
        f.write("old")
    os.chmod(path, 0o644)
    got = run("export", "--format", "json", "-o", path, "dinner")
    with open(path) as f:
        tap.equal(len(f.read().splitlines()), 3, "export -o: the file")
    tap.equal((got.status, got.out), (0, ""), "export -o: nothing else")
    tap.equal(os.stat(path).st_mode & 0o777, 0o600, "export -o: its mode")
    tap.equal([n for n in os.listdir(case.home) if n.startswith("out.")],
              ["out.jsonl"], "export -o: nothing is left beside it")
    got = run("export", "--format", "json", "-o", path, "is:purple")
    tap.equal(got.status, 2, "export -o: a wrong query")
    with open(path) as f:
        tap.equal(len(f.read().splitlines()), 3,
                  "export -o: leaves the old file")
    got = run("export", "--format", "json", "-o", path, "nothing-like-this")
    tap.equal(got.status, 1, "export -o: nothing matched")
    with open(path) as f:
        tap.equal(len(f.read().splitlines()), 3,
                  "export -o: nothing matched leaves the old file")
    other = os.path.join(case.home, "none.jsonl")
    run("export", "--format", "json", "-o", other, "nothing-like-this")
    tap.ok(not os.path.exists(other), "export -o: and makes no empty one")
    tap.equal(run("export", "-o", "-", "dinner").out,
              run("export", "dinner").out, "export -o -: standard output")
    tap.ok(not os.path.exists(os.path.join(case.home, "-")),
           "export -o -: no file")
    tap.equal(run("export", "-o", "/nonexistent/x", "dinner").status, 3,
              "export -o: where nothing can be written")
    link = os.path.join(case.home, "link.jsonl")
    os.symlink(path, link)
    run("export", "--format", "json", "-o", link, "balcony")
    tap.ok(os.path.islink(link), "export -o: a link stays one")
    with open(path) as f:
        tap.equal(len(f.read().splitlines()), 1,
                  "export -o: and its file is written")
    got = run("export", "-o", "/dev/null", "dinner")
    tap.equal(got.status, 3, "export -o: no device is renamed over")
    tap.like(run("export", "dinner").out, "Dinner it is", "export as text")
    got = run("export", "--all", "with:romeo@example.net")
    tap.like(got.out, "corrects ", "export --all as text: each record")
    tap.ok("<message" not in got.out, "export --all as text: no XML")
    tap.like(run("export", "--all", "--raw", "dinner").out, "<message",
             "export --raw as text: the XML")

    got = run("presence", "--format", "json")
    tap.equal([p["type"] for p in got.json], ["available", "unavailable"],
              "presence: oldest first")
    p = got.json[0]
    tap.equal((p["show"], p["priority"], p["statuses"]),
              ("away", 5, [{"lang": "en", "text": "in the garden"}]),
              "presence: what it says")
    tap.equal(len(run("presence", "romeo@example.net", "--format",
                      "json").json), 2, "presence of a bare address")
    tap.equal(run("presence", "romeo@example.net/other").status, 1,
              "presence of another resource")
    tap.equal(len(run("presence", "--until", "2026-11-20", "--format",
                      "json").json), 1, "presence --until")
    tap.like(run("presence").out, "in the garden", "presence as text")


def files(case):
    """Which archive is meant."""
    run = case.run
    got = run("search", "dinner", archive=False)
    tap.equal(got.status, 3, "no archive: exit status")
    for words in (["search", "is:purple"], ["search", ""],
                  ["chats", "(a"], ["export", "from:"],
                  ["log", "romeo", "--since", "nonsense"],
                  ["presence", "--until", "nonsense"]):
        tap.equal(run(*words, archive=False).status, 2,
                  "no archive: %s is wrong all the same" % " ".join(words))
    tap.like(got.err, "backscroll/archive.db: there is no archive",
             "no archive: which")
    tap.like(got.err, "`backscroll run`", "no archive: what to do")
    tap.equal(run("search", "--count", "dinner", archive=False,
                  BACKSCROLL_ARCHIVE=case.archive).out, "3\n",
              "the archive by the environment")
    conf = os.path.join(case.home, "b.conf")
    with open(conf, "w") as f:
        f.write("account 'x@y' {\n  password-file = '/nowhere'\n}\n"
                "archive = 'a.db'\n")
    tap.equal(run("-c", conf, "search", "--count", "dinner",
                  archive=False).out, "3\n",
              "the archive by the configuration, no secret read")
    tap.equal(run("search", "--count", "dinner", archive=False,
                  BACKSCROLL_CONFIG=conf).out, "3\n",
              "the configuration by the environment")
    with open(conf, "w") as f:
        f.write("\narchive = \"a.db\n")
    got = run("-c", conf, "search", "dinner", archive=False)
    tap.equal(got.status, 2, "a wrong configuration: exit status")
    tap.like(got.err, "backscroll: %s:2: " % conf,
             "a wrong configuration: file and line")
    tap.equal(run("-c", "/nonexistent", "search", "x", archive=False).status,
              2, "a configuration that is not there")
    tap.equal(run("-f", "/etc/passwd", "search", "x",
                  archive=False).status, 3, "a file that is no archive")
    fifo = os.path.join(case.home, "fifo")
    os.mkfifo(fifo)
    for path in (case.home, fifo, "/dev/null"):
        got = run("-f", path, "search", "x", archive=False)
        tap.equal(got.status, 3, "%s is no archive" % path)
        tap.like(got.err, "%s: not an archive: it is no regular file" % path,
                 "%s is no archive: said" % path)


def pipes(case):
    """Readers that go away, and those who interrupt."""
    command = "%s -f %s search beep | head -n 1; echo ${PIPESTATUS[0]}" % (
        PROGRAM, case.archive)
    p = subprocess.run(["bash", "-c", command], env=environment(case.home),
                       capture_output=True, timeout=PATIENCE)
    lines = p.stdout.decode().splitlines()
    tap.equal(lines[-1], "0", "head ends it with 0")
    tap.equal(p.stderr, b"", "and quietly")

    p = subprocess.Popen([PROGRAM, "-f", case.archive, "search", "beep"],
                         env=environment(case.home),
                         stdout=subprocess.PIPE)
    p.stdout.read(1)
    p.send_signal(signal.SIGTERM)
    p.stdout.close()
    status = p.wait(PATIENCE)
    tap.ok(status in (-signal.SIGTERM, 0), "SIGTERM ends it by the signal")

    with open("/dev/full", "w") as full:
        p = subprocess.run([PROGRAM, "-f", case.archive, "search", "beep"],
                           env=environment(case.home), stdout=full,
                           stderr=subprocess.PIPE, timeout=PATIENCE)
    tap.equal(p.returncode, 3, "a full disk is no reader that went away")
    tap.like(p.stderr.decode(), "No space left", "and it is said")


def terminals(case):
    words = ["log", "romeo@example.net"]
    status, out = terminal(case, words, PAGER="sed 's/^/page: /'")
    tap.equal(status, 0, "a pager: exit status")
    tap.ok(all(line.startswith("page: ") for line in out.splitlines()),
           "a terminal gets $PAGER")
    status, out = terminal(case, words, PAGER="false",
                           BACKSCROLL_PAGER="sed 's/^/own: /'")
    tap.ok(out.startswith("own: "), "$BACKSCROLL_PAGER comes first")
    status, out = terminal(case, words, PAGER="echo $LESS $LESSCHARSET #")
    tap.equal(out, "FRX utf-8\n", "LESS and LESSCHARSET are set")
    status, out = terminal(case, words, LESS="M", PAGER="echo $LESS #")
    tap.equal(out, "M\n", "unless they are")
    status, out = terminal(case, words + ["--no-pager"], PAGER="false")
    tap.like(out, "\x1b[", "a terminal gets colour")
    tap.ok("page: " not in out and "dinner" in out, "--no-pager")
    status, out = terminal(case, words, PAGER="cat", NO_COLOR="1")
    tap.ok("\x1b" not in out, "NO_COLOR")
    status, out = terminal(case, words + ["--color=never"], PAGER="cat")
    tap.ok("\x1b" not in out, "--color never")
    status, out = terminal(case, words, PAGER="cat", TERM="dumb")
    tap.ok("\x1b" not in out, "a dumb terminal has no colour")
    tap.like(case.run(*words, "--color", "always", NO_COLOR="1").out,
             "\x1b[", "--color always, also into a pipe")
    status, out = terminal(case, words, PAGER="no-such-pager")
    tap.equal(status, 3, "a pager that is not there")
    for before, behind in ((0, 100), (100, 0), (100, 100), (30, 30),
                           (54, 0)):
        query = "b" * before + " is:purple " + "x" * behind
        status, out = terminal(case, ["search", "'%s'" % query])
        lines = out.split("\n")
        name = "a query of %d + %d at 60 columns" % (before, behind)
        at = next(i for i, s in enumerate(lines) if s.strip() == "^")
        line, caret = lines[at - 1], lines[at].index("^")
        tap.ok(len(line) <= 60 and caret < 60, name + ": fits")
        tap.equal(line[caret:caret + 3], "is:", name + ": the caret's place")
    status, out = terminal(case, ["search", "nothing-like-this"], PAGER="cat")
    tap.equal(status, 1, "nothing found at a terminal")


main(options, usage, helps, queries, reading, forged, chats, exports, files,
     pipes, terminals)
