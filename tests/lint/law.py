#!/usr/bin/env python3
"""The laws of the source tree, read from src/README and held by a machine.

Each rule is a function from a tree to a list of complaints "FILE:LINE: what".
The same functions are run over a small tree that breaks every one of them, so
that a rule which no longer sees anything is itself a failure.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))

from lab import tap  # noqa: E402

LINES_MOST = 700
SPEAKERS = ("daemon", "cmd")
PURE = ("xmpp", "xep", "extract", "model", "query")

# What the top of the tree may hold. What a build leaves there is not listed:
# it is known to git as ignored, and outside git only seen in a tarball.
TOP = {
    ".ci", ".clang-format", ".editorconfig", ".git", ".gitignore",
    "Makefile.am", "README", "configure.ac", "contrib", "sql", "src", "tests",
}
TOP_GENERATED = re.compile(
    r"_build|_inst|aclocal\.m4|autom4te\.cache|build.*|configure~?"
    r"|Makefile(\.in)?|config\.(log|status)|.*\.(a|o|log|trs|cache)|\.deps|\.dirstamp")

SPEAKING = re.compile(
    r"(?<![\w.>])(printf|vprintf|puts|putchar|perror|exit|_exit|_Exit"
    r"|quick_exit)\s*\(|(?<![\w.>])(stdout|stderr)\b")
SPEAKING_HEADERS = re.compile(r"(err|error|syslog)\.h")
WORLD = re.compile(
    r"(?<![\w.>])(time|clock|clock_gettime|gettimeofday|socket|connect|bind"
    r"|listen|accept|send|recv|poll|select|open|openat|creat|fopen|read|write"
    r"|unlink|rename|stat|fstat|getenv|secure_getenv|setenv|system|popen"
    r"|getrandom)\s*\(")
WORLD_HEADERS = re.compile(
    r"(sys/(socket|stat|time|random|un)|netinet/.*|netdb|fcntl|poll)"
    r"(\.h)?")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
MARK = re.compile(r"\b(%s)\b" % "|".join(("TO" "DO", "FIX" "ME", "X" "XX")))
CODE = (".c", ".h")
TEXT = CODE + (".py", ".sh", ".mk", ".am", ".ac", ".sql")


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read()


def files(root, *tops):
    """Source files below the given directories, as paths from the root."""
    for top in tops:
        for at, dirs, names in os.walk(os.path.join(root, top)):
            dirs[:] = sorted(d for d in dirs
                             if not d.startswith(".") and d != "__pycache__")
            for name in sorted(names):
                yield os.path.relpath(os.path.join(at, name), root)


def table(readme, name):
    m = re.search(r"^# begin %s\n(.*?)^# end %s$" % (name, name), readme,
                  re.M | re.S)
    if m is None:
        raise ValueError("src/README has no table '%s'" % name)
    return [line.split() for line in m.group(1).splitlines() if line.strip()]


def rooms(readme):
    """The words that ROOMS has for each directory."""
    m = re.search(r"^ROOMS\n(.*?)(?=^[A-Z]{4,}\b|\Z)", readme, re.M | re.S)
    words = {}
    for room, text in re.findall(r"^(\w+)/ (.*?)(?=^\w+/|\Z)",
                                 m.group(1) if m else "", re.M | re.S):
        words[room] = set(re.findall(r"\w+", text))
    return words


class Law:
    """The tables of src/README, and what its ROOMS name."""

    def __init__(self, readme):
        self.row = {}
        for words in table(readme, "storeys"):
            for d in words[1:]:
                self.row[d] = int(words[0])
        self.forbidden = {}
        for words in table(readme, "forbidden"):
            barred = []
            for word in words[1:]:
                if not word.startswith("-"):
                    break
                barred.append(word[1:])
            self.forbidden.setdefault(words[0], []).extend(barred)
        self.homes = {words[0]: words[1:] for words in table(readme, "homes")}
        self.rooms = rooms(readme)


def without_comments(code):
    """C with comments and the insides of strings blanked, lines kept."""
    def blank(m):
        text = m.group(0)
        if text[0] == "/":
            return re.sub(r"[^\n]", " ", text)
        return text[0] + text[-1]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
                  r"|'(?:\\.|[^'\\\n])*'", blank, code, flags=re.S)


def code_lines(root, path):
    return enumerate(without_comments(read(root, path)).splitlines(), 1)


def includes(root, path):
    """Seen in the text itself: blanking would empty the quoted names."""
    for n, line in enumerate(read(root, path).splitlines(), 1):
        m = INCLUDE.match(line)
        if m:
            yield n, m.group(1) == '"', m.group(2)


def sources(root):
    for path in files(root, "src"):
        if path.endswith(CODE):
            yield path, path.split(os.sep)[1]


def include_law(root, law):
    """A file includes its own directory and lower rows"""
    bad = []
    for path, room in sources(root):
        if room not in law.row:
            bad.append("%s:1: %s/ is no room of src/README" % (path, room))
            continue
        for n, is_ours, name in includes(root, path):
            if not is_ours:
                continue
            target = name.split("/")[0]
            barred = law.forbidden.get(room, ())
            if "/" not in name or target not in law.row:
                bad.append("%s:%d: \"%s\" names no room" % (path, n, name))
            elif target in barred or name in barred:
                bad.append("%s:%d: %s/ never includes %s"
                           % (path, n, room, name))
            elif target != room and law.row[target] >= law.row[room]:
                bad.append("%s:%d: %s/ does not look up or sideways at %s"
                           % (path, n, room, name))
    return bad


def rooms_named(root, law):
    """Every source file is named under ROOMS of src/README"""
    bad = set()
    for path, room in sources(root):
        stem = os.path.splitext(os.path.basename(path))[0]
        if room in law.row and stem not in law.rooms.get(room, ()):
            bad.add("%s:1: ROOMS of src/README does not name it" % path)
    return sorted(bad)


def foreign_homes(root, law):
    """A foreign header has one home"""
    bad = []
    for path, _ in sources(root):
        for n, is_ours, name in includes(root, path):
            if is_ours:
                continue
            for header, homes in law.homes.items():
                if name != header and not (header.endswith("/")
                                           and name.startswith(header)):
                    continue
                inside = path[len("src/"):]
                if not any(inside == h or h.endswith("/")
                           and inside.startswith(h) for h in homes):
                    bad.append("%s:%d: <%s> is at home in %s"
                               % (path, n, name, " ".join(homes)))
    return bad


def own_quotes(root, law):
    """Our headers are quoted and foreign ones bracketed"""
    bad = []
    for path, _ in sources(root):
        for n, is_ours, name in includes(root, path):
            if not is_ours and name.split("/")[0] in law.row:
                bad.append("%s:%d: <%s> is ours" % (path, n, name))
    return bad


def silence(root, law):
    """Only daemon/ and cmd/ print or exit"""
    bad = []
    for path, room in sources(root):
        if room in SPEAKERS:
            continue
        for n, line in code_lines(root, path):
            m = SPEAKING.search(line)
            if m:
                bad.append("%s:%d: %s/ uses %s"
                           % (path, n, room, m.group(0).strip()))
        for n, _, name in includes(root, path):
            if SPEAKING_HEADERS.fullmatch(name):
                bad.append("%s:%d: %s/ includes %s" % (path, n, room, name))
    return bad


def pure_rooms(root, law):
    """Time and bytes come in as arguments in the pure rooms"""
    bad = []
    for path, room in sources(root):
        if room not in PURE:
            continue
        for n, line in code_lines(root, path):
            m = WORLD.search(line)
            if m:
                bad.append("%s:%d: %s/ calls %s)"
                           % (path, n, room, m.group(0)))
        for n, is_ours, name in includes(root, path):
            if not is_ours and WORLD_HEADERS.fullmatch(name):
                bad.append("%s:%d: %s/ includes %s" % (path, n, room, name))
    return bad


def headers_alone(root, law):
    """Every header compiles alone"""
    cc = shlex.split(os.environ.get("CC") or "cc")
    flags = shlex.split(os.environ.get("CPPFLAGS", "-D_GNU_SOURCE"))
    flags += ["-I" + os.path.join(root, "src"), "-I" + root]
    bad = []
    for path in files(root, "src", "tests"):
        if not path.endswith(".h"):
            continue
        run = subprocess.run(
            cc + flags + ["-std=gnu11", "-fsyntax-only", "-Wno-unused", "-x",
                          "c", os.path.join(root, path)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if run.returncode != 0:
            first = [line for line in run.stderr.splitlines()
                     if "error" in line][:1]
            bad.append("%s:1: %s" % (path, " ".join(first) or "no reason"))
    return bad


def guards(root, law):
    """A header is guarded by its own name"""
    bad = []
    for path in files(root, "src"):
        if not path.endswith(".h"):
            continue
        name = re.sub(r"\W", "_", path[len("src/"):]).upper()
        if not re.search(r"^#ifndef %s\n#define %s$" % (name, name),
                         read(root, path), re.M):
            bad.append("%s:1: has no guard %s" % (path, name))
    return bad


def migrations(root, law):
    """sql/ is numbered without holes, each file saying why"""
    bad = []
    names = sorted(f for f in os.listdir(os.path.join(root, "sql"))
                   if not f.startswith("."))
    number = 0
    for name in names:
        path = "sql/" + name
        if not read(root, path).startswith("--"):
            bad.append("%s:1: does not begin by saying what it is" % path)
        if name in ("schema.sql", "views.sql", "local.mk"):
            continue
        m = re.fullmatch(r"(\d{4})-[a-z0-9-]+\.sql", name)
        if not m:
            bad.append("%s:1: is not named NNNN-name.sql" % path)
        elif int(m.group(1)) != number + 1:
            bad.append("%s:1: follows number %04d" % (path, number))
            number = int(m.group(1))
        else:
            number += 1
    return bad


def short_files(root, law):
    """No file is longer than 700 lines"""
    bad = []
    for path in files(root, "src", "sql", "tests", "contrib"):
        if path.endswith(TEXT):
            count = read(root, path).count("\n")
            if count > LINES_MOST:
                bad.append("%s:%d: %d lines" % (path, LINES_MOST, count))
    return bad


def top_level(root, law):
    """The top of the tree holds what it should and nothing else"""
    names = None
    if os.path.exists(os.path.join(root, ".git")):
        run = subprocess.run(["git", "-C", root, "ls-files", "--cached",
                              "--others", "--exclude-standard"],
                             capture_output=True, text=True)
        if run.returncode == 0:
            names = {n.split("/")[0] for n in run.stdout.splitlines()}
    if names is None:
        names = {n for n in os.listdir(root)
                 if not TOP_GENERATED.fullmatch(n)}
    return ["%s:1: is not known at the top" % n for n in sorted(names - TOP)]


def marks(root, law):
    """Nothing is left as a mark for later"""
    bad = []
    for path in files(root, "src", "sql", "tests", "contrib"):
        if not path.endswith(TEXT):
            continue
        for n, line in enumerate(read(root, path).splitlines(), 1):
            m = MARK.search(line)
            if m:
                bad.append("%s:%d: %s" % (path, n, m.group(1)))
    return bad


def clean_ends(root, law):
    """Lines end without blanks, files with a line end"""
    bad = []
    for path in files(root, "src", "sql", "contrib"):
        if not path.endswith(TEXT):
            continue
        text = read(root, path)
        for n, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip():
                bad.append("%s:%d: blanks at the end" % (path, n))
        if text and not text.endswith("\n"):
            bad.append("%s:%d: no line end" % (path, text.count("\n") + 1))
    return bad


RULES = (include_law, rooms_named, foreign_homes, own_quotes, silence, pure_rooms,
         headers_alone, guards, migrations, short_files, top_level,
         marks, clean_ends)

BAD_README = """
# begin storeys
1 base
2 xml model
3 net store
5 daemon cmd
# end storeys
# begin forbidden
store -xml reason
model -base/clock.h
# end forbidden
# begin homes
expat.h xml/parse.c
openssl/ net/tls.c base/digest.c
ev.h net/ daemon/
# end homes

