"""client - a scripted XMPP client, independent of the code under test.

    with Client("romeo@a.example", "secret", server) as romeo:
        romeo.presence(show="away", status="gone")
        romeo.message("juliet@a.example", bodies=[("en", "hi"), ("cs", "ahoj")])
        got = romeo.expect(matches("message", body="hi yourself"))

Stanzas that nobody has asked for stay in `inbox`, in order; expect() takes
the first one that matches out of it. Requests to the client are answered with
service-unavailable, as a server expects of an account's resource.
"""

import base64
import hashlib
import itertools
import ssl
from xml.parsers import expat

from . import scram, stanza, wait, wire
from .stanza import q

STRONGEST = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")


class Refused(Exception):
    """The server has said no: .condition and .element."""

    def __init__(self, what, element):
        self.element = element
        self.condition = next((stanza.local(e) for e in element.iter()
                               if e.tag.startswith("{urn:ietf:params:xml")
                               and stanza.local(e) not in
                               ("text", "failure", "error")), None)
        super().__init__("%s: %s: %s" % (what, self.condition,
                                         stanza.show(element)))


class Client:
    """Logs in at once, if `login`; without a password it only negotiates TLS.

    server      a server.Server, or None with port and ca_file
    tls         "starttls", "direct" or "none"
    mechanism   of SASL; None: the strongest of ours that is offered
    """

    def __init__(self, jid, password=None, server=None, port=None,
                 ca_file=None, tls="starttls", mechanism=None, resource=None,
                 lang="en", login=True, within=15, tls_version=None):
        self.bare = stanza.bare(jid)
        self.user, _, self.domain = self.bare.partition("@")
        self.password = password
        self.resource = resource or (jid.partition("/")[2] or None)
        self.lang = lang
        self.mechanism = mechanism
        self.within = within
        self.jid = None
        self.inbox = []
        self.numbers = itertools.count(1)
        self.stream = stanza.Stream()
        self.events = []
        if server is not None:
            ca_file = server.ca_file
            port = (server.direct_port if tls == "direct"
                    else server.starttls_port)
        self.context = ssl.create_default_context(cafile=ca_file)
        if tls_version is not None:
            self.context.minimum_version = tls_version
            self.context.maximum_version = tls_version
        self.wire = wire.Wire.connect("127.0.0.1", port)
        try:
            if tls == "direct":
                self.context.set_alpn_protocols(["xmpp-client"])
                self._start_tls()
            self.open()
            if tls == "starttls":
                self.send("<starttls xmlns='%s'/>" % stanza.TLS)
                self._next("proceed")
                self._start_tls()
                self.open()
            if login and password is not None:
                self.login()
        except BaseException:
            self.wire.close(notify=False)
            raise

    def _start_tls(self):
        self.wire.start_tls(self.context, name=self.domain)

    @property
    def tls_version(self):
        return self.wire.sock.version() if self.wire.is_tls else None

    # -- the stream

    def open(self):
        """A new stream header; the features are in self.features."""
        self.stream.restart()
        self.events = []
        self.send("<?xml version='1.0'?><stream:stream to='%s' version='1.0' "
                  "xml:lang='%s' xmlns='jabber:client' xmlns:stream='%s'>"
                  % (self.domain, self.lang, stanza.STREAM))
        deadline = wait.Deadline(self.within, "stream header")
        what, self.header = self._event(deadline)
        if what != "open":
            raise wire.Closed("no stream header but %s" % what)
        self.features = self._next("features")

    def send(self, text):
        """Text or bytes, exactly as they are."""
        self.wire.send(text.encode() if isinstance(text, str) else text)

    def _event(self, deadline):
        while not self.events:
            self.events += self.stream.feed(self.wire.receive(deadline))
        return self.events.pop(0)

    def _element(self, deadline):
        what, element = self._event(deadline)
        if what != "element":
            raise wire.Closed("the stream was closed")
        if element.tag == q(stanza.STREAM, "error"):
            raise Refused("stream error", element)
        return element

    def _next(self, name):
        element = self._element(wait.Deadline(self.within, name))
        if stanza.local(element) != name:
            raise Refused("%s expected" % name, element)
        return element

    # -- login

    @property
    def offered(self):
        return [e.text for e in self.features.iter(q(stanza.SASL,
                                                     "mechanism"))]

    def login(self):
        self.authenticate()
        self.open()
        bind = "<bind xmlns='%s'>%s</bind>" % (
            stanza.BIND, "" if self.resource is None else
            "<resource>%s</resource>" % stanza.escape(self.resource))
        result = self.iq("set", bind)
        self.jid = result.find(".//" + q(stanza.BIND, "jid")).text
        self.resource = self.jid.partition("/")[2]
        session = self.features.find(q(stanza.SESSION, "session"))
        if session is not None and session.find(q(stanza.SESSION,
                                                  "optional")) is None:
            self.iq("set", "<session xmlns='%s'/>" % stanza.SESSION)

    def authenticate(self):
        mechanism = self.mechanism or next(
            m for m in STRONGEST if m in self.offered)
        self.used = mechanism
        if mechanism == "PLAIN":
            first = b"\0" + self.user.encode() + b"\0" + self.password.encode()
            self._auth(mechanism, first)
            self._outcome(self._element(wait.Deadline(self.within,
                                                      "success")))
            return
        binding = None
        if mechanism.endswith("-PLUS"):
            binding = self.wire.sock.get_channel_binding("tls-unique")
        end = scram.Client(mechanism, self.user, self.password, binding)
        self._auth(mechanism, end.first())
        challenge = self._outcome(self._element(
            wait.Deadline(self.within, "challenge")), "challenge")
        self.send("<response xmlns='%s'>%s</response>" % (
            stanza.SASL, scram.b64(end.final(challenge))))
        end.verify(self._outcome(self._element(
            wait.Deadline(self.within, "success"))))

    def _auth(self, mechanism, first):
        self.send("<auth xmlns='%s' mechanism='%s'>%s</auth>" % (
            stanza.SASL, mechanism, scram.b64(first) or "="))

    @staticmethod
    def _outcome(element, want="success"):
        if stanza.local(element) != want:
            raise Refused("authentication", element)
        return base64.b64decode(element.text or "")

    def legacy_login(self, digest=False):
        """XEP-0078, instead of login()."""
        secret = "<password>%s</password>" % stanza.escape(self.password)
        if digest:
            secret = "<digest>%s</digest>" % hashlib.sha1(
                (self.header["id"] + self.password).encode()).hexdigest()
        self.resource = self.resource or "legacy"
        self.iq("set", "<query xmlns='%s'><username>%s</username>%s"
                "<resource>%s</resource></query>" % (
                    stanza.AUTH, stanza.escape(self.user), secret,
                    stanza.escape(self.resource)))
        self.jid = "%s/%s" % (self.bare, self.resource)

    def register(self):
        """XEP-0077: creates the account on this stream, before login()."""
        self.iq("set", "<query xmlns='%s'><username>%s</username>"
                "<password>%s</password></query>" % (
                    stanza.REGISTER, stanza.escape(self.user),
                    stanza.escape(self.password)))

    def unregister(self):
        """The server may answer, or close the stream first."""
        try:
            self.iq("set", "<query xmlns='%s'><remove/></query>"
                    % stanza.REGISTER)
        except (wire.Closed, Refused):
            pass

    # -- stanzas

    def _answer(self, element):
        """True if it was a request, which is answered."""
        if stanza.local(element) != "iq" or element.get("type") not in (
                "get", "set"):
            return False
        if element.get("type") == "set" and element.find(
                q(stanza.ROSTER, "query")) is not None:
            self.send(stanza.iq("result", id=element.get("id")))
        else:
            self.send(stanza.iq("error", stanza.error("service-unavailable"),
                                to=element.get("from"), id=element.get("id")))
        return True

    def expect(self, predicate=None, within=None, what=None):
        """The first stanza that matches, past or coming."""
        deadline = wait.Deadline(within or self.within,
                                 what or "matching stanza at %s (inbox: %s)" % (
                                     self.jid, [stanza.show(e) for e in
                                                self.inbox[-5:]]))
        for i, element in enumerate(self.inbox):
            if predicate is None or predicate(element):
                return self.inbox.pop(i)
        while True:
            element = self._element(deadline)
            if self._answer(element):
                continue
            if predicate is None or predicate(element):
                return element
            self.inbox.append(element)

    def iq(self, type, payload, to=None, within=None):
        """Sends a request and returns its result, or raises Refused."""
        number = "c%d" % next(self.numbers)
        self.send(stanza.iq(type, payload, to=to, id=number))
        result = self.expect(lambda e: stanza.local(e) == "iq" and
                             e.get("id") == number and
                             e.get("type") in ("result", "error"), within,
                             "answer to %s" % payload)
        if result.get("type") == "error":
            raise Refused("iq", result)
        return result

    def sync(self):
        """All that the server sent us before this is in the inbox."""
        try:
            self.iq("get", "<ping xmlns='%s'/>" % stanza.PING, self.domain)
        except Refused:
            pass

    def message(self, to, body=None, **parts):
        """stanza.message(); returns the id, made up if not given."""
        parts.setdefault("id", "m%d-%s" % (next(self.numbers), self.user))
        self.send(stanza.message(to, body, **parts))
        return parts["id"]

    def presence(self, **parts):
        self.send(stanza.presence(**parts))

    def online(self, **parts):
        """Initial presence, and the server's reflection of it."""
        self.presence(**parts)
        return self.expect(stanza.matches("presence", from_=self.jid))

    def carbons(self):
        self.iq("set", "<enable xmlns='%s'/>" % stanza.CARBONS)

    def roster(self):
        return {item.get("jid"): item for item in self.iq(
            "get", "<query xmlns='%s'/>" % stanza.ROSTER).iter(
                q(stanza.ROSTER, "item"))}

    def befriend(self, other, name=None, own=None):
        """Mutual subscription with another Client, both logged in, both with
        presence sent. name: the other's in our roster; own: ours in theirs."""
        self.roster()           # who asked for it is told of changes
        other.roster()
        for a, b in ((self, other), (other, self)):
            a.presence(to=b.bare, type="subscribe")
            b.expect(stanza.matches("presence", type="subscribe",
                                    from_=a.bare))
            b.presence(to=a.bare, type="subscribed")
            a.expect(stanza.matches("presence", type="subscribed",
                                    from_=b.bare))
        for a, b, called in ((self, other, name), (other, self, own)):
            if called:
                a.iq("set", "<query xmlns='%s'><item jid='%s' name='%s'/>"
                     "</query>" % (stanza.ROSTER, b.bare,
                                   stanza.escape(called)))

    def archive(self, page=50, to=None, form=""):
        """The whole archive, page by page: [(archive id, stamp, message)]."""
        out, after, page_number = [], None, 0
        while True:
            page_number += 1
            number = "q%d" % next(self.numbers)
            fin = self.iq("set", "<query xmlns='%s' queryid='%s'>%s"
                          "<set xmlns='%s'><max>%d</max>%s</set></query>" % (
                              stanza.MAM, number, form, stanza.RSM, page,
                              "" if after is None else
                              "<after>%s</after>" % stanza.escape(after)), to)
            got = 0
            for element in [e for e in self.inbox if any(
                    r.get("queryid") == number
                    for r in e.iter(q(stanza.MAM, "result")))]:
                self.inbox.remove(element)
                result = element.find(q(stanza.MAM, "result"))
                stamp = result.find(".//" + q(stanza.DELAY, "delay"))
                out.append((result.get("id"), stamp.get("stamp"), result.find(
                    ".//" + q(stanza.CLIENT, "message"))))
                got += 1
            self.pages = page_number
            done = fin.find(q(stanza.MAM, "fin"))
            if done.get("complete") == "true" or got == 0:
                return out
            after = done.find(".//" + q(stanza.RSM, "last")).text

    # -- the end

    def close(self):
        """As one leaves: the stream's end, then TLS's, then TCP's."""
        try:
            self.send("</stream:stream>")
            deadline = wait.Deadline(2, "the stream's end")
            while self._event(deadline)[0] != "close":
                pass
        except (wire.Closed, wait.Timeout, expat.ExpatError):
            pass
        self.wire.close()

    def drop(self):
        """As a link dies: without a word."""
        self.wire.reset()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

