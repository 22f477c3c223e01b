"""certs - a private certification authority, by the openssl command.

    ca = Authority(directory)
    pair = ca.issue("a.example")            # pair.certificate, pair.key
    ca.issue("x", names=["DNS:*.example"])  # what a test of names wants
    ca.issue("old", names=["DNS:a.example"], days=-1)
"""

import os
import subprocess

CONFIG = """\
[req]
distinguished_name = name
prompt = no
string_mask = utf8only
[name]
CN = %(cn)s
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
%(names)s
"""


class Pair:
    def __init__(self, certificate, key):
        self.certificate = certificate
        self.key = key


class Authority:
    def __init__(self, directory, name="Backscroll lab"):
        self.directory = directory
        self.certificate = os.path.join(directory, "ca.pem")
        self.key = os.path.join(directory, "ca.key")
        self.count = 0
        config = self._config("ca", name, "")
        self._openssl("req", "-x509", *self._new_key(self.key), "-days", "30",
                      "-config", config, "-extensions", "authority",
                      "-out", self.certificate)

    def issue(self, name, names=None, days=30, cn=None):
        """A certificate for the DNS name `name`, or for `names` as openssl
        writes subjectAltName (DNS:..., IP:..., otherName:...); [] has none.
        days below zero: expired."""
        if names is None:
            names = ["DNS:" + name]
        self.count += 1
        base = "%02d-%s" % (self.count, name.replace("*", "_"))
        pair = Pair(os.path.join(self.directory, base + ".pem"),
                    os.path.join(self.directory, base + ".key"))
        config = self._config(base, cn or name, "subjectAltName = "
                              + ", ".join(names) if names else "")
        request = os.path.join(self.directory, base + ".csr")
        self._openssl("req", "-new", *self._new_key(pair.key), "-config",
                      config, "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate,
                      "-CAkey", self.key, "-set_serial", str(1000 + self.count),
                      "-days", str(days), "-extfile", config, "-extensions",
                      "server", "-out", pair.certificate)
        return pair

    def _config(self, base, cn, names):
        path = os.path.join(self.directory, base + ".cnf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(CONFIG % {"cn": cn[:64], "names": names})
        return path

    @staticmethod
    def _new_key(path):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-keyout", path)

    @staticmethod
    def _openssl(*words):
        run = subprocess.run(("openssl",) + words, capture_output=True,
                             text=True, stdin=subprocess.DEVNULL)
        if run.returncode != 0:
            raise RuntimeError("openssl %s: %s" % (words[0], run.stderr))
