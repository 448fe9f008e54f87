"""A cable that can be pulled: a small TCP relay between the till and its central."""

from __future__ import annotations

import contextlib
import socket
from threading import Lock, Thread
from urllib.parse import urlsplit


class Cable:
    """Listens on loopback and relays to `url`. While pulled it takes no one in and drops everybody."""

    def __init__(self, url: str) -> None:
        self._target = _place_of(url)
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

    def plug_in(self, url: str = "") -> None:
        """Where it was, or into another socket."""
        with self._lock:
            self._target = _place_of(url) if url else self._target
            self._is_pulled = False

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for callers: closing does not
        self._listener.close()
        self.pull()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # closed
                return
            try:
                far = self._connect()
            except OSError:
                _end(near)
                continue
            with self._lock:
                pulled = self._is_pulled  # meanwhile, perhaps
                if not pulled:
                    self._open |= {near, far}
            if pulled:
                _end(near)
                _end(far)
                continue
            for source, sink in ((near, far), (far, near)):
                Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _connect(self) -> socket.socket:
        with self._lock:
            if self._is_pulled:
                raise ConnectionRefusedError
            target = self._target
        far = socket.create_connection(target, timeout=5)
        far.settimeout(None)
        return far

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for line in (source, sink):
            with self._lock:
                self._open.discard(line)
            _end(line)


def _place_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def _end(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
