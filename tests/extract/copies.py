#!/usr/bin/env python3
"""Copies of one message by every way hash alike, on real servers.

What is sent is compared with what a resource receives, with the carbon of it,
with what the archive keeps, and with what was spooled for somebody who was
away: servers reorder, add and take away, each in its own way.
"""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import stanza, tap  # noqa: E402
from lab.client import Client  # noqa: E402
from lab.ejabberd import Ejabberd  # noqa: E402
from lab.prosody import Prosody  # noqa: E402
from lab.site import Site  # noqa: E402

HASH = os.path.join(os.environ.get("builddir", "build"), "tests", "extract",
                    "hash")
MESSAGE = "{%s}message" % stanza.CLIENT

# name, attributes, children
CASES = [
    ("chat", "type='chat'", "<body>one</body>"),
    ("type normal", "type='normal'", "<body>two</body>"),
    ("no type", "", "<subject>s</subject><body>three</body>"),
    ("languages", "type='chat' xml:lang='de'",
     "<body>vier</body><body xml:lang='cs'>čtyři</body>"
     "<thread parent='p'>t1</thread>"),
    ("chat state and requests", "type='chat'",
     "<active xmlns='http://jabber.org/protocol/chatstates'/>"
     "<body>five</body><request xmlns='urn:xmpp:receipts'/>"
     "<markable xmlns='urn:xmpp:chat-markers:0'/>"
     "<origin-id xmlns='urn:xmpp:sid:0' id='o5'/>"),
    ("link and hint", "type='chat'",
     "<body>six</body><store xmlns='urn:xmpp:hints'/>"
     "<x xmlns='jabber:x:oob'><url>https://a/b</url><desc>d</desc></x>"),
    ("correction with markup", "type='chat'",
     "<replace xmlns='urn:xmpp:message-correct:0' id='x'/>"
     "<body>seven &amp; &lt;b&gt;  blanks  \n line</body>"
     "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
     "<body xmlns='http://www.w3.org/1999/xhtml'><p style='a'>seven</p> "
     "<b>x</b></body></html>"),
    ("reply", "type='chat'",
     "<body>&gt; q\nanswer</body>"
     "<reply xmlns='urn:xmpp:reply:0' to='a@b' id='1'/>"
     "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>"
     "<body start='0' end='4'/></fallback>"),
    ("file", "type='chat'",
     "<body>u</body><file-sharing xmlns='urn:xmpp:sfs:0' "
     "disposition='inline'><file xmlns='urn:xmpp:file:metadata:0'>"
     "<media-type>image/png</media-type><size>3</size></file><sources>"
     "<url-data xmlns='http://jabber.org/protocol/url-data' "
     "target='https://x/y'/></sources></file-sharing>"),
    ("form", "type='chat'",
     "<body>form</body><x xmlns='jabber:x:data' type='form'>"
     "<title>t</title><field var='a' type='text-single' label='l'>"
     "<value>v</value><required/></field></x>"),
    ("envelope", "type='chat'",
     "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'>"
     "<key rid='2' prekey='true'>AAA=</key><iv>BB==</iv></header>"
     "<payload>CC==</payload></encrypted><encryption "
     "xmlns='urn:xmpp:eme:0' name='OMEMO' "
     "namespace='eu.siacs.conversations.axolotl'/><body>sealed</body>"
     "<store xmlns='urn:xmpp:hints'/>"),
    ("invitation", "",
     "<x xmlns='jabber:x:conference' jid='room@conf.example' reason='r'/>"
     "<body>come</body>"),
    ("claimed delay", "type='chat'",
     "<body>claimed</body><delay xmlns='urn:xmpp:delay' from='me' "
     "stamp='2020-01-01T00:00:00Z'/>"),
    ("reaction", "type='chat'",
     "<reactions xmlns='urn:xmpp:reactions:0' id='1'><reaction>b</reaction>"
     "<reaction>a</reaction></reactions><store xmlns='urn:xmpp:hints'/>"),
    # Says only that all of the others have come.
    ("end", "type='chat'", "<body>end</body>"),
]


