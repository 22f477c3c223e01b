"""mam - a message archive that a peer serves (XEP-0313, XEP-0059).

    archive = Archive("juliet@p.example")
    archive.add(message(from_="romeo@x.example", to="juliet@p.example",
                        body="hi"), stamp="2026-11-22T10:00:00Z")
    conn.archive = archive          # peer.Conn answers from it by itself
    archive.page = 2                # a server's cap on pages

`fault` is a function (query, page) that a test sets to spoil answers: it gets
a Query (number from 1, after, before, start, end, max, ids) and a Page, and
changes the Page: results, first, last, complete, count, stable, queryid,
from_, fin (False: none), fin_first (fin before the results), error (an
<error/> instead of everything), between (text sent before fin), silent.
The queries that came are kept in `queries`.
"""

import datetime

from . import stanza
from .stanza import q

EPOCH = datetime.datetime(2026, 11, 22, 10, 0, 0)


class Entry:
    def __init__(self, id, stamp, text, shown):
        self.id, self.stamp, self.text, self.shown = id, stamp, text, shown


class Query:
    def __init__(self, number, element, iq):
        self.number = number
        self.element = element
        self.iq_id = iq.get("id")
        self.to = iq.get("to")
        self.queryid = element.get("queryid")
        rsm = element.find(q(stanza.RSM, "set"))
        self.after = self._child(rsm, "after")
        self.before = self._child(rsm, "before")
        most = self._child(rsm, "max")
        self.max = None if most is None else int(most)
        fields = {}
        for field in element.iter(q(stanza.DATA, "field")):
            fields[field.get("var")] = [
                v.text or "" for v in field.iter(q(stanza.DATA, "value"))]
        self.form = fields
        self.start = fields.get("start", [None])[0]
        self.end = fields.get("end", [None])[0]
        self.ids = fields.get("ids")
        self.with_ = fields.get("with", [None])[0]
        self.after_id = fields.get("after-id", [None])[0]
        self.before_id = fields.get("before-id", [None])[0]

    @staticmethod
    def _child(element, name):
        child = None if element is None else element.find(
            q(stanza.RSM, name))
        return None if child is None else child.text or ""


class Page:
    def __init__(self, results, queryid, complete, count):
        self.results = results          # [Entry]
        self.queryid = queryid
        self.first = results[0].id if results else None
        self.last = results[-1].id if results else None
        self.complete = complete
        self.count = count
        self.stable = None
        self.from_ = None               # on the result messages
        self.fin = True
        self.fin_first = False
        self.error = None
        self.between = ""
        self.silent = False


class Archive:
    def __init__(self, owner, page=50):
        self.owner = owner
        self.page = page
        self.epoch, self.step = EPOCH, 1        # of stamps; seconds
        self.entries = []
        self.fault = None
        self.queries = []
        self.extended = True            # before-id, after-id, ids
        self.unknown_is_error = True    # item-not-found for an unknown after

    def add(self, text, stamp=None, id=None, **shown):
        """Returns the archive id. Stamps go up by `step` if not given.
        shown: what results say instead of the stamp; None: no <delay/>."""
        n = len(self.entries)
        if stamp is None:
            stamp = (self.epoch + datetime.timedelta(seconds=n * self.step)
                     ).strftime("%Y-%m-%dT%H:%M:%SZ")
        entry = Entry(id or "arc-%05d" % n, stamp, text,
                      shown.get("shown", stamp))
        self.entries.append(entry)
        return entry.id

    def _index(self, id):
        for i, entry in enumerate(self.entries):
            if entry.id == id:
                return i
        return None

    def _select(self, query):
        """The matching entries and where the page begins, or None: not
        found."""
        found = [e for e in self.entries
                 if (query.start is None or e.stamp >= query.start)
                 and (query.end is None or e.stamp <= query.end)
                 and (query.ids is None or e.id in query.ids)]
        for name, is_after in ((query.after_id, True),
                               (query.before_id, False)):
            if name is None:
                continue
            at = self._index(name)
            if at is None:
                return None
            kept = (self.entries[at + 1:] if is_after else self.entries[:at])
            found = [e for e in found if e in kept]
        most = min(self.page, query.max if query.max is not None
                   else self.page)
        if query.after:
            at = self._index(query.after)
            if at is None and self.unknown_is_error:
                return None
            if at is not None:
                rest = [e for e in found if self._index(e.id) > at]
            else:
                rest = found
            return rest[:most], len(rest) <= most, len(found)
        if query.before is not None:
            rest = found
            if query.before:
                at = self._index(query.before)
                if at is None:
                    return None
                rest = [e for e in found if self._index(e.id) < at]
            return rest[max(0, len(rest) - most):], len(rest) <= most, \
                len(found)
        return found[:most], len(found) <= most, len(found)

    def answer(self, conn, iq):
        """Called by the peer for <iq type='set'> with a query."""
        query = Query(len(self.queries) + 1,
                      iq.find(q(stanza.MAM, "query")), iq)
        self.queries.append(query)
        selected = self._select(query)
        if selected is None:
            page = Page([], query.queryid, False, 0)
            page.error = stanza.error("item-not-found")
        else:
            results, complete, count = selected
            page = Page(list(results), query.queryid, complete, count)
        if self.fault is not None:
            self.fault(query, page)
        if page.silent:
            return
        if page.error is not None:
            conn.send(stanza.iq("error", page.error, id=query.iq_id,
                                to=conn.jid))
            return
        results = "".join(self.result(conn, page, e) for e in page.results)
        fin = self.fin(conn, query, page) if page.fin else ""
        conn.send(fin + results + page.between if page.fin_first
                  else results + page.between + fin)

    def result(self, conn, page, entry):
        return ("<message to='%s'%s><result xmlns='%s' id='%s'%s>"
                "<forwarded xmlns='%s'>%s%s</forwarded></result></message>" % (
                    conn.jid, stanza.attributes([("from", page.from_)]),
                    stanza.MAM, stanza.escape(entry.id),
                    stanza.attributes([("queryid", page.queryid)]),
                    stanza.FORWARD, "" if entry.shown is None else
                    "<delay xmlns='%s' stamp='%s'/>" % (stanza.DELAY,
                                                        entry.shown),
                    entry.text.replace("<message", "<message xmlns='%s'"
                                       % stanza.CLIENT, 1)))

    def fin(self, conn, query, page):
        rsm = ""
        if page.first is not None:
            rsm += "<first index='0'>%s</first>" % stanza.escape(page.first)
        if page.last is not None:
            rsm += "<last>%s</last>" % stanza.escape(page.last)
        if page.count is not None:
            rsm += "<count>%d</count>" % page.count
        return stanza.iq("result", "<fin xmlns='%s'%s><set xmlns='%s'>%s"
                         "</set></fin>" % (
                             stanza.MAM, stanza.attributes([
                                 ("complete", "true" if page.complete
                                  else None), ("stable", page.stable)]),
                             stanza.RSM, rsm), id=query.iq_id, to=conn.jid)
