"""Every wrong answer has its meaning, and none of them is an acknowledgement."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from boxoffice.domain.ids import LeaseRequestId
from boxoffice.domain.protocol import LeaseGrant, LeaseKind, LeaseRequest, PairRequest
from sync.client import MARK, Client, Failed, PairingRefused
from sync.core import Ask, Failure, Request
from tests.sync.played import TONIGHT, ModelCentral

URL = "http://central.test"
MARKED = {MARK: "1"}
PROBLEM = {"title": "Not now.", "detail": "Come back.", "status": 409, "code": "not_now"}
STATUS = ModelCentral().status(1).model_dump_json()
LEASE = LeaseRequest(request=LeaseRequestId(UUID(int=1)), performance=TONIGHT, kind=LeaseKind.BASKET, seats=(4,))
Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer | httpx.Response) -> Client:
    handler: Answer = answer if callable(answer) else (lambda _: answer)
    return Client(URL, "secret", httpx.MockTransport(handler))


def failing(error: type[httpx.RequestError]) -> Answer:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error("no", request=request)

    return fail


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (failing(httpx.ConnectError), Failure.TRANSPORT),
        (failing(httpx.ReadTimeout), Failure.TRANSPORT),
        (failing(httpx.RemoteProtocolError), Failure.TRANSPORT),
        (httpx.Response(200, html="<h1>Welcome to the guest network</h1>"), Failure.NOT_THE_PROTOCOL),
        (httpx.Response(302, headers={"Location": "http://portal.test/"}), Failure.NOT_THE_PROTOCOL),
        (httpx.Response(200, text=STATUS), Failure.NOT_THE_PROTOCOL),
        (httpx.Response(200, headers=MARKED, text="{}"), Failure.NOT_THE_PROTOCOL),
        (httpx.Response(200, headers=MARKED, text=STATUS[:-5]), Failure.NOT_THE_PROTOCOL),
        (httpx.Response(200, headers=MARKED), Failure.NOT_THE_PROTOCOL),
        (httpx.Response(401, html="proxy sign-in"), Failure.NOT_THE_PROTOCOL),
        (httpx.Response(410, html="gone"), Failure.NOT_THE_PROTOCOL),
        (httpx.Response(502, html="bad gateway"), Failure.BUSY),
        (httpx.Response(500, headers=MARKED, json=PROBLEM), Failure.BUSY),
        (httpx.Response(503, headers=MARKED), Failure.BUSY),
        (httpx.Response(429, headers=MARKED, json=PROBLEM), Failure.BUSY),
        (httpx.Response(401, headers=MARKED, json=PROBLEM), Failure.UNAUTHORISED),
        (httpx.Response(410, headers=MARKED, json=PROBLEM), Failure.RESYNC),
        (httpx.Response(404, headers=MARKED, json=PROBLEM), Failure.REFUSED),
        (httpx.Response(409, headers=MARKED, json=PROBLEM), Failure.REFUSED),
        (httpx.Response(422, headers=MARKED, text="not json"), Failure.REFUSED),
    ],
)
def test_every_wrong_answer_has_its_failure(answer: Answer | httpx.Response, failure: Failure) -> None:
    with pytest.raises(Failed) as failed:
        client(answer).ask(Request(Ask.STATUS), 1)
    assert failed.value.failure is failure


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), ("", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-5", 0.0), ("soon", 0.0)]
)
def test_retry_after_is_read_in_seconds(text: str, seconds: float) -> None:
    answer = httpx.Response(429, headers={**MARKED, "Retry-After": text})
    with pytest.raises(Failed) as failed:
        client(answer).ask(Request(Ask.HEADS), 1)
    assert failed.value.retry_after_s == seconds


def test_each_request_goes_to_its_place_with_the_credential() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(503)

    asks = [
        (Request(Ask.STATUS), "GET /api/tills/status?incarnation=3"),
        (Request(Ask.INCARNATION), "POST /api/tills/incarnations"),
        (Request(Ask.HEADS), "GET /api/tills/heads"),
        (Request(Ask.CATALOGUE), "GET /api/tills/catalogue"),
        (Request(Ask.KEYS), "GET /api/tills/keys"),
        (Request(Ask.LEASE, TONIGHT, lease=LEASE), "POST /api/tills/leases"),
        (Request(Ask.PUSH), "POST /api/tills/push"),
        (Request(Ask.SNAPSHOT, TONIGHT), "GET /api/tills/performances/1001/snapshot"),
        (Request(Ask.FEED, TONIGHT, after=7), "GET /api/tills/performances/1001/feed?after=7&limit=500"),
    ]
    assert {ask.ask for ask, _ in asks} == set(Ask)
    for ask, expected in asks:
        with pytest.raises(Failed):
            client(answer).ask(ask, 3)
        assert f"{seen[-1].method} {seen[-1].url.raw_path.decode()}" == expected
        assert seen[-1].headers["Authorization"] == "Bearer secret"


def test_a_grant_comes_back_as_it_was_given() -> None:
    grant = LeaseGrant(request=LEASE.request, performance=TONIGHT, taken=(4,))

    def answer(request: httpx.Request) -> httpx.Response:
        assert LeaseRequest.model_validate_json(request.content) == LEASE
        return httpx.Response(200, headers=MARKED, text=grant.model_dump_json())

    assert client(answer).lease(LEASE) == grant


def test_hints_come_one_by_one_with_heartbeats_between_until_the_line_breaks() -> None:
    text = ': beat\n\ndata: {"performance": 1001, "head": 4}\n\n: beat\n\ndata: nonsense\n\n'
    hints = client(httpx.Response(200, headers=MARKED, text=text)).hints()
    assert next(hints) is None
    hint = next(hints)
    assert hint is not None
    assert (hint.performance, hint.head) == (TONIGHT, 4)
    assert next(hints) is None
    with pytest.raises(Failed):
        next(hints)


@pytest.mark.parametrize("answer", [httpx.Response(200, html="hello"), httpx.Response(503, headers=MARKED)])
def test_hints_of_somebody_else_are_not_listened_to(answer: httpx.Response) -> None:
    with pytest.raises(Failed):
        next(client(answer).hints())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(403, headers=MARKED, json=PROBLEM), "Not now."),
        (httpx.Response(200, html="hello"), "not a Box Office central"),
        (failing(httpx.ConnectError), "does not answer"),
        (failing(httpx.UnsupportedProtocol), "not an address"),
    ],
)
def test_a_pairing_that_fails_says_what_to_do(answer: Answer | httpx.Response, words: str) -> None:
    with pytest.raises(PairingRefused, match=words) as refused:
        client(answer).pair(PairRequest(code="ABCD-1234", name="Till", public_key=bytes(32)))
    assert refused.value.way_out
