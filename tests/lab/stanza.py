"""stanza - XML streams cut into elements, and what one asks of elements.

Elements are xml.etree's, names in Clark's notation: "{jabber:client}message".
matches(name="message", type="chat") makes predicates for expect().
"""

import xml.etree.ElementTree as ET
import xml.parsers.expat
from xml.sax.saxutils import escape, quoteattr

CLIENT = "jabber:client"
STREAM = "http://etherx.jabber.org/streams"
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
SESSION = "urn:ietf:params:xml:ns:xmpp-session"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
STREAMS = "urn:ietf:params:xml:ns:xmpp-streams"
ROSTER = "jabber:iq:roster"
AUTH = "jabber:iq:auth"
REGISTER = "jabber:iq:register"
VERSION = "jabber:iq:version"
PING = "urn:xmpp:ping"
CARBONS = "urn:xmpp:carbons:2"
FORWARD = "urn:xmpp:forward:0"
DELAY = "urn:xmpp:delay"
MAM = "urn:xmpp:mam:2"
SID = "urn:xmpp:sid:0"
RSM = "http://jabber.org/protocol/rsm"
DATA = "jabber:x:data"
INFO = "http://jabber.org/protocol/disco#info"
ITEMS = "http://jabber.org/protocol/disco#items"
SM = "urn:xmpp:sm:3"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def q(ns, name):
    return "{%s}%s" % (ns, name)


class _Tokens:
    """Holds back what is not a whole token yet.

    Expat with reparse deferral, as Debian ships it, does not look again at a
    token that it has seen in part until twice as much has come; Python 3.11
    cannot switch that off. So it is given whole tokens only.
    """

    def __init__(self):
        self.held = b""

    def feed(self, data):
        data = self.held + data
        at = 0                  # everything before is whole
        while True:
            start = data.find(b"<", at)
            if start < 0:
                at = len(data)
                break
            end = self._end(data, start)
            if end is None:
                at = start
                break
            at = end
        self.held = data[at:]
        return data[:at]

    @staticmethod
    def _end(data, start):
        """Behind the token at `start`, or None."""
        for opening, closing in ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"),
                                 (b"<?", b"?>")):
            if data.startswith(opening, start):
                end = data.find(closing, start + len(opening))
                return None if end < 0 else end + len(closing)
        quote = None
        for i in range(start + 1, len(data)):
            c = data[i:i + 1]
            if quote is not None:
                if c == quote:
                    quote = None
            elif c in b"'\"":
                quote = c
            elif c == b">":
                return i + 1
        return None


class Stream:
    """feed(bytes) returns what has become whole, in order:
    ("open", attributes), ("element", Element), ("close", None)."""

    def __init__(self):
        self.restart()

    def restart(self):
        self.parser = xml.parsers.expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartNamespaceDeclHandler = lambda prefix, uri: None
        self.parser.buffer_text = True
        self.tokens = _Tokens()
        self.stack = []
        self.depth = 0
        self.out = []

    def feed(self, data):
        whole = self.tokens.feed(data)
        if whole:
            self.parser.Parse(whole, False)
        out, self.out = self.out, []
        return out

    @staticmethod
    def _clark(name):
        return "{" + name if "}" in name else name

    def _start(self, name, attributes):
        self.depth += 1
        attributes = {self._clark(k): v for k, v in attributes.items()}
        if self.depth == 1:
            self.out.append(("open", dict(attributes,
                                          **{"": self._clark(name)})))
            return
        element = ET.Element(self._clark(name), attributes)
        if self.stack:
            self.stack[-1].append(element)
        self.stack.append(element)

    def _end(self, name):
        self.depth -= 1
        if self.depth == 0:
            self.out.append(("close", None))
            return
        element = self.stack.pop()
        if not self.stack:
            self.out.append(("element", element))

    def _text(self, text):
        if not self.stack:
            return
        element = self.stack[-1]
        if len(element):
            element[-1].tail = (element[-1].tail or "") + text
        else:
            element.text = (element.text or "") + text


