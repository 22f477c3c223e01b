"""scram - SCRAM (RFC 5802, 7677), both ends, without normalisation of text.

Names of mechanisms select the hash; a -PLUS variant takes channel-binding
data. The server end makes the faults that no real server makes.
"""

import base64
import hashlib
import hmac
import secrets

HASHES = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256",
          "SCRAM-SHA-512": "sha512"}


class Refused(Exception):
    """The proof, the signature or the form of a message is wrong."""


def b64(data):
    return base64.b64encode(data).decode("ascii")


def fields(message):
    return dict(part.split("=", 1) for part in message.split(",")
                if "=" in part)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


class Keys:
    def __init__(self, hash_name, password, salt, iterations):
        self.hash = hash_name
        salted = hashlib.pbkdf2_hmac(hash_name, password.encode(), salt,
                                     iterations)
        self.client = hmac.digest(salted, b"Client Key", hash_name)
        self.stored = hashlib.new(hash_name, self.client).digest()
        self.server = hmac.digest(salted, b"Server Key", hash_name)

    def proof(self, auth):
        return xor(self.client, hmac.digest(self.stored, auth, self.hash))

    def signature(self, auth):
        return hmac.digest(self.server, auth, self.hash)

    def is_proof(self, proof, auth):
        key = xor(proof, hmac.digest(self.stored, auth, self.hash))
        return hashlib.new(self.hash, key).digest() == self.stored


def _hash_of(mechanism):
    return HASHES[mechanism[:-5] if mechanism.endswith("-PLUS")
                  else mechanism]


class Client:
    """first() -> bytes; final(server-first) -> bytes; verify(server-final)."""

    def __init__(self, mechanism, user, password, binding=None):
        self.hash = _hash_of(mechanism)
        self.password = password
        self.binding = binding or b""
        self.gs2 = "p=tls-unique,," if mechanism.endswith("-PLUS") else "n,,"
        self.bare = "n=%s,r=%s" % (
            user.replace("=", "=3D").replace(",", "=2C"),
            secrets.token_urlsafe(18))

    def first(self):
        return (self.gs2 + self.bare).encode()

    def final(self, challenge):
        text = challenge.decode()
        got = fields(text)
        if not got["r"].startswith(fields(self.bare)["r"]):
            raise Refused("the server's nonce does not extend ours")
        bare = "c=%s,r=%s" % (b64(self.gs2.encode() + self.binding), got["r"])
        self.auth = ",".join((self.bare, text, bare)).encode()
        self.keys = Keys(self.hash, self.password,
                         base64.b64decode(got["s"]), int(got["i"]))
        return ("%s,p=%s" % (bare, b64(self.keys.proof(self.auth)))).encode()

    def verify(self, final):
        if fields(final.decode()).get("v") != b64(
                self.keys.signature(self.auth)):
            raise Refused("the server's signature is wrong")


class Server:
    """challenge(client-first) -> server-first; finish(client-final) ->
    server-final, or Refused. `passwords` maps users to passwords.

    signature   good | wrong | missing (no v= at all)
    nonce       good | other (does not extend the client's)
    iterations  what i= says; text is sent as it is, and 4096 computed with
    salt        bytes, or None for random ones
    before      text in front of server-first, such as "m=unknown,"
    after       text behind it, such as ",h=..." or ",x=y"
    """

    def __init__(self, mechanism, passwords, binding=None, iterations=4096,
                 salt=None, signature="good", nonce="good", before="",
                 after=""):
        self.mechanism = mechanism
        self.hash = _hash_of(mechanism)
        self.passwords = passwords
        self.binding = binding
        self.iterations = iterations
        self.salt = salt if salt is not None else secrets.token_bytes(16)
        self.signature = signature
        self.nonce = nonce
        self.before, self.after = before, after
        self.user = None
        self.gs2 = None

    def challenge(self, first):
        text = first.decode()
        flag, authzid, bare = text.split(",", 2)
        self.gs2 = "%s,%s," % (flag, authzid)
        self.bare = bare
        got = fields(bare)
        self.user = got["n"].replace("=2C", ",").replace("=3D", "=")
        own = secrets.token_urlsafe(18)
        self.r = (got["r"] if self.nonce == "good" else
                  got["r"][:-1] + "~") + own
        self.first = "%sr=%s,s=%s,i=%s%s" % (
            self.before, self.r, b64(self.salt), self.iterations, self.after)
        return self.first.encode()

    def finish(self, final):
        text = final.decode()
        got = fields(text)
        want = self.gs2.encode()
        if self.mechanism.endswith("-PLUS"):
            if not self.gs2.startswith("p="):
                raise Refused("no channel binding under %s" % self.mechanism)
            want += self.binding or b""
        if got.get("c") != b64(want):
            raise Refused("channel binding differs")
        if got.get("r") != self.r:
            raise Refused("nonce differs")
        password = self.passwords.get(self.user)
        if password is None:
            raise Refused("no user %r" % self.user)
        rounds = self.iterations if isinstance(self.iterations, int) else 4096
        keys = Keys(self.hash, password, self.salt, rounds)
        bare = text[:text.rindex(",p=")]
        auth = ",".join((self.bare, self.first, bare)).encode()
        if not keys.is_proof(base64.b64decode(got["p"]), auth):
            raise Refused("wrong password")
        signature = keys.signature(auth)
        if self.signature == "wrong":
            signature = bytes([signature[0] ^ 1]) + signature[1:]
        if self.signature == "missing":
            return b""
        return b"v=" + b64(signature).encode()
