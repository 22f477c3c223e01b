"""ejabberd - a private ejabberd.

    Ejabberd(site, "b.example", {"romeo": "secret"},
             storage="mnesia",          # or "sqlite"
             password_format="plain",   # or "scram": no DIGEST-MD5, no digest
             legacy=False,              # XEP-0078
             disable=(),                # SASL mechanisms not to offer
             ack_queue=5000, modules={})    # more modules: {"mod_x": {...}}

One Erlang node without a name: no distribution, no epmd, no s2s, no ACME.
"""

import glob
import json
import os
import shutil

from .server import Server

LIBRARIES = "/usr/lib/*/ejabberd-*/ebin"

START = """\
lists:foreach(fun({Name, Password}) ->
        case ejabberd_auth:try_register(Name, %(domain)s, Password) of
                ok -> ok;
                {error, exists} -> ok
        end
end, [%(accounts)s]).
file:write_file(%(ready)s, <<"ready">>).
"""


def _erlang(text):
    return "<<%s>>" % ",".join(str(b) for b in text.encode())


class Ejabberd(Server):
    kind = "ejabberd"
    user_name = "ejabberd"
    command = "ejabberdctl"

    @classmethod
    def is_installed(cls):
        return bool(glob.glob(LIBRARIES)) and shutil.which("erl") is not None

    def configuration(self):
        o = self.options
        tls_options = {None: ["no_tlsv1", "no_tlsv1_1"],
                       "1.2": ["no_tlsv1", "no_tlsv1_1", "no_tlsv1_3"],
                       "1.3": ["no_tlsv1", "no_tlsv1_1", "no_tlsv1_2"]}
        listen = {"ip": "127.0.0.1", "module": "ejabberd_c2s",
                  "max_stanza_size": 1048576, "access": "all",
                  "shaper": "none", "protocol_options": tls_options[self.tls]}
        modules = {
            "mod_blocking": {}, "mod_caps": {}, "mod_carboncopy": {},
            "mod_client_state": {}, "mod_disco": {}, "mod_last": {},
            "mod_mam": {"default": "always", "request_activates_archiving":
                        False},
            "mod_muc": {"access_create": "all", "access_persistent": "all",
                        "default_room_options": {"mam": True}},
            "mod_offline": {"access_max_user_messages": 10000}, "mod_ping": {},
            "mod_privacy": {}, "mod_private": {},
            "mod_pubsub": {"plugins": ["flat", "pep"],
                           "access_createnode": "all"},
            "mod_register": {"ip_access": "all", "access": "all",
                             "welcome_message": {"subject": "", "body": ""}},
            "mod_roster": {"versioning": True},
            "mod_stream_mgmt": {"max_ack_queue": o.get("ack_queue", 5000),
                                "resume_timeout": "5 minutes"},
            "mod_vcard": {}, "mod_version": {},
        }
        if o.get("legacy"):
            modules["mod_legacy_auth"] = {}
        modules.update(o.get("modules", {}))
        config = {
            "hosts": [self.domain], "loglevel": "info", "language": "en",
            "certfiles": [self.certificate, self.key],
            "ca_file": self.site.ca.certificate,
            "acme": {"auto": False}, "registration_timeout": "infinity",
            "auth_method": ["internal"],
            "auth_password_format": o.get("password_format", "plain"),
            "disable_sasl_mechanisms": list(o.get("disable", ())),
            "listen": [
                dict(listen, port=self.starttls_port, starttls=True,
                     starttls_required=self.require_tls),
                dict(listen, port=self.direct_port, tls=True)],
            "modules": modules,
        }
        if o.get("storage") == "sqlite":
            config.update(default_db="sql", sql_type="sqlite",
                          sql_database=os.path.join(self.path, "ejabberd.db"))
        return config

    def prepare(self):
        self.ready = os.path.join(self.path, "ready")
        if os.path.exists(self.ready):
            os.unlink(self.ready)
        # JSON is YAML.
        config = self.file("ejabberd.yml", json.dumps(self.configuration(),
                                                      indent=1))
        script = self.file("start.erl", START % {
            "domain": _erlang(self.domain),
            "ready": '"%s"' % self.ready,
            "accounts": ",\n\t".join(
                "{%s, %s}" % (_erlang(n), _erlang(p))
                for n, p in self.accounts.items())})
        inet = self.file("inetrc", '{lookup, ["file", "native"]}.\n'
                         '{host, {127,0,0,1}, ["localhost"]}.\n')
        data = os.path.dirname(self.file("db/.keep", ""))
        libraries = os.path.dirname(os.path.dirname(
            sorted(glob.glob(LIBRARIES))[-1]))
        return {
            "argv": [shutil.which("erl"), "+K", "true", "+S", "2:2",
                     "+P", "250000", "+sbwt", "none", "-noinput",
                     "-start_epmd", "false", "-dist_listen", "false",
                     "-mnesia", "dir", '"%s"' % data, "-s", "ejabberd",
                     "-eval", 'ok = file:eval("%s").' % script],
            "env": {"ERL_LIBS": libraries,
                    "ERL_INETRC": inet, "HOME": self.path,
                    "ERL_CRASH_DUMP": os.path.join(self.path, "crash.dump"),
                    "ERL_CRASH_DUMP_BYTES": "0",
                    "EJABBERD_CONFIG_PATH": config,
                    "EJABBERD_LOG_PATH": os.path.join(self.path,
                                                      "ejabberd.log")},
        }

    def is_ready(self):
        return os.path.exists(self.ready) and super().is_ready()

    def logs(self):
        for title, text in super().logs():
            yield title, "\n".join(line for line in text.splitlines()
                                   if "Creating Mnesia" not in line)