def parse(text, ns=CLIENT):
    """One element out of text; without a namespace it is in `ns`."""
    stream = Stream()
    out = stream.feed(("<r xmlns='%s'>%s" % (ns, text)).encode())
    return [e for what, e in out if what == "element"][0]


def show(element):
    return ET.tostring(element, encoding="unicode")


def local(element):
    return element.tag.rpartition("}")[2]


def bare(jid):
    return None if jid is None else jid.partition("/")[0]


def texts(element, name, ns=CLIENT):
    """[(language or None, text)] of the children `name`, in order."""
    return [(e.get(LANG), e.text or "") for e in element
            if e.tag == q(ns, name)]


def bodies(message):
    return texts(message, "body")


def subjects(message):
    return texts(message, "subject")


def body(message):
    """The first body's text, or None."""
    found = bodies(message)
    return found[0][1] if found else None


def matches(name=None, body=None, has=None, test=None, from_=None, **attrs):
    """A predicate: local name, first body, a descendant in Clark's notation,
    attributes (`from_` for from; None: absent), and any function."""
    if from_ is not None:
        attrs["from"] = from_
    text = body

    def check(element):
        if name is not None and local(element) != name:
            return False
        if any(element.get(k) != v for k, v in attrs.items()):
            return False
        if text is not None and (bodies(element) or [(None, None)])[0][1] \
                != text:
            return False
        if has is not None and element.find(".//" + has) is None:
            return False
        return test is None or bool(test(element))
    return check


def attributes(pairs):
    """' a="b"' for those that are not None."""
    return "".join(" %s=%s" % (k, quoteattr(v, {"\n": "&#10;", "\t": "&#9;",
                                                 "\r": "&#13;"}))
                   for k, v in pairs if v is not None)


def _parts(name, one, several):
    """<body/>s out of one text or of [(language, text)]."""
    several = list(several or ())
    if one is not None:
        several.insert(0, (None, one))
    return "".join("<%s%s>%s</%s>" % (
        name, attributes([("xml:lang", lang)]), escape(text), name)
        for lang, text in several)


def message(to=None, body=None, bodies=None, subject=None, subjects=None,
            thread=None, parent=None, type="chat", id=None, lang=None,
            from_=None, extra="", ns=None):
    """A <message/> as text. bodies and subjects: [(language, text)]."""
    parts = _parts("subject", subject, subjects) + _parts("body", body, bodies)
    if thread is not None:
        parts += "<thread%s>%s</thread>" % (
            attributes([("parent", parent)]), escape(thread))
    return "<message%s>%s%s</message>" % (attributes([
        ("xmlns", ns), ("from", from_), ("to", to), ("type", type),
        ("id", id), ("xml:lang", lang)]), parts, extra)


def presence(to=None, type=None, show=None, status=None, statuses=None,
             priority=None, id=None, lang=None, from_=None, extra=""):
    parts = "" if show is None else "<show>%s</show>" % escape(show)
    parts += _parts("status", status, statuses)
    if priority is not None:
        parts += "<priority>%d</priority>" % priority
    return "<presence%s>%s%s</presence>" % (attributes([
        ("from", from_), ("to", to), ("type", type), ("id", id),
        ("xml:lang", lang)]), parts, extra)


def iq(type, payload="", to=None, id=None, from_=None):
    return "<iq%s>%s</iq>" % (attributes([
        ("type", type), ("id", id), ("to", to), ("from", from_)]), payload)


def error(condition, kind="cancel", text=None, code=None):
    """A stanza's <error/>."""
    return "<error%s><%s xmlns='%s'/>%s</error>" % (
        attributes([("code", code), ("type", kind)]), condition, STANZAS,
        "" if text is None else "<text xmlns='%s'>%s</text>"
        % (STANZAS, escape(text)))
