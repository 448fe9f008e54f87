"""Central over HTTP. Whatever is not plainly central's own answer is a failure, never an acknowledgement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import httpx
from pydantic import ValidationError

from boxoffice.domain.catalogue import Catalogue
from boxoffice.domain.protocol import (
    FeedPage,
    Heads,
    Hint,
    KeyBundle,
    LeaseGrant,
    LeaseRequest,
    PairReply,
    PairRequest,
    Problem,
    PushReply,
    Snapshot,
    Status,
)
from boxoffice.domain.refusals import Refused
from boxoffice.domain.values import Value
from sync.core import Ask, Failure, Reply, Request

MARK = "X-Box-Office"
TIMEOUT = httpx.Timeout(10.0, connect=4.0)
LEASE_TIMEOUT = httpx.Timeout(4.0, connect=2.0)  # a customer waits for this one
HINTS_TIMEOUT = httpx.Timeout(45.0, connect=4.0)  # three missed heartbeats

V = TypeVar("V", bound=Value)


class Failed(Exception):
    def __init__(self, failure: Failure, retry_after_s: float = 0.0, problem: Problem | None = None) -> None:
        super().__init__(failure.name)
        self.failure, self.retry_after_s, self.problem = failure, retry_after_s, problem


class PairingRefused(Refused):
    code = "pairing_refused"


class Client:
    """Thread-safe: httpx.Client is. `transport` lets a test stand in for the network."""

    def __init__(self, base_url: str, credential: str = "", transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        self._http = httpx.Client(
            base_url=base_url, headers=headers, timeout=TIMEOUT, transport=transport, follow_redirects=False
        )

    def close(self) -> None:
        self._http.close()

    def ask(self, request: Request, incarnation: int) -> Reply:
        """Carry one request of the core out. Raises Failed."""
        performance = f"/api/tills/performances/{request.performance}"
        match request.ask:
            case Ask.STATUS:
                return self._get("/api/tills/status", Status, incarnation=incarnation)
            case Ask.INCARNATION:
                return self._post("/api/tills/incarnations", None, Status)
            case Ask.PUSH:
                return self._post("/api/tills/push", request.push, PushReply)
            case Ask.HEADS:
                return self._get("/api/tills/heads", Heads)
            case Ask.CATALOGUE:
                return self._get("/api/tills/catalogue", Catalogue)
            case Ask.KEYS:
                return self._get("/api/tills/keys", KeyBundle)
            case Ask.LEASE:
                return self._post("/api/tills/leases", request.lease, LeaseGrant)
            case Ask.SNAPSHOT:
                return self._get(f"{performance}/snapshot", Snapshot)
            case Ask.FEED:
                return self._get(f"{performance}/feed", FeedPage, after=request.after, limit=500)

    def lease(self, request: LeaseRequest) -> LeaseGrant:
        """A lease for a customer who waits. Raises Failed."""
        return self._post("/api/tills/leases", request, LeaseGrant, LEASE_TIMEOUT)

    def pair(self, request: PairRequest) -> PairReply:
        """Raises PairingRefused with what to do."""
        try:
            return self._post("/api/tills/pair", request, PairReply)
        except Failed as failed:
            if failed.problem is not None:
                raise PairingRefused(failed.problem.title, failed.problem.detail) from failed
            if failed.failure is Failure.NOT_THE_PROTOCOL:
                raise PairingRefused(
                    "Something answers at this address, but it is not a Box Office central.",
                    "Check the address; on a guest network, sign in to the network first.",
                ) from failed
            raise PairingRefused(
                "Central does not answer at this address.", "Check the address and the network cable."
            ) from failed
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as wrong:
            raise PairingRefused("This is not an address.", "Type it like https://tickets.example.org.") from wrong

    def hints(self) -> Iterator[Hint | None]:
        """Server-sent hints for as long as the line holds; None is a heartbeat. Raises Failed."""
        try:
            with self._http.stream("GET", "/api/tills/hints", timeout=HINTS_TIMEOUT) as response:
                if response.status_code != httpx.codes.OK or response.headers.get(MARK) is None:
                    raise Failed(Failure.NOT_THE_PROTOCOL)
                for line in response.iter_lines():
                    if line.startswith("data:"):
                        yield Hint.model_validate_json(line.removeprefix("data:"))
                    elif line.startswith(":"):
                        yield None
        except (httpx.HTTPError, ValidationError) as error:
            raise Failed(Failure.TRANSPORT) from error

    def _get(self, path: str, answer: type[V], **params: int) -> V:
        return self._answer(self._http.build_request("GET", path, params=params), answer)

    def _post(self, path: str, body: Value | None, answer: type[V], timeout: httpx.Timeout = TIMEOUT) -> V:
        content = "{}" if body is None else body.model_dump_json()
        headers = {"Content-Type": "application/json"}
        return self._answer(
            self._http.build_request("POST", path, content=content, headers=headers, timeout=timeout), answer
        )

    def _answer(self, request: httpx.Request, answer: type[V]) -> V:
        try:
            response = self._http.send(request)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise
        except httpx.HTTPError as error:
            raise Failed(Failure.TRANSPORT) from error
        if response.headers.get(MARK) is None:
            gateway = response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
            raise Failed(Failure.BUSY if gateway else Failure.NOT_THE_PROTOCOL, _retry_after(response))
        if response.is_success:
            try:
                return answer.model_validate_json(response.content)
            except ValidationError as error:
                raise Failed(Failure.NOT_THE_PROTOCOL) from error
        raise Failed(_failure_of(response.status_code), _retry_after(response), _problem(response))


def _failure_of(status: int) -> Failure:
    if status == httpx.codes.UNAUTHORIZED:
        return Failure.UNAUTHORISED
    if status == httpx.codes.GONE:
        return Failure.RESYNC
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Failure.BUSY
    return Failure.REFUSED


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _problem(response: httpx.Response) -> Problem | None:
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None