def line(element):
    return ET.tostring(element, encoding="unicode").replace("\n", "&#10;")


def hashes(lines):
    out = subprocess.run([HASH], input="\n".join(lines) + "\n", text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    return out.splitlines()


def inner(elements):
    """Messages that came inside others."""
    return [m for e in elements for m in e.iter(MESSAGE) if m is not e]


def compare(kind, name, copies):
    """copies: {way: line}; all must hash as the first."""
    got = dict(zip(copies, hashes(copies.values())))
    if not tap.ok(len(set(got.values())) == 1,
                  "%s: %s is one message by all ways (%s)"
                  % (kind, name, ", ".join(copies))):
        for way, text in copies.items():
            tap.note("%s %s %s" % (way, got[way][:8], text))


def find(elements, id):
    for e in elements:
        if e.tag == MESSAGE and e.get("id") == id:
            return line(e)
    return None


def conversation(server):
    """Both say each case; what came by which way is compared."""
    kind = server.kind
    with Client("juliet@%s/phone" % server.domain, "one", server) as phone, \
            Client("juliet@%s/eye" % server.domain, "one", server) as eye, \
            Client("romeo@%s/pen" % server.domain, "two", server) as romeo:
        eye.carbons()
        for client, priority in ((phone, 5), (eye, -1), (romeo, 0)):
            client.online(priority=priority)
        for i, (_, attributes, children) in enumerate(CASES):
            for sender, to, way in ((romeo, phone, "in"),
                                    (phone, romeo, "out")):
                sender.send("<message to='%s' id='%s-%d' %s>%s</message>" % (
                    to.bare, way, i, attributes, children))
        last = len(CASES) - 1
        phone.expect(lambda e: e.get("id") == "in-%d" % last)
        romeo.expect(lambda e: e.get("id") == "out-%d" % last)
        for way in ("in", "out"):
            eye.expect(lambda e: any(m.get("id") == "%s-%d" % (way, last)
                                     for m in inner([e])))
        archive = [m for _, _, m in eye.archive()]
        for i, (name, attributes, children) in enumerate(CASES[:-1]):
            for way, box in (("in", phone.inbox), ("out", romeo.inbox)):
                id = "%s-%d" % (way, i)
                copies = {
                    "sent": "<message xmlns='%s' %s>%s</message>" % (
                        stanza.CLIENT, attributes,
                        children.replace("\n", "&#10;")),
                    "live": find(box, id),
                    "carbon": find(inner(eye.inbox), id),
                    "archive": find(archive, id),
                }
                missing = [w for w, text in copies.items() if text is None]
                if tap.equal(missing, [], "%s: %s %s came by all ways"
                             % (kind, name, way)):
                    compare(kind, "%s %s" % (name, way), copies)


def spool(server):
    """What waited for somebody who was away."""
    with Client("romeo@%s/pen" % server.domain, "two", server) as romeo:
        romeo.online()
        romeo.send("<message to='juliet@%s' id='away' type='chat'>"
                   "<body>awake?</body></message>" % server.domain)
        romeo.sync()
    with Client("juliet@%s/phone" % server.domain, "one", server) as phone:
        phone.presence()
        late = phone.expect(stanza.matches("message", id="away"))
        archive = [m for _, _, m in phone.archive()]
    compare(server.kind, "a spooled message", {
        "sent": "<message xmlns='%s' type='chat'><body>awake?</body>"
                "</message>" % stanza.CLIENT,
        "offline": line(late), "archive": find(archive, "away")})


def test():
    with Site() as site:
        for kind in (Prosody, Ejabberd):
            server = kind(site, "%s.example" % kind.kind,
                          {"juliet": "one", "romeo": "two"})
            spool(server)
            conversation(server)


if __name__ == "__main__":
    tap.need(Prosody.is_installed() and Ejabberd.is_installed(),
             "Prosody and ejabberd")
    tap.main(test)
