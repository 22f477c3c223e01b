"""peer - a scripted XMPP server: what no real server does.

    peer = Peer(site, "p.example", {"juliet": "secret"})
    conn = peer.accept()        # the archiver has connected
    conn.come_online()          # TLS, SASL, bind, requests, first presence
    conn.send(message(from_="romeo@x.example/r", to=conn.jid, body="hi"))
    conn.expect(matches("presence", type="unavailable"))

A test drives the connection step by step (accept, header, starttls,
authenticate, bind), or in one piece (login, come_online), and spoils any step:
send() takes any bytes in any cut, and conn.answers, a table from the name of
a request's payload to a function, decides how requests are answered while
expect() and serve_until() wait. What went over the wire is in peer.log.
"""

import base64
import contextlib
import hashlib
import re
import socket
import ssl
import threading

from . import scram, stanza, wait, wire
from .stanza import q

MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")
FEATURES = (stanza.CARBONS, stanza.MAM, stanza.SID, stanza.PING)


class Unexpected(Exception):
    """The client did something else than the script wanted."""


class Peer:
    """users: {"juliet": "secret"}. tls: "starttls", "direct" or "none".
    certificate: a certs.Pair, else issued for `domain`. version: "1.2" or
    "1.3" alone. alpn: what to choose from on direct TLS."""

    def __init__(self, site, domain="p.example", users=None, tls="starttls",
                 certificate=None, mechanisms=MECHANISMS, version=None,
                 alpn=("xmpp-client",)):
        self.site = site
        self.domain = domain
        self.users = dict(users or {"juliet": "secret"})
        self.tls = tls
        self.mechanisms = list(mechanisms)
        self.ca_file = site.ca.certificate
        self.log = []
        self.conns = []
        self.errors = []
        self.threads = []
        self.stopping = False
        if tls != "none":
            self.use(certificate or site.ca.issue(domain), version, alpn)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        site.hold(self)

    def use(self, certificate, version=None, alpn=("xmpp-client",)):
        """This certificate from now on."""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.certificate, certificate.key)
        if version is not None:
            tls = {"1.2": ssl.TLSVersion.TLSv1_2,
                   "1.3": ssl.TLSVersion.TLSv1_3}[version]
            self.context.minimum_version = tls
            self.context.maximum_version = tls
        if alpn and self.tls == "direct":
            self.context.set_alpn_protocols(list(alpn))

    @property
    def server(self):
        """As the configuration's `server` wants it."""
        return "127.0.0.1:%d" % self.port

    def accept(self, within=15):
        """The next connection, under TLS already if that is direct."""
        deadline = wait.Deadline(within, "connection to the peer")
        self.listener.settimeout(deadline.left())
        try:
            sock, _ = self.listener.accept()
        except TimeoutError as e:
            raise wait.Timeout("no connection within %g s" % within) from e
        conn = Conn(self, sock)
        self.conns.append(conn)
        if self.tls == "direct":
            conn.start_tls()
        return conn

    def is_quiet(self, seconds=0.3):
        """Whether nobody connects for that long."""
        self.listener.settimeout(seconds)
        try:
            sock, _ = self.listener.accept()
        except TimeoutError:
            return True
        sock.close()
        return False

    def background(self, script):
        """Runs script(conn) in a thread for every connection that comes,
        until the peer stops. check() tells what went wrong there."""
        def one(conn):
            try:
                script(conn)
            except wire.Closed:
                pass            # the client may leave at any time
            except Exception as e:
                if not self.stopping:
                    self.errors.append(e)

        def accept():
            while not self.stopping:
                try:
                    conn = self.accept(0.1)
                except wait.Timeout:
                    continue
                except (OSError, ssl.SSLError, wire.Closed) as e:
                    if not self.stopping:
                        self.log.append(("!", str(e)))
                    continue
                thread = threading.Thread(target=one, args=(conn,),
                                          daemon=True)
                thread.start()
                self.threads.append(thread)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        self.threads.append(thread)

    def check(self):
        """Raises what a background script has raised."""
        if self.errors:
            raise self.errors.pop(0)

    def stop(self):
        self.stopping = True
        self.listener.close()
        for conn in self.conns:
            conn.close(notify=False)
        for thread in self.threads:
            thread.join(3)
        self.check()

    def logs(self):
        yield "peer %s" % self.domain, "\n".join(
            "%s %s" % (way, text[:2000]) for way, text in self.log[-60:])


