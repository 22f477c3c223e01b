"""prosody - a private Prosody.

    Prosody(site, "a.example", {"juliet": "secret"},
            modules=("mam", ...),       # instead of MODULES
            auth="internal_plain",      # or internal_hashed: SCRAM-SHA-1 only
            legacy=False,               # XEP-0078 (plain), SASL stays offered
            mechanisms=None,            # offer these only
            storage="internal",         # or "sqlite", for the archive
            page=None,                  # archive's largest page
            extra="", host_extra="")    # more lines of configuration

Accounts are always Prosody's own files, written before the start.
"""

import hashlib
import hmac
import os
import secrets

from .server import Server

MODULES = ("roster", "saslauth", "tls", "disco", "presence", "message", "iq",
           "carbons", "mam", "smacks", "csi", "offline", "ping", "version",
           "time", "register_ibr", "user_account_management", "pep",
           "bookmarks", "blocklist", "private", "vcard_legacy",
           "lastactivity")

CONFIG = """\
daemonize = false
pidfile = "%(path)s/prosody.pid"
data_path = "%(path)s/data"
certificates = "%(path)s"
log = { { levels = { min = "info" }, to = "console", timestamps = true } }
interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
c2s_ports = { %(starttls)d }
c2s_direct_tls_ports = { %(direct)d }
legacy_ssl_ports = { }
modules_enabled = { %(modules)s }
modules_disabled = { "s2s", "http", "admin_shell", "posix" }
c2s_require_encryption = %(require)s
authentication = "%(auth)s"
default_storage = "internal"
archive_expires_after = "never"
default_archive_policy = true
allow_registration = true
%(ssl_limits)s
%(extra)s

VirtualHost "%(domain)s"
	ssl = { %(ssl)s }
	%(host_extra)s

Component "conference.%(domain)s" "muc"
	modules_enabled = { "muc_mam" }
	muc_log_by_default = true
	restrict_room_creation = false
	muc_room_locking = false
	muc_room_default_public = true
"""


def _lua(text):
    """A Lua string, any bytes in it."""
    return '"' + "".join("\\%03d" % b for b in text.encode()) + '"'


def _escaped(name):
    """A file name, as Prosody's data manager makes it."""
    return "".join(c if c.isascii() and c.isalnum() else
                   "".join("%%%02x" % b for b in c.encode()) for c in name)


class Prosody(Server):
    kind = "prosody"
    user_name = "prosody"
    command = "prosody"

    def prepare(self):
        o = self.options
        modules = list(o.get("modules", MODULES))
        if o.get("legacy"):
            modules.append("legacyauth")
        extra = [o.get("extra", "")]
        if o.get("page"):
            extra.append("max_archive_query_results = %d" % o["page"])
        if o.get("storage") == "sqlite":
            extra.append('storage = { archive = "sql"; muc_log = "sql" }\n'
                         'sql = { driver = "SQLite3"; '
                         'database = "prosody.sqlite" }')
        if o.get("mechanisms"):
            extra.append("disable_sasl_mechanisms = { %s }" % ", ".join(
                '"%s"' % m for m in (
                    "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256",
                    "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS")
                if m not in o["mechanisms"]))
        protocol = {None: "tlsv1_2+", "1.2": "tlsv1_2", "1.3": "tlsv1_3"}
        ssl = 'certificate = "%s"; key = "%s"; protocol = "%s"' % (
            self.certificate, self.key, protocol[self.tls])
        config = self.file("prosody.cfg.lua", CONFIG % {
            "path": self.path, "starttls": self.starttls_port,
            "direct": self.direct_port, "domain": self.domain,
            "modules": ", ".join('"%s"' % m for m in modules),
            "require": "true" if self.require_tls else "false",
            "auth": o.get("auth", "internal_plain"),
            "ssl": ssl, "ssl_limits": "c2s_direct_tls_ssl = { %s }" % ssl,
            "extra": "\n".join(extra), "host_extra": o.get("host_extra", ""),
        })
        for name, password in self.accounts.items():
            self.add_account(name, password)
        return {"argv": [self.executable(), "--config", config, "-F"]}

    def add_account(self, name, password):
        """Also beside the running server, which reads accounts as needed."""
        path = "data/%s/accounts/%s.dat" % (_escaped(self.domain),
                                            _escaped(name))
        if os.path.exists(os.path.join(self.path, path)):
            return
        if self.options.get("auth") == "internal_hashed":
            salt = secrets.token_hex(8)
            salted = hashlib.pbkdf2_hmac("sha1", password.encode(),
                                         salt.encode(), 4096)
            stored = hashlib.sha1(hmac.digest(salted, b"Client Key",
                                              "sha1")).hexdigest()
            server = hmac.digest(salted, b"Server Key", "sha1").hex()
            record = ('["iteration_count"] = 4096; ["salt"] = %s; '
                      '["stored_key"] = %s; ["server_key"] = %s;'
                      % (_lua(salt), _lua(stored), _lua(server)))
        else:
            record = '["password"] = %s;' % _lua(password)
        self.file(path, "return { %s };\n" % record)

    def logs(self):
        """Without the banner about a resolver that nothing here needs."""
        for title, text in super().logs():
            yield title, text.rpartition("*****\n")[2]
