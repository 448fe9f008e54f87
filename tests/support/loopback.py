"""An ASGI application on a free port of 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def served(
    app: ASGIApp, *, has_lifespan: bool = False, drain_s: int = 1, before_ending: Callable[[], None] = lambda: None
) -> Iterator[str]:
    """Its URL, without a slash at the end. `drain_s`: how long requests may go on when it ends."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="on" if has_lifespan else "off",
            ws="none",
            proxy_headers=False,
            timeout_graceful_shutdown=drain_s,
        )
    )
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.005)
    assert server.started
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        before_ending()
        server.should_exit = True
        thread.join(15)
        listener.close()
        assert not thread.is_alive()
