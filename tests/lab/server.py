"""server - what private servers have in common: ports, start, readiness, end.

A subclass says how: executable(), user_name, prepare() (writes configuration,
returns the Child's arguments), and is_ready() if answering is not enough.

    server.domain  .starttls_port  .direct_port  .ca_file  .accounts
    server.stop()  .start()  .restart()  .kill()
"""

import os
import shutil
import socket

from . import child, site as site_module, wait


class Server:
    kind = "server"
    user_name = None
    command = None

    @classmethod
    def executable(cls):
        return shutil.which(cls.command, path=os.environ.get("PATH", "")
                            + ":/usr/sbin:/sbin:/usr/local/sbin")

    @classmethod
    def is_installed(cls):
        return cls.executable() is not None

    def __init__(self, site, domain, accounts, tls=None, certificate=None,
                 require_tls=True, **options):
        """accounts: {"juliet": "password"}. tls: None (what the server does),
        "1.2" or "1.3" alone. certificate: a certs.Pair, else issued by the
        site's authority for the domain. options are the subclass's."""
        self.site = site
        self.domain = domain
        self.accounts = dict(accounts)
        self.tls = tls
        self.require_tls = require_tls
        self.options = options
        self.ca_file = site.ca.certificate
        self.child = None
        self.user = child.user_of(self.user_name)
        self.path = site.directory("%s-%s" % (self.kind, domain), self.user,
                                   0o700)
        self.log = os.path.join(self.path, "output.log")
        pair = certificate or site.ca.issue(domain)
        self.certificate = self._own_copy(pair.certificate, "server.pem")
        self.key = self._own_copy(pair.key, "server.key")
        site.hold(self)
        self.start()

    def _own_copy(self, source, name):
        target = os.path.join(self.path, name)
        shutil.copyfile(source, target)
        self._give(target)
        os.chmod(target, 0o600)
        return target

    def _give(self, path):
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def file(self, name, text, mode=0o600):
        """Writes a file of the server's own."""
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        at = path
        while at != self.path:
            self._give(at)
            at = os.path.dirname(at)
        return path

    def start(self, same_ports=False):
        """Ready at return. A port that was taken meanwhile: once more."""
        for attempt in range(3):
            if not (same_ports and self.child is not None):
                self.starttls_port = site_module.free_port()
                self.direct_port = site_module.free_port()
            self.child = child.Child(log=self.log, user=self.user,
                                     cwd=self.path, **self.prepare())
            try:
                wait.until(self.is_ready, 30, "%s ready" % self.kind,
                           alive=self.child.must_live)
                return
            except (child.Died, wait.Timeout):
                self.child.stop()
                if attempt == 2:
                    raise

    def is_ready(self):
        return self._answers(self.starttls_port) and self._accepts(
            self.direct_port)

    def _accepts(self, port):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    def _answers(self, port):
        """A stream header is answered with features for our domain."""
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as s:
                s.settimeout(2)
                s.sendall(b"<stream:stream xmlns='jabber:client' to='%s' "
                          b"xmlns:stream='http://etherx.jabber.org/streams' "
                          b"version='1.0'>" % self.domain.encode())
                got = b""
                while b"features>" not in got and b"error>" not in got:
                    more = s.recv(4096)
                    if not more:
                        return False
                    got += more
                s.sendall(b"</stream:stream>")
                return b"features>" in got
        except OSError:
            return False

    def restart(self):
        """Down and up again on the same ports, with the same data."""
        self.stop()
        self.start(same_ports=True)

    def stop(self):
        if self.child is not None:
            self.child.stop(grace=10)

    def kill(self):
        self.child.kill()
        self.child.stop()       # the rest of its group

    def logs(self):
        yield "%s %s" % (self.kind, self.domain), self.child.tail(60)
