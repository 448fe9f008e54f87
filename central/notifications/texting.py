"""SMS through a gateway that takes JSON over HTTP: `{"id", "to", "text"}`, a bearer token, 2xx for taken.

`id` and the header `Idempotency-Key` are the same for every attempt of one message.
"""

from __future__ import annotations

from http import HTTPStatus

import httpx

from central.notifications.carriers import Undelivered
from central.notifications.settings import SmsGateway

_MOST_READ = 500  # characters
# about us or about the moment, not about the message
_LATER = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


class Texter:
    def __init__(self, gateway: SmsGateway, timeout_s: float) -> None:
        self._gateway = gateway
        headers = {"Authorization": f"Bearer {gateway.token}"} if gateway.token else {}
        self._http = httpx.AsyncClient(timeout=timeout_s, headers=headers, follow_redirects=False)

    async def carry(self, address: str, letter: str, key: str) -> str:
        try:
            reply = await self._http.post(
                self._gateway.url, json={"id": key, "to": address, "text": letter}, headers={"Idempotency-Key": key}
            )
        except (httpx.HTTPError, OSError) as error:
            raise Undelivered(str(error) or type(error).__name__) from error
        said = f"{reply.status_code} {reply.text[:_MOST_READ]}"
        if reply.is_success:
            return said
        is_final = reply.is_client_error and reply.status_code not in _LATER
        is_address = reply.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY)
        raise Undelivered(said, is_final=is_final, is_address=is_address)

    async def close(self) -> None:
        await self._http.aclose()