class Conn:
    """One client's connection.

    jid        the full JID, once bound       user   who has logged in
    sni, alpn  what the TLS handshake brought
    archive    a mam.Archive that answers queries, or None
    roster     {jid: name}
    answers    {"{ns}name" of a request's payload: function(conn, iq)}
    features   extra text in the stream features after authentication
    info       features in the account's and the server's disco; an archive
               only if there is one
    seen       stanzas that came and matched nothing waited for
    ends_with_client    answer the end of its stream, and close
    """

    def __init__(self, peer, sock):
        self.peer = peer
        self.wire = wire.Wire(sock)
        self.stream = stanza.Stream()
        self.events = []
        self.seen = []
        self.jid = self.user = self.sni = self.alpn = None
        self.stream_id = None
        self.count = 0
        self.archive = None
        self.roster = {}
        self.features = ""
        self.info = list(FEATURES)
        self.carbons_on = False
        self.ends_with_client = True
        self.answers = {
            q(stanza.BIND, "bind"): Conn._on_bind,
            q(stanza.SESSION, "session"): Conn._on_empty,
            q(stanza.ROSTER, "query"): Conn._on_roster,
            q(stanza.INFO, "query"): Conn._on_info,
            q(stanza.ITEMS, "query"): Conn._on_items,
            q(stanza.CARBONS, "enable"): Conn._on_carbons,
            q(stanza.CARBONS, "disable"): Conn._on_carbons,
            q(stanza.PING, "ping"): Conn._on_empty,
            q(stanza.MAM, "query"): Conn._on_archive,
        }

    # -- bytes

    def send(self, data, cut=None):
        """Text or bytes. cut: bytes per write (1: one at a time), or a list
        of offsets to cut at."""
        if isinstance(data, str):
            data = data.encode()
        self.peer.log.append(("S", data.decode("utf-8", "replace")))
        if cut is None:
            self.wire.send(data)
            return
        offsets = (list(range(cut, len(data), cut)) if isinstance(cut, int)
                   else list(cut))
        for start, end in zip([0] + offsets, offsets + [len(data)]):
            if end > start:
                self.wire.send(data[start:end])

    def _event(self, deadline):
        while not self.events:
            data = self.wire.receive(deadline)
            self.peer.log.append(("C", data.decode("utf-8", "replace")))
            self.events += self.stream.feed(data)
        return self.events.pop(0)

    def _element(self, deadline):
        what, element = self._event(deadline)
        if what != "element":
            if self.ends_with_client:
                with contextlib.suppress(wire.Closed):
                    self.end_stream()
                self.close()
            raise wire.Closed("the client has closed its stream")
        return element

    def close(self, notify=True):
        self.wire.close(notify)

    def reset(self):
        self.wire.reset()

    def end_stream(self):
        self.send("</stream:stream>")

    def stream_error(self, condition, text=None, extra="", close=True):
        self.send("<stream:error><%s xmlns='%s'/>%s%s</stream:error>" % (
            condition, stanza.STREAMS, "" if text is None else
            "<text xmlns='%s' xml:lang='en'>%s</text>" % (
                stanza.STREAMS, stanza.escape(text)), extra))
        if close:
            self.end_stream()
            self.close()

    # -- the stream, step by step

    def start_tls(self, context=None):
        context = context or self.peer.context

        def named(sock, name, ctx):
            self.sni = name
        context.sni_callback = named
        self.wire.start_tls(context, server_side=True)
        self.alpn = self.wire.sock.selected_alpn_protocol()

    def header(self, within=15, reply=True, **instead):
        """Waits for the client's stream header (its attributes are
        returned) and sends ours; instead: other attributes (None: left out;
        `lang` is xml:lang)."""
        self.stream.restart()
        self.events = []
        what, got = self._event(wait.Deadline(within, "stream header"))
        if what != "open":
            raise Unexpected("%s instead of a stream header" % what)
        if reply:
            self.count += 1
            self.stream_id = "s%d-%d" % (len(self.peer.conns), self.count)
            pairs = {"from": self.peer.domain, "id": self.stream_id,
                     "version": "1.0", "xml:lang": "en"}
            for name, value in instead.items():
                pairs[{"lang": "xml:lang", "from_": "from"}.get(
                    name, name)] = value
            self.stream_id = pairs["id"]
            self.send("<?xml version='1.0'?><stream:stream xmlns='%s' "
                      "xmlns:stream='%s'%s>" % (
                          stanza.CLIENT, stanza.STREAM,
                          stanza.attributes(pairs.items())))
        return got

    def send_features(self, text=""):
        self.send("<stream:features>%s</stream:features>" % text)

    def next(self, name, within=15):
        """The very next element, which must be `name` (Clark or local)."""
        element = self._element(wait.Deadline(within, name))
        if name not in (element.tag, stanza.local(element)):
            raise Unexpected("%s instead of %s" % (stanza.show(element), name))
        return element

    def starttls(self, inject=b"", offer="<required/>"):
        """Header, features, <starttls/>, TLS. inject: bytes that follow
        <proceed/> in the same packet, in the clear."""
        self.header()
        self.send_features("<starttls xmlns='%s'>%s</starttls>"
                           % (stanza.TLS, offer))
        self.next(q(stanza.TLS, "starttls"))
        self.send(b"<proceed xmlns='%s'/>" % stanza.TLS.encode() + inject)
        self.start_tls()

    def mechanism_list(self, mechanisms=None):
        return "<mechanisms xmlns='%s'>%s</mechanisms>" % (
            stanza.SASL, "".join("<mechanism>%s</mechanism>" % m for m in
                                 mechanisms or self.peer.mechanisms))

    def authenticate(self, success=True, final="success", refuse=None,
                     text=None, **faults):
        """The SASL exchange. refuse: a condition to answer <auth/> with.
        faults: scram.Server's. final: "success" (server-final in
        <success/>), "challenge" (in a last challenge) or "none" (left out).
        Returns the mechanism; a wrong password is answered as servers do and
        raises Unexpected."""
        auth = self.next(q(stanza.SASL, "auth"))
        mechanism = auth.get("mechanism")
        first = self._decoded(auth)
        if refuse is not None:
            self.refuse(refuse, text)
            return mechanism
        try:
            if mechanism == "PLAIN":
                _, user, password = first.split(b"\0")
                self.user = user.decode()
                if self.peer.users.get(self.user) != password.decode():
                    raise scram.Refused("wrong password")
                server_final = b""
            elif mechanism.startswith("SCRAM-"):
                server_final = self._scram(mechanism, first, faults)
            else:
                raise Unexpected("%s was not offered" % mechanism)
        except scram.Refused as e:
            self.refuse("not-authorized", str(e))
            raise Unexpected(str(e)) from e
        if not success:
            return mechanism
        if final == "challenge":
            self.send("<challenge xmlns='%s'>%s</challenge>" % (
                stanza.SASL, scram.b64(server_final)))
            self.next(q(stanza.SASL, "response"))
            server_final = b""
        if final == "none":
            server_final = b""
        self.send("<success xmlns='%s'>%s</success>" % (
            stanza.SASL, scram.b64(server_final)))
        return mechanism

    def _scram(self, mechanism, first, faults):
        binding = None
        if mechanism.endswith("-PLUS"):
            binding = self.wire.sock.get_channel_binding("tls-unique")
        end = scram.Server(mechanism, self.peer.users, binding, **faults)
        self.send("<challenge xmlns='%s'>%s</challenge>" % (
            stanza.SASL, scram.b64(end.challenge(first))))
        answer = self.next(q(stanza.SASL, "response"))
        final = end.finish(self._decoded(answer))
        self.user = end.user
        return final

    @staticmethod
    def _decoded(element):
        text = (element.text or "").strip()
        return b"" if text in ("", "=") else base64.b64decode(text)

    def refuse(self, condition, text=None):
        self.send("<failure xmlns='%s'><%s/>%s</failure>" % (
            stanza.SASL, condition, "" if text is None else
            "<text xml:lang='en'>%s</text>" % stanza.escape(text)))

    def login(self, mechanisms=None, **faults):
        """From the first byte to a bound resource. mechanisms: what is
        offered; faults: authenticate()'s."""
        if self.peer.tls == "starttls":
            self.starttls()
        self.header()
        self.send_features(self.mechanism_list(mechanisms))
        mechanism = self.authenticate(**faults)
        self.header()
        self.send_features("<bind xmlns='%s'/>%s" % (stanza.BIND,
                                                     self.features))
        self.serve_until(lambda: self.jid is not None, what="bind")
        return mechanism

    def legacy_login(self, fields=("username", "password", "digest",
                                   "resource"), error=None):
        """A server without SASL (version 1.0 is not said): XEP-0078 from
        the first byte on. error: an <error/> for the second step. Returns
        "digest" or "password"."""
        if self.peer.tls == "starttls":
            self.starttls()
        self.header()
        self.send_features("<auth xmlns='http://jabber.org/features/iq-auth'"
                           "/>")
        asked = self.next("iq")
        if asked.get("type") == "get":
            self.send(stanza.iq("result", "<query xmlns='%s'>%s</query>" % (
                stanza.AUTH, "".join("<%s/>" % f for f in fields)),
                id=asked.get("id")))
            asked = self.next("iq")
        query = asked.find(q(stanza.AUTH, "query"))
        got = {stanza.local(e): e.text or "" for e in query}
        if error is not None:
            self.send(stanza.iq("error", error, id=asked.get("id")))
            return None
        way = "digest" if "digest" in got else "password"
        password = self.peer.users.get(got["username"], "")
        want = password if way == "password" else hashlib.sha1(
            (self.stream_id + password).encode()).hexdigest()
        if got[way] != want:
            self.send(stanza.iq("error", stanza.error(
                "not-authorized", "auth", code="401"), id=asked.get("id")))
            raise Unexpected("wrong %s" % way)
        self.user = got["username"]
        self.jid = "%s@%s/%s" % (self.user, self.peer.domain,
                                 got["resource"])
        self.send(stanza.iq("result", id=asked.get("id")))
        return way

    def come_online(self, within=20, **options):
        """login(), and requests answered until the first presence, which is
        reflected as servers do."""
        self.login(**options)
        return self.await_presence(within)

    def await_presence(self, within=20):
        first = self.expect(stanza.matches("presence", to=None, type=None),
                            within, "initial presence")
        self.reflect(first)
        return first

    def reflect(self, presence):
        text = stanza.show(presence)
        text = re.sub(r"^<(\S+)", lambda m: "<%s from='%s' to='%s'" % (
            m.group(1), self.jid, self.jid), text, count=1)
        self.send(text)

    # -- stanzas

    def expect(self, predicate=None, within=15, what=None):
        """The first stanza that matches, past or coming. Requests that come
        meanwhile are answered from `answers`, unless they match."""
        for i, element in enumerate(self.seen):
            if predicate is None or predicate(element):
                return self.seen.pop(i)
        deadline = wait.Deadline(within, what or "matching stanza")
        while True:
            element = self._element(deadline)
            if predicate is None or predicate(element):
                return element
            self._handle(element)

    def serve_until(self, condition=None, within=15, what="condition"):
        """Answers requests until condition() is true (asked after each
        stanza and a few times a second)."""
        deadline = wait.Deadline(within, what)
        while not condition():
            try:
                self._handle(self._element(wait.Deadline(
                    min(0.1, deadline.left()) / wait.PATIENCE, what)))
            except wait.Timeout:
                deadline.left()

    @contextlib.contextmanager
    def serving(self):
        """Answers requests in a thread while the block runs, which may send
        but not expect."""
        stop = threading.Event()

        def serve():
            while not stop.is_set():
                try:
                    self._handle(self._element(wait.Deadline(0.1)))
                except wait.Timeout:
                    continue
                except (wire.Closed, OSError):
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            stop.set()
            thread.join(5)

    def serve(self):
        """Answers requests until the client leaves: for background()."""
        while True:
            try:
                self._handle(self._element(wait.Deadline(1)))
            except wait.Timeout:
                if self.peer.stopping:
                    return

    def _handle(self, element):
        if stanza.local(element) == "iq" and element.get("type") in (
                "get", "set"):
            payload = element[0].tag if len(element) else None
            answer = self.answers.get(payload, Conn._on_unknown)
            if answer is not None:
                answer(self, element)
        else:
            self.seen.append(element)

    def sync(self, within=15):
        """The client has taken in all that was sent before: it has answered
        a ping behind it."""
        self.count += 1
        number = "sync%d" % self.count
        self.send(stanza.iq("get", "<ping xmlns='%s'/>" % stanza.PING,
                            to=self.jid, id=number,
                            from_=stanza.bare(self.jid)))
        self.expect(stanza.matches("iq", id=number), within,
                    "answer to a ping")

    def result(self, iq, payload="", from_=None):
        self.send(stanza.iq("result", payload, id=iq.get("id"),
                            to=self.jid, from_=from_))

    def refuse_iq(self, iq, condition="service-unavailable", kind="cancel",
                  text=None):
        self.send(stanza.iq("error", stanza.error(condition, kind, text),
                            id=iq.get("id"), to=self.jid,
                            from_=iq.get("to")))

    # -- what a server answers

    def _on_unknown(self, iq):
        self.refuse_iq(iq)

    def _on_empty(self, iq):
        self.result(iq, from_=iq.get("to"))

    def _on_bind(self, iq):
        wish = iq.find(".//" + q(stanza.BIND, "resource"))
        resource = (wish.text if wish is not None and wish.text
                    else "peer%d" % len(self.peer.conns))
        self.jid = "%s@%s/%s" % (self.user, self.peer.domain, resource)
        self.send(stanza.iq("result", "<bind xmlns='%s'><jid>%s</jid></bind>"
                            % (stanza.BIND, stanza.escape(self.jid)),
                            id=iq.get("id")))

    def _on_roster(self, iq):
        if iq.get("type") == "set":
            self._on_empty(iq)
            return
        items = "".join("<item jid='%s' name='%s' subscription='both'/>"
                        % (jid, stanza.escape(name))
                        for jid, name in self.roster.items())
        self.result(iq, "<query xmlns='%s'>%s</query>"
                    % (stanza.ROSTER, items))

    def _on_info(self, iq):
        is_account = stanza.bare(iq.get("to") or self.jid) == stanza.bare(
            self.jid)
        identity = ("<identity category='account' type='registered'/>"
                    if is_account else
                    "<identity category='server' type='im'/>")
        node = iq[0].get("node")
        self.result(iq, "<query xmlns='%s'%s>%s%s</query>" % (
            stanza.INFO, stanza.attributes([("node", node)]), identity,
            "".join("<feature var='%s'/>" % f for f in self.info
                    if f != stanza.MAM or self.archive is not None)),
            from_=iq.get("to"))

    def _on_items(self, iq):
        self.result(iq, "<query xmlns='%s'/>" % stanza.ITEMS,
                    from_=iq.get("to"))

    def _on_carbons(self, iq):
        self.carbons_on = stanza.local(iq[0]) == "enable"
        self._on_empty(iq)

    def _on_archive(self, iq):
        if self.archive is None:
            self.refuse_iq(iq)
        else:
            self.archive.answer(self, iq)


def carbon(to, inner, direction="received", from_=None):
    """A carbon copy (XEP-0280) as text; inner: a message as text with its
    from and to. from_: the wrapper's sender, the account's bare JID if
    right."""
    return ("<message from='%s' to='%s'><%s xmlns='%s'><forwarded xmlns='%s'>"
            "%s</forwarded></%s></message>" % (
                from_ or stanza.bare(to), to, direction, stanza.CARBONS,
                stanza.FORWARD, inner.replace(
                    "<message", "<message xmlns='%s'" % stanza.CLIENT, 1),
                direction))
