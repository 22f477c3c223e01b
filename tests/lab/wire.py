"""wire - one TCP connection, plain or under TLS, for both ends.

Reads have deadlines. A thread may send while another waits to receive: the
socket never blocks, and the TLS object is only touched under the lock.
"""

import select
import socket
import ssl
import struct
import threading

from . import wait


class Closed(Exception):
    """The other side has ended the connection."""


class Wire:
    def __init__(self, sock):
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.lock = threading.RLock()
        self.is_tls = False
        # How it ended: "close_notify", "eof", "reset" (which Python, under
        # TLS, calls an "eof" too).
        self.ended = None

    @classmethod
    def connect(cls, host, port, within=10):
        return cls(socket.create_connection((host, port), within))

    def start_tls(self, context, server_side=False, name=None, within=10):
        """The handshake, to its end; ssl.SSLError as it comes."""
        deadline = wait.Deadline(within, "TLS handshake")
        # Python hides a missing close_notify by default; we want to know.
        context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
        self.sock = context.wrap_socket(
            self.sock, server_side=server_side, server_hostname=name,
            do_handshake_on_connect=False, suppress_ragged_eofs=False)
        while True:
            try:
                self.sock.do_handshake()
                self.is_tls = True
                return
            except ssl.SSLWantReadError:
                self._ready(deadline, write=False)
            except ssl.SSLWantWriteError:
                self._ready(deadline, write=True)

    def _ready(self, deadline, write):
        """Waits for the socket; half a second at a time, as another thread
        may have read what this one waits for."""
        rest = min(deadline.left(), 0.5)
        if write:
            select.select([], [self.sock], [], rest)
        else:
            select.select([self.sock], [], [], rest)

    def send(self, data, within=20):
        deadline = wait.Deadline(within, "room to send")
        view = memoryview(data)
        with self.lock:
            while len(view):
                try:
                    view = view[self.sock.send(view):]
                except (ssl.SSLWantWriteError, BlockingIOError):
                    self._ready(deadline, write=True)
                except ssl.SSLWantReadError:
                    self._ready(deadline, write=False)
                except OSError as e:
                    raise Closed("sending: %s" % e) from e

    def receive(self, deadline, most=65536):
        """Some bytes; Closed at the end, wait.Timeout when nothing comes."""
        while True:
            try:
                with self.lock:
                    data = self.sock.recv(most)
                if data:
                    return data
                self.ended = "close_notify" if self.is_tls else "eof"
                raise Closed(self.ended)
            except (ssl.SSLWantReadError, BlockingIOError):
                self._ready(deadline, write=False)
            except ssl.SSLWantWriteError:
                self._ready(deadline, write=True)
            except ssl.SSLEOFError as e:
                self.ended = "eof"
                raise Closed(self.ended) from e
            except ConnectionResetError as e:
                self.ended = "reset"
                raise Closed(self.ended) from e
            except ValueError as e:     # closed here by another thread
                raise Closed("closed here") from e
            except OSError as e:
                self.ended = ("eof" if "UNEXPECTED_EOF" in str(e)
                              else "error: %s" % e)
                raise Closed(self.ended) from e

    def close(self, notify=True):
        """notify: TLS's close_notify goes first."""
        with self.lock:
            if self.is_tls and notify:
                try:
                    self.sock.unwrap()
                except (OSError, ValueError):
                    pass        # sent; the other's may come or not
            try:
                self.sock.close()
            except OSError:
                pass

    def reset(self):
        """A TCP reset, without a word."""
        with self.lock:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
            self.sock.close()