ROOMS

base/     a up
xml/      node (a tree)
          with side and fine
model/    b c
store/    dd
net/      e
daemon/   f (which does not say long)
cmd/      long mark

LATER
store/    d
"""

# A small tree in which each rule finds exactly what stands beside it.
GUARD = "#ifndef %s\n#define %s\n%s\n#endif\n"
BAD_TREE = {
    "src/base/up.c": '#include "xml/node.h"\n',
    "src/base/a.h": GUARD % ("BASE_A_H", "BASE_A_H", "int a;"),
    "src/xml/side.c": '#include "model/b.h"\n',
    "src/xml/node.h": GUARD % ("XML_NODE_H", "XML_NODE_H",
                               "struct missing f(struct unknown x) { }"),
    "src/xml/fine.c": '/* #include "daemon/x.h" printf( */\n'
                      '#include "base/a.h"\n#include "xml/node.h"\n'
                      'const char *s = "exit(1)";\nint x; // stderr\n',
    "src/model/b.h": GUARD % ("B_H", "B_H", "int b;"),
    "src/model/c.c": '#include "base/clock.h"\n#include <xml/node.h>\n'
                     "long t(void) { return time(0); }\n"
                     "void u(struct q *q) { q->open(1); }\n",
    "src/store/d.c": '#include "xml/node.h"\n#include <expat.h>\n'
                     "void g(void) { fputs(\"x\", stderr); }\n",
    "src/net/e.c": "#include <ev.h>\n#include <openssl/ssl.h>\n",
    "src/daemon/f.c": "#include <ev.h>\nint main(void) { exit(0); }  \n",
    "src/attic/g.c": "int g;\n",
    "src/cmd/long.c": "\n" * (LINES_MOST + 1),
    "src/cmd/mark.c": "/* TO" "DO: later */\n",
    "sql/0001-a.sql": "-- one\n",
    "sql/0003-b.sql": "-- three\n",
    "sql/later.sql": "SELECT 1;\n",
    "notes": "x",
}
BAD_WANT = {
    "include_law": [
        "src/attic/g.c:1: attic/ is no room of src/README",
        "src/base/up.c:1: base/ does not look up or sideways at xml/node.h",
        "src/model/c.c:1: model/ never includes base/clock.h",
        "src/store/d.c:1: store/ never includes xml/node.h",
        "src/xml/side.c:1: xml/ does not look up or sideways at model/b.h",
    ],
    "rooms_named": ["src/store/d.c:1: ROOMS of src/README does not name it"],
    "foreign_homes": [
        "src/net/e.c:2: <openssl/ssl.h> is at home in net/tls.c base/digest.c",
        "src/store/d.c:2: <expat.h> is at home in xml/parse.c",
    ],
    "own_quotes": ["src/model/c.c:2: <xml/node.h> is ours"],
    "silence": ["src/store/d.c:3: store/ uses stderr"],
    "pure_rooms": ["src/model/c.c:3: model/ calls time()"],
    "guards": ["src/model/b.h:1: has no guard MODEL_B_H"],
    "migrations": [
        "sql/0003-b.sql:1: follows number 0001",
        "sql/later.sql:1: does not begin by saying what it is",
        "sql/later.sql:1: is not named NNNN-name.sql",
    ],
    "short_files": ["src/cmd/long.c:700: 701 lines"],
    "top_level": ["notes:1: is not known at the top"],
    "marks": ["src/cmd/mark.c:1: TO" "DO"],
    "clean_ends": ["src/daemon/f.c:2: blanks at the end"],
}


def self_check():
    with tempfile.TemporaryDirectory(prefix="lint.") as root:
        for path, text in BAD_TREE.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as f:
                f.write(text)
        law = Law(BAD_README)
        for rule in RULES:
            got = sorted(rule(root, law))
            name = "the rule can fail: " + rule.__doc__
            if rule is headers_alone:
                ok = tap.ok(len(got) == 1 and
                            got[0].startswith("src/xml/node.h:1: "), name)
                if not ok:
                    tap.note(got)
            else:
                tap.equal(got, sorted(BAD_WANT[rule.__name__]), name)


def main():
    law = Law(read(ROOT, "src/README"))
    tap.ok(len(law.row) > 10 and len(law.homes) > 5,
           "src/README has its tables")
    for rule in RULES:
        bad = rule(ROOT, law)
        tap.ok(not bad, rule.__doc__)
        for line in bad:
            tap.note(line)
    self_check()


tap.main(main)
