"""A real till and a real central, with a line between them that can be cut."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from uuid import uuid4

import httpx
import pytest

from boxoffice.domain.facts import AreaUnits, FactKind, ReturnBody, SeatEpoch
from boxoffice.domain.ids import LeaseRequestId
from boxoffice.domain.protocol import FeedEntry, FeedPage, LeaseGrant, LeaseKind, LeaseRequest, SeatStatus
from boxoffice.domain.tenders import Tender, TenderKind
from boxoffice.services.attention import Attention
from boxoffice.services.connection import LinkState, Offline, TillStopped
from boxoffice.services.selling import NotSellableOffline, SeatTaken
from central.tills import standing
from sync.core import Stopped
from tests.central.people import manager
from tests.support.central import FLOOR, NOW, SEATS, TONIGHT, RunningCentral, run
from tests.sync.conftest import Open
from tests.sync.online_till import OnlineTill, pair
from ui.tour.network import Cable

ROOT = Path(__file__).resolve().parents[2]


def sales_at(central: RunningCentral) -> list[int]:
    """The seats that central has sold, every one as often as it was."""
    return [row["seat"] for row in central.fetch("select seat from ticket where seat is not null order by seat")]


def facts_at(central: RunningCentral, kind: FactKind) -> int:
    return int(central.value("select count(*) from fact where kind = $1", str(kind)))


def status_of(central: RunningCentral, seat: int) -> SeatStatus:
    found = central.value("select status from seat where performance = $1 and seat = $2", TONIGHT, seat)
    return SeatStatus(found or 0)


def outside(till: OnlineTill, count: int = 1) -> list[int]:
    """Seats that are not of the till's allotment."""
    return [seat for seat in range(SEATS) if seat not in till.allotment][:count]


