"""A central that has revoked this till, is somebody else, or has another time: what the counter then says and does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from boxoffice.domain.clock import utc_now
from boxoffice.domain.facts import FactKind
from boxoffice.domain.tokens import verify
from tests.program.conftest import Open
from tests.program.counter import Counter, Key, identity_of, pair, revoke, words_of
from tests.support.central import RunningCentral
from ui.sign_in.pairing import PairingForm
from ui.sign_in.pairing_view import PairingPage
from ui.tour.network import Cable


class Portal(ThreadingHTTPServer):
    """A guest network that wants a sign-in: to whatever is asked it answers 200 and a page."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Page(BaseHTTPRequestHandler):
    server: Portal

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(self.path)
        page = b"<!doctype html><title>Welcome</title><p>Sign in to the guest network."
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def portal() -> Iterator[Portal]:
    with Portal() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def cable(central: RunningCentral) -> Iterator[Cable]:
    line = Cable(central.url)
    yield line
    line.close()


@pytest.fixture
def counter(folder: Path, central: RunningCentral, cable: Cable, open_till: Open) -> Counter:
    """Ready to sell, with a cable to its central that can be pulled."""
    pair(folder, central, cable.url)
    return open_till(folder).ready()


def try_now(counter: Counter) -> None:
    assert counter.program.worker is not None
    counter.program.worker.try_now()


def test_a_revoked_till_says_so_sells_nothing_new_and_keeps_what_waits(
    counter: Counter, central: RunningCentral, cable: Cable
) -> None:
    cable.pull()
    counter.until(lambda: "Offline" in counter.banner)
    sold = counter.sell_two()
    revoke(central, identity_of(counter.store).till)
    cable.plug_in()
    try_now(counter)
    counter.until(lambda: "no longer known to central" in counter.banner)

    assert "pair it again" in counter.banner
    assert "Not known to central" in counter.status
    counter.press("2", Key.Key_Return)
    counter.until(lambda: "nothing new can be sold here" in counter.toast)
    assert "Sell at another till" in counter.toast
    assert [sale.sale for sale in counter.sales] == [sold.sale]
    assert FactKind.SALE in counter.waiting_kinds


def test_a_basket_is_not_sold_after_the_till_was_revoked(counter: Counter, central: RunningCentral) -> None:
    counter.take_two()
    revoke(central, identity_of(counter.store).till)
    try_now(counter)
    counter.until(lambda: "no longer known" in counter.banner)
    counter.press(Key.Key_F5, Key.Key_Return)
    counter.until(lambda: "nothing new can be sold here" in counter.toast)
    assert counter.sales == []
    assert counter.printed == []


def test_what_only_stands_in_centrals_place_is_named_and_acknowledges_nothing(
    counter: Counter, central: RunningCentral, cable: Cable, portal: Portal
) -> None:
    cable.pull()
    cable.plug_in(portal.url)
    try_now(counter)
    counter.until(lambda: "Something else answers in central's place" in counter.banner)
    assert "Keep selling" in counter.banner
    sold = counter.sell_two()
    asked = len(portal.asked)
    counter.until(lambda: len(portal.asked) > asked)
    assert FactKind.SALE in counter.waiting_kinds
    counter.until(lambda: "18 of 20 seats" in counter.banner and "1 fact waits" in counter.banner)

    cable.pull()
    cable.plug_in(central.url)
    try_now(counter)
    counter.until(lambda: counter.waiting == 0 and not counter.banner)
    assert central.value("select count(*) from sale where id = $1", sold.sale) == 1


def test_pairing_with_what_is_no_central_says_so(folder: Path, portal: Portal, open_till: Open) -> None:
    counter = open_till(folder, until_ready=False)
    counter.until(lambda: counter.program.starting.findChildren(PairingPage))
    [page] = counter.program.starting.findChildren(PairingPage)
    page.submitted.emit(PairingForm(portal.url, "ABCD-EFGH", "Foyer"))
    counter.until(lambda: "not a Box Office central" in words_of(page))


def test_a_wrong_clock_is_said_and_decides_nothing(counter: Counter, central: RunningCentral, cable: Cable) -> None:
    cable.pull()
    counter.until(lambda: "Offline" in counter.banner)
    central.clock[0] = utc_now() + timedelta(minutes=10)
    cable.plug_in()
    try_now(counter)
    counter.until(lambda: "This machine's clock is wrong" in counter.status)
    sold = counter.sell_two()
    counter.until(lambda: counter.waiting == 0)
    keys = counter.store.read_cache(lambda cache: cache.keys.get())
    assert keys is not None
    stored = counter.store.read(lambda tx: tx.sales.get(sold.sale))
    for paper in counter.till.papers.tickets(stored):
        assert verify(paper.token, keys.public_key).ticket in {line.ticket for line in sold.tickets}
    assert central.value("select count(*) from sale where id = $1", sold.sale) == 1
