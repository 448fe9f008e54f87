"""A cable that can be pulled: a small TCP relay between the till and its central."""

from __future__ import annotations

import contextlib
import socket
from threading import Lock, Thread
from urllib.parse import urlsplit


class Cable:
    """Listens on loopback and relays to `target` (host, port). While pulled it takes no one in and drops everybody."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port: int = self._listener.getsockname()[1]
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        self._is_pulled = False
        Thread(target=self._accept, name="cable", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def pull(self) -> None:
        with self._lock:
            self._is_pulled = True
            lines, self._open = self._open, set()
        for line in lines:
            _end(line)

    def plug_in(self) -> None:
        with self._lock:
            self._is_pulled = False

    def close(self) -> None:
        self._listener.close()
        self.pull()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # closed
                return
            with self._lock:
                pulled = self._is_pulled
            if pulled:
                _end(near)
                continue
            try:
                far = socket.create_connection(self._target, timeout=5)
            except OSError:
                _end(near)
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for line in (source, sink):
            with self._lock:
                self._open.discard(line)
            _end(line)


def _end(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