def test_a_new_till_pulls_tonight_first_gets_its_allotment_and_sells(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    till = open_till(paired).ready()
    assert 40 < len(till.allotment) <= 50  # 60 were wished for; half of what is left is the most
    sold = [*till.allotment[:2], *outside(till)]
    till.sell(sold)
    till.drained()
    assert sales_at(central) == sorted(sold)
    assert facts_at(central, FactKind.SALE) == 1
    till.until(lambda: till.status.lists_at is not None)
    assert till.status.clock_skew_s == 0.0


def test_cut_off_it_sells_its_allotment_and_sends_by_itself_when_the_line_is_back(
    paired: Path, central: RunningCentral, cable: Cable, open_till: Open
) -> None:
    till = open_till(paired, cable.url).ready()
    till.drained()
    cable.pull()
    till.worker.try_now()
    till.until(lambda: till.status.state is LinkState.OFFLINE)
    sold = till.allotment[:6]
    for seat in sold:
        till.sell([seat])
    with pytest.raises(NotSellableOffline):
        till.sell(outside(till))
    assert till.waiting == 6
    assert sales_at(central) == []
    cable.plug_in()
    till.drained()
    assert sales_at(central) == sold
    assert facts_at(central, FactKind.SALE) == 6


def test_two_tills_that_want_the_same_seats_never_both_get_one(
    tmp_path: Path, central: RunningCentral, open_till: Open
) -> None:
    tills = []
    for name in ("one", "two"):
        pair(tmp_path / name, central.url, central.code())
        tills.append(open_till(tmp_path / name).ready())
    free = [seat for seat in range(SEATS) if status_of(central, seat) is SeatStatus.FREE][:12]

    def sell_all(till: OnlineTill) -> list[int]:
        got = []
        for seat in free:
            try:
                till.sell([seat])
            except SeatTaken:
                continue
            got.append(seat)
        return got

    with ThreadPoolExecutor(2) as both:
        first, second = both.map(sell_all, tills)
    assert sorted(first + second) == free
    for till in tills:
        till.drained()
    assert sales_at(central) == free
    assert central.value("select count(*) from fact where outcome <> 'applied'") == 0


def test_killed_right_after_sold_the_sale_is_there_once_and_reaches_central_once(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    killed = subprocess.run(
        [sys.executable, "-m", "tests.sync.killed_after_sold", str(paired)],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    till = open_till(paired).start()
    (sale,) = till.store.read(lambda tx: tx.sales.last(9))
    till.drained()
    assert central.value("select count(*) from sale where id = $1", sale.sale.sale) == 1
    assert facts_at(central, FactKind.SALE) == 1
    assert sales_at(central) == sorted(line.seat or 0 for line in sale.sale.tickets)
    assert till.store.read(lambda tx: tx.ledger.balance()) == 0


def test_a_revoked_till_stops_selling_and_keeps_what_waits(
    paired: Path, central: RunningCentral, cable: Cable, open_till: Open
) -> None:
    till = open_till(paired, cable.url).ready()
    till.drained()
    cable.pull()
    till.worker.try_now()
    till.until(lambda: till.status.state is LinkState.OFFLINE)
    till.sell(till.allotment[:1])
    run(central.database, lambda connection: standing.revoke(connection, till.number, NOW))
    cable.plug_in()
    till.until(lambda: till.status.state is LinkState.REVOKED)
    assert "revoked" in till.status.message
    assert till.waiting == 1
    with pytest.raises(TillStopped):
        till.sell(till.allotment[:1])


def test_a_revoked_till_sells_nothing_after_a_restart_without_a_network(
    paired: Path, central: RunningCentral, cable: Cable, open_till: Open
) -> None:
    till = open_till(paired, cable.url).ready()
    held = till.allotment
    run(central.database, lambda connection: standing.revoke(connection, till.number, NOW))
    till.worker.try_now()
    till.until(lambda: till.status.state is LinkState.REVOKED)
    till.close()
    cable.pull()
    till = open_till(paired, cable.url).start()
    assert till.allotment == held
    assert till.status.state is LinkState.REVOKED
    assert "revoked" in till.status.message
    with pytest.raises(TillStopped, match="no longer known to central"):
        till.sell(held[:1])
    identity = till.store.read(lambda tx: tx.identity.get())
    assert identity is not None
    till.store.write(lambda tx: tx.identity.set(replace(identity, credential="7.paired-again")))
    assert till.local.stopped() is Stopped.NO


def test_a_portal_that_answers_in_centrals_place_acknowledges_nothing(paired: Path, open_till: Open) -> None:
    portal = httpx.MockTransport(lambda _: httpx.Response(200, html="<h1>Sign in to the guest network</h1>"))
    till = open_till(paired, transport=portal)
    till.store.write(lambda tx: tx.journal.append(ReturnBody(performance=TONIGHT)))
    till.start().until(lambda: "guest network" in till.status.message)
    assert till.status.state is LinkState.OFFLINE
    assert till.waiting == 1


def test_a_clock_that_is_wrong_is_told(paired: Path, open_till: Open) -> None:
    till = open_till(paired, now=lambda: NOW + timedelta(minutes=10)).start()
    till.until(lambda: till.status.clock_skew_s == 600.0)


class LosesGrants(httpx.BaseTransport):
    """Central hears each of the next `left` requests for a basket, and the till does not hear the answer."""

    def __init__(self) -> None:
        self._line = httpx.HTTPTransport()
        self.left = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._line.handle_request(request)
        if self.left and b'"kind":"basket"' in request.content:
            self.left -= 1
            response.close()
            raise httpx.ReadTimeout("no answer", request=request)
        return response

    def close(self) -> None:
        self._line.close()


def test_a_grant_that_comes_too_late_goes_back_once_and_the_customers_next_try_is_kept(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    line = LosesGrants()
    till = open_till(paired, transport=line).ready()
    till.drained()
    (seat,) = outside(till)
    line.left = 1
    with pytest.raises(NotSellableOffline):
        till.selling.take_seats(till.selling.new_basket(), TONIGHT, [seat])
    till.until(lambda: not till.store.read(lambda tx: tx.leases.open_requests()) and till.waiting == 0)
    assert status_of(central, seat) is SeatStatus.FREE
    assert facts_at(central, FactKind.RETURN) == 1
    till.sell([seat])
    till.drained()
    assert sales_at(central) == [seat]
    assert facts_at(central, FactKind.RETURN) == 1


def test_what_the_customer_took_again_meanwhile_is_not_given_back_with_the_late_grant(
    paired: Path, open_till: Open
) -> None:
    till = open_till(paired)

    def asked(epoch: int) -> tuple[LeaseRequest, LeaseGrant]:
        request = LeaseRequest(request=LeaseRequestId(uuid4()), performance=TONIGHT, kind=LeaseKind.BASKET)
        seats, areas = (SeatEpoch(seat=5, epoch=epoch),), (AreaUnits(area=FLOOR, units=3),)
        till.store.write(lambda tx: tx.leases.open_request(request))
        return request, LeaseGrant(request=request.request, performance=TONIGHT, seats=seats, areas=areas)

    late, late_grant = asked(epoch=1)
    _, grant = asked(epoch=2)
    till.store.write(lambda tx: tx.leases.accept(grant, LeaseKind.BASKET))
    for _ in range(2):  # also when the answer comes twice
        till.local.accept(late_grant, late)
        held = till.store.read(lambda tx: (tx.leases.seats(TONIGHT), tx.leases.areas(TONIGHT)))
        assert held == ({5: 2}, {FLOOR: 3})
    (fact,) = till.store.read(lambda tx: tx.journal.tail(9))
    assert fact.parsed() == ReturnBody(performance=TONIGHT, areas=(AreaUnits(area=FLOOR, units=3),))


def test_a_request_that_the_line_was_gone_for_is_asked_again_and_not_forgotten(paired: Path, open_till: Open) -> None:
    till = open_till(paired)
    request = LeaseRequest(request=LeaseRequestId(uuid4()), performance=TONIGHT, kind=LeaseKind.BASKET, seats=(5,))
    till.store.write(lambda tx: tx.leases.open_request(request))
    with pytest.raises(Offline):
        till.worker.request_lease(request)
    assert till.local.open_leases() == [request]


def test_a_request_that_a_cashier_waits_for_is_left_to_her(paired: Path, open_till: Open) -> None:
    till = open_till(paired)
    request = LeaseRequest(request=LeaseRequestId(uuid4()), performance=TONIGHT, kind=LeaseKind.BASKET, seats=(5,))
    till.store.write(lambda tx: tx.leases.open_request(request))
    assert till.local.open_leases() == []
    till.close()
    assert open_till(paired).local.open_leases() == [request]


def test_the_end_of_a_drill_shows_at_once(paired: Path, open_till: Open) -> None:
    till = open_till(paired).ready()
    till.drained()
    till.worker.go_offline(drill=True)
    till.until(lambda: till.status.state is LinkState.OFFLINE)
    before = time.monotonic()
    till.worker.go_offline(drill=False)
    till.until(lambda: till.status.state is LinkState.ONLINE)
    assert time.monotonic() - before < 5


def test_a_drill_shows_itself_once_and_not_all_the_time(paired: Path, open_till: Open) -> None:
    till = open_till(paired).ready()
    till.drained()
    till.worker.go_offline(drill=True)
    till.until(lambda: till.status.state is LinkState.OFFLINE)
    shown = len(till.shown)
    Event().wait(0.5)
    assert len(till.shown) - shown <= 1


def test_a_seat_that_is_recalled_goes_back_unless_a_customer_has_it(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    till = open_till(paired).ready()
    till.drained()
    first, second = till.allotment[:2]
    basket = till.selling.take_seats(till.selling.new_basket(), TONIGHT, outside(till))
    (wanted,) = basket.seats_of(TONIGHT)
    till.worker.go_offline(drill=True)
    till.until(lambda: till.status.state is LinkState.OFFLINE)
    head = till.store.read_cache(lambda cache: cache.houses.head(TONIGHT)) or 0
    entry = FeedEntry(number=head + 1, recall=(first, second, wanted))
    page = FeedPage(performance=TONIGHT, server_epoch=1, entries=(entry,), head=head + 1)
    assert till.local.apply_feed(page)
    assert not {first, second} & set(till.allotment)
    assert wanted in till.allotment
    till.worker.go_offline(drill=False)
    till.drained()
    assert status_of(central, first) is status_of(central, second) is SeatStatus.FREE
    assert status_of(central, wanted) is SeatStatus.LEASED


def test_what_a_manager_recalls_comes_back_by_itself(paired: Path, central: RunningCentral, open_till: Open) -> None:
    till = open_till(paired).ready()
    till.drained()
    wanted = till.allotment[0]
    recalled = manager(central).client.post(f"/api/admin/events/{TONIGHT}/recall", json={"seats": [wanted]})
    assert recalled.json()["recalled"] == 1
    till.until(lambda: wanted not in till.allotment)
    till.until(lambda: status_of(central, wanted) is SeatStatus.FREE)


def test_a_till_that_was_away_too_long_for_the_feed_hears_of_a_recall_as_well(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    till = open_till(paired).ready()
    till.drained()
    wanted = till.allotment[0]
    till.worker.go_offline(drill=True)
    till.until(lambda: till.status.state is LinkState.OFFLINE)
    manager(central).client.post(f"/api/admin/events/{TONIGHT}/recall", json={"seats": [wanted]}).raise_for_status()
    till.local.forget_house(TONIGHT)
    assert wanted in till.allotment
    till.worker.go_offline(drill=False)
    till.until(lambda: wanted not in till.allotment)
    till.until(lambda: status_of(central, wanted) is SeatStatus.FREE)


@pytest.mark.parametrize("away_for_long", [False, True])
def test_a_till_that_was_lost_sells_nothing_that_two_managers_took(
    paired: Path, central: RunningCentral, open_till: Open, away_for_long: bool
) -> None:
    till = open_till(paired).ready()
    till.drained()
    sold, *left = till.allotment
    basket = till.selling.take_seats(till.selling.new_basket(), TONIGHT, left[:1])
    till.worker.go_offline(drill=True)
    till.until(lambda: till.status.state is LinkState.OFFLINE)
    till.sell([sold])
    lose_and_reclaim(central, till.number)
    if away_for_long:
        till.local.forget_house(TONIGHT)  # as one for which the feed goes back no more
    till.worker.go_offline(drill=False)
    till.until(lambda: not set(left) & set(till.allotment))
    till.drained()
    assert sales_at(central) == [sold]
    assert status_of(central, left[0]) is SeatStatus.FREE
    assert facts_at(central, FactKind.RETURN) == 0
    assert till.store.read(lambda tx: tx.leases.areas(TONIGHT)) == {}
    total = basket.quote(till.programme.price_list).total.minor
    with pytest.raises(SeatTaken, match="no longer held"):
        till.selling.sell(basket, [Tender(kind=TenderKind.CASH, minor=total, received_minor=total)], till.cashier)


def test_a_conflict_leaves_the_tills_list_when_central_has_moved_the_order(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    till = open_till(paired).ready()
    till.drained()
    till.worker.go_offline(drill=True)
    till.until(lambda: till.status.state is LinkState.OFFLINE)
    sale = till.sell(till.allotment[:2])
    lose_and_reclaim(central, till.number)
    other = central.till()
    other.sell(other.lease([line.seat for line in sale.tickets if line.seat is not None]).seats)
    other.push()
    till.worker.go_offline(drill=False)
    attention = Attention(till.store)
    till.until(lambda: len(attention.matters()) == 1)
    free = central.value(
        "select array_agg(n) from generate_series(20, 99) n where not exists"
        " (select from seat where performance = $1 and seat = n and status <> 0)",
        TONIGHT,
    )
    manager(central).client.post(
        f"/api/admin/attention/orders/{sale.sale}/move", json={"eventId": str(TONIGHT), "seats": free[-2:]}
    ).raise_for_status()
    till.until(lambda: attention.matters() == ())
    assert sorted(sales_at(central)) == sorted([*free[-2:], *(line.seat for line in sale.tickets)])


def lose_and_reclaim(central: RunningCentral, till: int) -> None:
    central.fetch("update till set heard_at = now() - interval '1 day' where number = $1", till)
    path = f"/api/admin/tills/{till}/reclaims"
    asked = manager(central).client.post(path, json={"reason": "Stolen"}).raise_for_status().json()
    manager(central).client.post(f"{path}/{asked['reclaimId']}/confirm").raise_for_status()


def test_where_nothing_is_left_no_allotment_is_asked_for(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    clerk = central.till()
    clerk.lease(list(range(SEATS)), places=50)
    clock = [NOW]
    till = open_till(paired, now=lambda: clock[0]).start()
    till.until(lambda: till.store.read_cache(lambda cache: cache.houses.head(TONIGHT)) is not None)
    till.until(lambda: till.status.lists_at is not None)
    clock[0] += timedelta(minutes=10)
    till.worker.wake()
    assert (
        central.value("select count(*) from lease_request where performance = $1 and till = $2", TONIGHT, till.number)
        == 0
    )


def test_a_till_restored_from_an_old_copy_holds_no_seat_that_it_may_have_sold(
    paired: Path, central: RunningCentral, open_till: Open
) -> None:
    till = open_till(paired).ready()
    till.drained()
    assert till.allotment
    facts = till.store.read(lambda tx: tx.journal.head()[0])
    till.local.start_incarnation(2)
    assert till.store.read(lambda tx: tx.leases.all_performances()) == ()
    assert till.store.read(lambda tx: [fact.kind for fact in tx.journal.tail(facts)]).count(FactKind.RETURN) == 0
