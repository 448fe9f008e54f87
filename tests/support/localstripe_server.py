"""localstripe, an independent imitation of Stripe, as a process of its own on 127.0.0.1: see `gateways.localstripe`.

It speaks the API of before September 2026: what has another name since reaches it under the old one, and what only
browsers care for does not. It keeps its books in memory alone and prints its port.
"""

from __future__ import annotations

import socket
from typing import Any

from aiohttp import web
from localstripe import resources, server  # type: ignore[import-untyped]

_create = resources.PaymentIntent._api_create.__func__
_confirm = resources.PaymentIntent._api_confirm


def _create_as_before(cls: Any, /, allowed_payment_method_types: Any = None, **data: Any) -> Any:
    return _create(cls, payment_method_types=allowed_payment_method_types, **data)


def _confirm_as_before(use_stripe_sdk: Any = None, **data: Any) -> Any:
    return _confirm(**data)


def main() -> None:
    resources.Store.dump_to_disk = lambda _: None
    resources.PaymentIntent._api_create = classmethod(_create_as_before)
    for route in server.app.router.routes():
        if route.method == "POST" and route.resource.canonical.endswith("/payment_intents/{id}/confirm"):
            route._handler = server.api_extra(_confirm_as_before, "")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201  (what the starter waits for)
    web.run_app(server.app, sock=listener, access_log=None, print=None)


if __name__ == "__main__":
    main()
