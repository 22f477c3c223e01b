"""tap - the Test Anything Protocol, for tests in Python.

    import tap
    tap.ok(1 + 1 == 2, "one and one is two")
    tap.equal(len("ab"), 2, "two letters")
    tap.done()

A test that must not hide its end runs under tap.main(): an exception is a
failed case with its traceback, and the plan is always printed.
"""

import os
import pprint
import sys
import traceback

count = 0
failed = 0


def _line(text):
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Who listened has gone, by Ctrl-C for example. What was started has
        # to be ended and removed all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _name(name):
    """A name fits one line, and "#" would begin a directive."""
    return " ".join(str(name).replace("#", " ").split())


def ok(passed, name):
    global count, failed
    count += 1
    if not passed:
        failed += 1
    _line("%sok %d - %s" % ("" if passed else "not ", count, _name(name)))
    return bool(passed)


def note(text):
    for line in str(text).splitlines():
        _line("# " + line)


def equal(got, want, name):
    if not ok(got == want, name):
        note("got  " + pprint.pformat(got, width=100))
        note("want " + pprint.pformat(want, width=100))
    return got == want


def like(got, part, name):
    """`part` occurs in `got`."""
    if not ok(got is not None and part in got, name):
        note("got     %r" % (got,))
        note("without %r" % (part,))


def skip(name, why):
    global count
    count += 1
    _line("ok %d - %s # SKIP %s" % (count, _name(name), _name(why)))


def skip_all(why):
    _line("1..0 # SKIP " + _name(why))
    sys.exit(0)


def in_ci():
    return os.environ.get("CI", "") not in ("", "false", "0")


def need(present, what):
    """Without `what` there is nothing to test: skipped on a person's machine,
    a failure where the machine was prepared for tests. distcheck, which runs
    all tests once more, sets BACKSCROLL_SKIP_SERVERS."""
    if os.environ.get("BACKSCROLL_SKIP_SERVERS"):
        skip_all("BACKSCROLL_SKIP_SERVERS is set")
    if present:
        return
    if in_ci() or os.environ.get("BACKSCROLL_NEED_SERVERS"):
        ok(False, "%s is installed" % what)
        done()
    skip_all("%s is not installed" % what)


def done():
    _line("1..%d" % count)
    sys.exit(1 if failed else 0)


def main(*cases):
    """Runs each function; one that raises is a failed case, and the next one
    is run all the same. An exception may bring `logs`, shown as notes."""
    for case in cases:
        try:
            case()
        except SystemExit:
            raise
        except BaseException as e:  # an interrupt too must reach the plan
            title = (case.__doc__ or case.__name__).splitlines()[0]
            ok(False, "%s: %s: %s" % (title, type(e).__name__,
                                      str(e).partition("\n")[0]))
            note(traceback.format_exc())
            if isinstance(e, KeyboardInterrupt):
                break
    done()
