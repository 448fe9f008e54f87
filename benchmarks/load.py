"""A crowd on keep-alive lines, in a process of its own and lean, so that what it measures is the server.

Reads a JSON plan on stdin and writes one on stdout: `{"took_ms": [...], "seconds": s, "cpu_s": c}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class Line:
    """One connection. HTTP/1.1 with a Content-Length is all that central speaks here."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    @classmethod
    async def to(cls, url: str) -> Line:
        where = urlsplit(url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        return cls(reader, writer, where.netloc)

    async def post(self, path: str, bearer: str, body: bytes) -> bytes:
        """The answer's body. Raises RuntimeError for anything but a success."""
        self._writer.write(
            f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {bearer}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        start = head.lower().index(b"content-length: ") + 16
        answer = await self._reader.readexactly(int(head[start : head.index(b"\r", start)]))
        if head[9:10] != b"2":
            raise RuntimeError(f"{path}: {head[:15].decode()} {answer[:300].decode()}")
        return answer


@dataclass(frozen=True)
class Plan:
    """`work` has an entry a client; each does its items one after the other."""

    kind: str
    urls: list[str]
    work: list[list[dict[str, Any]]]


async def _hold(line: Line, item: dict[str, Any]) -> None:
    await line.post("/api/holds", item["token"], item["hold"].encode())


async def _order(line: Line, item: dict[str, Any]) -> None:
    """Two seats: held, booked, paid, confirmed."""
    held = json.loads(await line.post("/api/holds", item["token"], item["hold"].encode()))
    wanted = {"eventId": json.loads(item["hold"])["eventId"], "userId": item["user"], "holdId": held["holdId"]}
    booked = json.loads(await line.post("/api/bookings", item["token"], json.dumps(wanted).encode()))
    paid = {"bookingId": booked["bookingId"], "paymentMethod": "voucher", "amount": booked["total price"]}
    body = json.dumps({**paid, "voucherCode": item["voucher"]}).encode()
    answer = json.loads(await line.post("/api/payments", item["token"], body))
    if answer["message"] != "payment processed successfully":
        raise RuntimeError(str(answer))


async def _push(line: Line, item: dict[str, Any]) -> None:
    await line.post("/api/tills/push", item["token"], item["body"].encode())


_KINDS = {"hold": _hold, "order": _order, "push": _push}


async def _run(plan: Plan) -> dict[str, Any]:
    do, took_ms = _KINDS[plan.kind], list[float]()

    async def client(number: int, items: list[dict[str, Any]]) -> None:
        line = await Line.to(plan.urls[number % len(plan.urls)])
        for item in items:
            began = time.perf_counter()
            await do(line, item)
            took_ms.append((time.perf_counter() - began) * 1000)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client(number, items) for number, items in enumerate(plan.work)))
    return {"took_ms": took_ms, "seconds": time.perf_counter() - began, "cpu_s": time.process_time() - cpu}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_run(Plan(**json.load(sys.stdin))))))
