"""The pulled lists: swapped whole, continued without gaps, searched at the door."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from boxoffice.domain.facts import canonical_json
from boxoffice.domain.ids import PerformanceId, SaleId, TicketId, TillNumber, ticket_code
from boxoffice.domain.protocol import (
    AreaCount,
    FeedEntry,
    FeedPage,
    KeyBundle,
    ScanRecord,
    SeatChange,
    SeatStatus,
    SigningKey,
    Snapshot,
    TicketRecord,
)
from boxoffice.store import CacheTx, FeedGap, Store
from tests.store.bodies import AT, KEY, OTHER, TONIGHT

ORDER = SaleId(UUID(int=5))


def ticket(number: int, holder: str = "", code: str = "ABCD-EF", valid: bool = True) -> TicketRecord:
    return TicketRecord(
        ticket=TicketId(number),
        sale=ORDER,
        seat=number,
        generation=1,
        valid=valid,
        price_type="A",
        price_type_name="Adult",
        category=0,
        order_code=code,
        holder=holder,
        channel="web",
    )


def scan(number: int, direction: str = "entry") -> ScanRecord:
    return ScanRecord.model_validate(
        {"ticket": number, "gate": "A", "direction": direction, "admitted": direction == "entry", "scanned_at": AT}
    )


def snapshot(
    head: int = 10, *, performance: PerformanceId = TONIGHT, tickets: tuple[TicketRecord, ...] = ()
) -> Snapshot:
    return Snapshot(
        performance=performance,
        server_epoch=1,
        head=head,
        statuses=bytes([0, 3, 0, 4]),
        areas=(AreaCount(area=0, free=50, sold=10),),
        tickets=tickets,
        scans=(),
    )


def page(*entries: FeedEntry, epoch: int = 1, head: int | None = None) -> FeedPage:
    last = entries[-1].number if entries else 10
    return FeedPage(performance=TONIGHT, server_epoch=epoch, entries=entries, head=last if head is None else head)


def sold(number: int, seat: int) -> FeedEntry:
    return FeedEntry(number=number, seats=(SeatChange(seat=seat, status=SeatStatus.SOLD),))


def put(store: Store, what: Snapshot) -> None:
    store.write_cache(lambda cache: cache.houses.put_snapshot(what))


def apply(store: Store, what: FeedPage) -> None:
    store.write_cache(lambda cache: cache.houses.apply(what))


def statuses(store: Store) -> list[int] | None:
    found = store.read_cache(lambda cache: cache.houses.statuses(TONIGHT))
    return None if found is None else found.tolist()


def test_a_house_that_was_never_pulled_is_unknown(store: Store) -> None:
    assert store.read_cache(
        lambda cache: (
            cache.houses.head(TONIGHT),
            cache.houses.statuses(TONIGHT),
            cache.houses.pulled_at(TONIGHT),
            cache.houses.known(),
            cache.houses.ticket(TicketId(1)),
            cache.houses.scan(TicketId(1)),
        )
    ) == (None, None, None, (), None, None)
    with pytest.raises(FeedGap):
        apply(store, page(sold(11, 0)))


def test_a_snapshot_replaces_the_house_and_leaves_others_alone(store: Store) -> None:
    put(store, snapshot(tickets=(ticket(1), ticket(2))))
    put(store, snapshot(performance=OTHER, tickets=(ticket(9),)))
    put(store, snapshot(20, tickets=(ticket(2), ticket(3))))
    assert [item.ticket for item in store.read_cache(lambda cache: cache.houses.tickets(TONIGHT))] == [2, 3]
    assert store.read_cache(lambda cache: cache.houses.head(TONIGHT)) == 20
    assert store.read_cache(lambda cache: cache.houses.known()) == (OTHER, TONIGHT)
    assert store.read_cache(lambda cache: cache.houses.ticket(TicketId(9))) == (OTHER, ticket(9))
    assert [item[0] for item in store.read_cache(lambda cache: cache.houses.of_sale(ORDER))] == [
        TONIGHT,
        TONIGHT,
        OTHER,
    ]
    store.write_cache(lambda cache: cache.houses.drop(TONIGHT))
    assert store.read_cache(lambda cache: cache.houses.known()) == (OTHER,)


def test_the_statuses_are_the_callers_own(store: Store) -> None:
    put(store, snapshot())
    mine = store.read_cache(lambda cache: cache.houses.statuses(TONIGHT))
    assert mine is not None
    assert mine.dtype == np.uint8
    mine[:] = 9
    assert statuses(store) == [0, 3, 0, 4]


def test_entries_are_taken_in_order_and_once(store: Store) -> None:
    put(store, snapshot(tickets=(ticket(1),)))
    changes = FeedEntry(
        number=12,
        areas=(AreaCount(area=0, free=48, sold=12), AreaCount(area=1, free=5, sold=0)),
        tickets=(ticket(1, valid=False), ticket(2, "Ida Berg")),
        scans=(scan(2),),
    )
    for _ in range(2):
        apply(store, page(sold(11, 0), changes))
    assert statuses(store) == [3, 3, 0, 4]
    houses = store.read_cache(
        lambda cache: (cache.houses.areas(TONIGHT), cache.houses.tickets(TONIGHT), cache.houses.scans(TONIGHT))
    )
    assert houses == (changes.areas, changes.tickets, changes.scans)
    assert store.read_cache(lambda cache: cache.houses.scan(TicketId(2))) == scan(2)
    assert store.read_cache(lambda cache: cache.houses.head(TONIGHT)) == 12


@pytest.mark.parametrize(
    "broken",
    [
        page(sold(12, 0)),
        page(sold(11, 0), sold(13, 1)),
        page(sold(11, 0), epoch=2),
        page(sold(11, 4)),
        page(head=9),
    ],
    ids=["missing first", "missing between", "another epoch", "another plan", "behind us"],
)
def test_a_page_that_does_not_continue_changes_nothing(store: Store, broken: FeedPage) -> None:
    put(store, snapshot())
    with pytest.raises(FeedGap):
        apply(store, broken)
    assert statuses(store) == [0, 3, 0, 4]
    assert store.read_cache(lambda cache: cache.houses.head(TONIGHT)) == 10


def test_an_empty_page_still_says_how_old_the_lists_are(folder: Path) -> None:
    clock = [datetime(2026, 11, 23, 19, tzinfo=UTC)]
    store = Store.open(folder, KEY, now=lambda: clock[0])
    put(store, snapshot())
    clock[0] = clock[0].replace(hour=20)
    apply(store, page())
    assert store.read_cache(lambda cache: cache.houses.pulled_at(TONIGHT)) == clock[0]
    store.close()


def test_a_reader_sees_the_old_house_until_the_new_one_is_whole(store: Store) -> None:
    put(store, snapshot(tickets=(ticket(1),)))
    seen: list[int] = []

    def replace_and_look(cache: CacheTx) -> None:
        cache.houses.put_snapshot(snapshot(11))
        seen.append(len(store.read_cache(lambda other: other.houses.tickets(TONIGHT))))

    store.write_cache(replace_and_look)
    seen.append(len(store.read_cache(lambda cache: cache.houses.tickets(TONIGHT))))
    assert seen == [1, 0]


def test_the_door_finds_a_guest_by_any_name_or_code(store: Store) -> None:
    people = (
        ticket(1, "Zoë Müller", "7N2R-8C"),
        ticket(2, "Adam Berg", "QQQQ-22"),
        ticket(3, "Berta Muller", "3333-33"),
    )
    put(store, snapshot(tickets=people))
    put(store, snapshot(performance=OTHER, tickets=(ticket(9, "Otto Berg", "9999-99"),)))

    def found(text: str, performance: PerformanceId | None = TONIGHT) -> list[int]:
        records = store.read_cache(lambda cache: cache.houses.search(text, performance))
        return [record.ticket for record in records]

    assert found("mull") == [3, 1]
    assert found("ZOE") == [1]
    assert found("berg") == [2]
    assert found("berg", None) == [2, 9]
    assert found("7n2r8c") == found("7N2R") == [1]
    assert found(ticket_code(2, 1)) == [2]
    assert found("") == found("%") == found("ller") == []
    assert len(store.read_cache(lambda cache: cache.houses.search("berg", None, 1))) == 1


def test_the_bundle_of_keys_keeps_its_signature(store: Store) -> None:
    root = Ed25519PrivateKey.generate()
    key = SigningKey(issuer=TillNumber(7), key_id=1, public_key=b"p" * 32, valid_from=AT)
    bundle = KeyBundle(version=3, keys=(key,)).signed(root)
    assert store.read_cache(lambda cache: cache.keys.get()) is None
    store.write_cache(lambda cache: cache.keys.set(bundle))
    read = store.read_cache(lambda cache: cache.keys.get())
    assert read is not None
    assert read.is_signed_by(root.public_key().public_bytes_raw())
    assert canonical_json(read.model_dump(mode="json")) == canonical_json(bundle.model_dump(mode="json"))


def test_the_cache_outlives_the_program_and_needs_no_journal(store: Store, folder: Path) -> None:
    put(store, snapshot(tickets=(ticket(1),)))
    store.close()
    again = Store.open(folder, KEY)
    assert again.read_cache(lambda cache: cache.houses.tickets(TONIGHT)) == (ticket(1),)
    again.close()
