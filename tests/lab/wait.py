"""wait - deadlines and conditions.

Every wait has an end and says what it was waiting for. Times are seconds on
the monotonic clock. On a busy machine BACKSCROLL_PATIENCE=3 trebles them all.
"""

import os
import time

PATIENCE = float(os.environ.get("BACKSCROLL_PATIENCE") or 1)


class Timeout(Exception):
    """What was waited for did not come."""


class Deadline:
    def __init__(self, seconds, what="an event"):
        self.what = what
        self.seconds = seconds * PATIENCE
        self.end = time.monotonic() + self.seconds

    def left(self):
        """Seconds left; raises Timeout when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise Timeout("no %s within %g s" % (self.what, self.seconds))
        return left


def until(condition, seconds=10, what="condition", alive=None):
    """The first true value of condition(), asked every few milliseconds.

    alive() may raise to end the wait early: a server that has died will not
    become ready.
    """
    deadline = Deadline(seconds, what)
    pause = 0.002
    while True:
        got = condition()
        if got:
            return got
        if alive is not None:
            alive()
        time.sleep(min(pause, deadline.left()))
        pause = min(pause * 1.5, 0.1)
