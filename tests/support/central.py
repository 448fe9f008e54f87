"""A real central for tests: embedded PostgreSQL, one database a test, uvicorn on a free port, and a till to call it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import random
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from boxoffice.domain.catalogue import Catalogue, Performance, Production, Seller, Venue
from boxoffice.domain.facts import (
    GENESIS_HASH,
    AreaUnits,
    Body,
    Fact,
    IssueBody,
    IssuedTicket,
    LedgerLine,
    RefundBody,
    RefundedTicket,
    ReturnBody,
    SaleBody,
    ScanBody,
    SeatEpoch,
    TicketLine,
)
from boxoffice.domain.ids import (
    FactId,
    PerformanceId,
    PlanId,
    ProductionId,
    SaleId,
    ScanId,
    ShiftId,
    StaffId,
    TicketId,
    TillNumber,
    VenueId,
    order_code,
)
from boxoffice.domain.plan import Area, Row, Seat, SeatingPlan, SeatKind, Section, plan_to_json
from boxoffice.domain.pricing import Charge, Fee, PriceList, PriceType, TaxMode
from boxoffice.domain.protocol import (
    FeedPage,
    LeaseGrant,
    LeaseKind,
    PairReply,
    PushReply,
    PushRequest,
    Snapshot,
)
from boxoffice.domain.staff import Role, StaffMember
from boxoffice.domain.tenders import Tender, TenderKind
from central.app import create_app
from central.counting import OFF
from central.keys import CentralKeys
from central.migrations import migrate
from central.payments.settings import PaymentSettings
from central.postgres import EmbeddedPostgres
from central.seeding import insert_catalogue
from central.settings import Settings
from central.tills.endpoints import WrongCodes
from central.tills.feeds import Snapshots
from central.tills.pairing import mint_code
from tests.support.loopback import served

T = TypeVar("T")
SEED = bytes(range(32))
TONIGHT = PerformanceId(1001)
TOMORROW = PerformanceId(1002)
FLOOR = 0  # the plan's only area
FLOOR_PLACES = 50
SEATS = 100  # two sections of five rows of ten; row 0 starts with a wheelchair bay and its companion
NOW = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)
CASHIER = StaffId(UUID(int=7))
SHIFT = ShiftId(UUID(int=8))
PRICE_MINOR = 5000


def plan() -> SeatingPlan:
    def row(section: int, number: int) -> Row:
        def kind(i: int) -> SeatKind:
            kinds = (SeatKind.WHEELCHAIR, SeatKind.COMPANION) if section == number == 0 else ()
            return kinds[i] if i < len(kinds) else SeatKind.STANDARD

        return Row(
            "ABCDE"[number],
            tuple(
                Seat(str(i + 1), 100.0 + 55 * i, 300.0 + 100 * number + 600 * section, section, kind(i))
                for i in range(10)
            ),
        )

    return SeatingPlan(
        id=PlanId("house"),
        version=1,
        name="The House",
        width=1000,
        height=2000,
        focal_point=(350, 100),
        categories=("Stalls", "Circle"),
        sections=tuple(
            Section(name, tuple(row(section, number) for number in range(5)), gate=name)
            for section, name in enumerate(("Stalls", "Circle"))
        ),
        areas=(Area("Floor", FLOOR_PLACES, 0, ((0, 0), (100, 0), (100, 100)), "Floor"),),
    )


def catalogue(now: datetime = NOW) -> Catalogue:
    def performance(number: PerformanceId, starts_at: datetime) -> Performance:
        return Performance(
            id=number,
            production_id=ProductionId("orchard"),
            venue_id=VenueId("royal"),
            hall="Main Stage",
            plan_id=PlanId("house"),
            price_list_id="standard",
            starts_at=starts_at,
            doors_at=starts_at - timedelta(hours=1),
            ends_at=starts_at + timedelta(hours=2),
        )

    return Catalogue(
        version=1,
        seller=Seller(name="Royal", address="1 High Street", tax_id="DE123"),
        venues=(
            Venue(
                id=VenueId("royal"),
                name="Theatre Royal",
                address="1 High Street, Bath",
                timezone="Europe/Berlin",
                currency="EUR",
            ),
        ),
        plans=(plan_to_json(plan()),),
        productions=(Production(id=ProductionId("orchard"), title="The Cherry Orchard", kind="play", minutes=120),),
        price_lists=(
            PriceList(
                id="standard",
                name="Standard",
                currency="EUR",
                tax_mode=TaxMode.INSIDE,
                tax_bp=700,
                price_types=(PriceType(key="A", name="Adult"),),
                prices=({"A": PRICE_MINOR}, {"A": PRICE_MINOR}),
                fees=(Fee(name="Booking fee", minor=150, tax_bp=1900),),
            ),
        ),
        performances=(
            performance(TONIGHT, now + timedelta(hours=7)),
            performance(TOMORROW, now + timedelta(hours=31)),
        ),
        staff=(StaffMember(id=CASHIER, name="Mara Lindt", role=Role.CASHIER, pin_hash="none"),),
    )


@contextmanager
def embedded_postgres(*, durable: bool = False) -> Iterator[EmbeddedPostgres]:
    """A server whose folder another user can reach: pytest's own temporary folders are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="boxoffice-test-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "central", durable=durable) as postgres:
            yield postgres
    finally:
        shutil.rmtree(folder)


class Databases:
    """Fresh databases, copied from a template that is migrated and filled once."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._url = postgres.url
        self._counter = 0
        self.execute("create database template_central")
        template = self._named("template_central")

        async def fill(connection: asyncpg.Connection) -> None:
            await migrate(connection)
            await insert_catalogue(connection, catalogue())

        run(template, fill)

    def fresh(self) -> str:
        return self.copy_of("template_central")

    def copy_of(self, database: str) -> str:
        """Of one that nobody is connected to."""
        self._counter += 1
        name = f"test_{self._counter}"
        self.execute(f"create database {name} template {database.rpartition('/')[2]} strategy file_copy")
        return self._named(name)

    def empty(self) -> str:
        self._counter += 1
        self.execute(f"create database empty_{self._counter}")
        return self._named(f"empty_{self._counter}")

    def execute(self, sql: str) -> None:
        run(self._url, lambda connection: connection.execute(sql))

    def _named(self, name: str) -> str:
        return self._url.rsplit("/", 1)[0] + "/" + name


def run(url: str, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """`work` with a connection of its own."""

    async def go() -> T:
        connection = await asyncpg.connect(url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(go())


class Remembered:
    """What every table of a database held, to put it back whatever a test did.

    Rows are deleted, not truncated: that takes longer for as many tables, and would lock out the node's own upkeep.
    """

    _TABLES = """select c.relname, array_agg(a.attname order by a.attnum)
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            and not a.attisdropped and a.attgenerated = ''
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and c.relname <> all ($1) group by c.relname"""
    _SEQUENCES = """select format('select setval(%L, %s, %L)', quote_ident(sequencename),
        coalesce(last_value, start_value), last_value is not null)
        from pg_sequences where schemaname = 'public' and not exists (select from pg_depend
            where objid = format('%I.%I', schemaname, sequencename)::regclass and refclassid = 'pg_class'::regclass
            and refobjid = any (select oid from pg_class where relname = any ($1)))"""
    _KEPT = ("alembic_version", "access_key")  # a node signs with the key that it read when it started

    def __init__(self, database: str) -> None:
        self._database = database
        self._rows: dict[str, tuple[list[str], bytes]] = {}  # its columns and its rows, of each table that held any
        self._empty = ""
        self._restart = ""
        run(database, self._remember)

    def put_back(self) -> None:
        for left in reversed(range(5)):
            try:
                run(self._database, self._put_back)
                break
            except asyncpg.DeadlockDetectedError:  # with the node's own upkeep, which goes on meanwhile
                if not left:
                    raise

    async def _remember(self, connection: asyncpg.Connection) -> None:
        tables = await connection.fetch(self._TABLES, self._KEPT)
        for table, columns in tables:
            rows = io.BytesIO()
            chosen = ", ".join(f'"{column}"' for column in columns)
            await connection.copy_from_query(f"select {chosen} from {table}", output=rows)
            if rows.tell():
                self._rows[table] = (columns, rows.getvalue())
        self._empty = ";".join(f"delete from {table}" for table, _ in tables)
        self._restart = ";".join(row[0] for row in await connection.fetch(self._SEQUENCES, self._KEPT))

    async def _put_back(self, connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await connection.execute("set local session_replication_role = replica")  # no trigger, no foreign key
            seen = await connection.fetchval("select catalogue_version from server")
            await connection.execute(self._empty)
            for table, (columns, rows) in self._rows.items():
                await connection.copy_to_table(table, source=io.BytesIO(rows), columns=columns)
            await connection.execute(self._restart)
            await connection.execute("update server set catalogue_version = $1 + 1", seen)  # a new one for every node


@dataclass
class RunningCentral:
    url: str
    database: str
    app: FastAPI
    keys: CentralKeys
    clock: list[datetime]  # [now]: tests move it
    clerks: list[Clerk] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)  # of people; closed with the clerks'
    first_day: Remembered | None = None  # of one that many tests share

    def forget(self) -> None:
        """Back to the day before opening: no till, no sale, every seat free."""
        self.hang_up()
        self.clock[0] = NOW
        self.app.state.wrong_codes = WrongCodes()
        self.app.state.metrics._looked_at = float("-inf")  # at the house
        say_nothing()  # whatever a command that a test called made of the logs
        services = self.app.state.services
        self.app.state.services = replace(services, snapshots=Snapshots(services.database))
        services.houses._houses.clear()  # in place: the node's own upkeep looks at them as well
        services.houses._billings.clear()
        services.waiting_list._served.clear()
        assert self.first_day is not None
        self.first_day.put_back()

    def hang_up(self) -> None:
        for clerk in self.clerks:
            clerk.client.close()
        self.clerks.clear()
        for client in self.clients:
            client.close()
        self.clients.clear()

    def code(self, name: str = "", good_for: timedelta = timedelta(minutes=30)) -> str:
        return run(self.database, lambda connection: mint_code(connection, name, self.clock[0], good_for))

    def till(self, name: str = "Till") -> Clerk:
        self.clerks.append(Clerk.paired(self, name))
        return self.clerks[-1]

    def fetch(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        rows = run(self.database, lambda connection: connection.fetch(sql, *arguments))
        return [dict(row) for row in rows]

    def value(self, sql: str, *arguments: object) -> Any:
        return run(self.database, lambda connection: connection.fetchval(sql, *arguments))


def say_nothing() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@contextmanager
def running_central(database: str, payments: PaymentSettings | None = None) -> Iterator[RunningCentral]:
    """uvicorn in a thread of its own on a free port of 127.0.0.1, over a migrated database."""
    say_nothing()
    clock = [NOW]
    keys = CentralKeys(SEED)
    settings = Settings(
        *(database, keys, lambda: clock[0]),
        limits=OFF,
        payments=payments or PaymentSettings(),
        settle_every_s=86400,  # a test says when
        watch_every_s=86400,  # the clock of a test is not the database's: everything would be an anomaly
    )
    app = create_app(settings)
    with served(app, has_lifespan=True, drain_s=5, before_ending=app.state.hints.close) as url:
        running = RunningCentral(url, database, app, keys, clock, first_day=Remembered(database))
        try:
            yield running
        finally:
            running.hang_up()


@dataclass
class Clerk:
    """A till as central sees it: a credential, a chain of facts, and sales of one price."""

    central: RunningCentral
    number: TillNumber
    credential: str
    pair_reply: PairReply
    incarnation: int = 1
    facts: list[Fact] = field(default_factory=list)
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            base_url=self.central.url, headers={"Authorization": f"Bearer {self.credential}"}, timeout=30, verify=False
        )

    @classmethod
    def paired(cls, central: RunningCentral, name: str) -> Clerk:
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        body = pair_body(central.code(name), key)
        reply = httpx.post(f"{central.url}/api/tills/pair", json=body, timeout=30, verify=False)
        assert reply.status_code == 200, reply.text
        paired = PairReply.model_validate_json(reply.content)
        return cls(central, paired.till, paired.credential, paired)

    def lease(
        self,
        seats: Sequence[int] = (),
        *,
        best: int = 0,
        places: int = 0,
        performance: PerformanceId = TONIGHT,
        request: UUID | None = None,
    ) -> LeaseGrant:
        body = {
            "request": str(request or uuid4()),
            "performance": performance,
            "kind": str(LeaseKind.ALLOTMENT if best else LeaseKind.BASKET),
            "seats": list(seats),
            "best": best,
            "areas": [{"area": FLOOR, "units": places}] if places else [],
        }
        reply = self.client.post("/api/tills/leases", json=body)
        assert reply.status_code == 200, reply.text
        return LeaseGrant.model_validate_json(reply.content)

    def append(self, body: Body | dict[str, Any], **changes: Any) -> Fact:
        """The next fact of the chain. A dict stands for a body that is not well-formed."""
        last = self.facts[-1] if self.facts else None
        seed = body if not isinstance(body, dict) else ReturnBody(performance=TONIGHT)
        fact = Fact.next(
            seed,
            till=self.number,
            incarnation=self.incarnation,
            seq=(last.seq if last else 0) + 1,
            fact_id=FactId(uuid4()),
            prev_hash=last.hash if last else GENESIS_HASH,
            hlc="1.0",
            wall_time=NOW,
        )
        if isinstance(body, dict):
            changes["body"] = body
        if changes:
            fact = fact.model_copy(update=changes)
            fact = fact.model_copy(update={"hash": fact.computed_hash()})
        self.facts.append(fact)
        return fact

    def push(self, facts: Sequence[Fact] | None = None) -> PushReply:
        reply = self.push_raw(self.facts if facts is None else facts)
        assert reply.status_code == 200, reply.text
        return PushReply.model_validate_json(reply.content)

    def push_raw(self, facts: Sequence[Fact]) -> httpx.Response:
        body = PushRequest(till=self.number, incarnation=self.incarnation, from_seq=facts[0].seq, facts=tuple(facts))
        return self.client.post(
            "/api/tills/push", content=body.model_dump_json(), headers={"Content-Type": "application/json"}
        )

    def sell(
        self, seats: Sequence[SeatEpoch] = (), *, places: int = 0, performance: PerformanceId = TONIGHT
    ) -> SaleBody:
        """Append a sale of these leased seats and places; not pushed yet."""
        body = sale_body(self.number, seats, places, performance)
        self.append(body)
        return body

    def give_back(
        self, seats: Sequence[SeatEpoch] = (), *, places: int = 0, performance: PerformanceId = TONIGHT
    ) -> ReturnBody:
        areas = (AreaUnits(area=FLOOR, units=places),) if places else ()
        body = ReturnBody(performance=performance, seats=tuple(seats), areas=areas)
        self.append(body)
        return body

    def refund(self, sale: SaleBody, tickets: Sequence[TicketLine] | None = None) -> RefundBody:
        lines = sale.tickets if tickets is None else tickets
        total = -PRICE_MINOR * len(lines)
        body = RefundBody(
            refund=SaleId(uuid4()),
            sale=sale.sale,
            receipt="R",
            shift=SHIFT,
            staff=CASHIER,
            refunded_at=NOW,
            currency="EUR",
            tickets=tuple(
                RefundedTicket(
                    ticket=line.ticket,
                    performance=line.performance,
                    seat=line.seat,
                    area=line.area,
                    charges=(Charge(gross_minor=-PRICE_MINOR, tax_minor=0, rate_bp=0),),
                )
                for line in lines
            ),
            total_minor=total,
            tenders=(Tender(kind=TenderKind.CASH, minor=total),),
            reason="ill",
            ledger=_ledger(self.number, total),
        )
        self.append(body)
        return body

    def issue(self, ticket: TicketId, generation: int, performance: PerformanceId = TONIGHT) -> IssueBody:
        issued = IssuedTicket(ticket=ticket, performance=performance, generation=generation)
        body = IssueBody(tickets=(issued,), why="reprint", staff=CASHIER, issued_at=NOW)
        self.append(body)
        return body

    def scan(
        self,
        ticket: TicketId,
        at: datetime = NOW,
        *,
        direction: Any = "entry",
        admitted: bool = True,
        performance: PerformanceId = TONIGHT,
    ) -> ScanBody:
        body = ScanBody(
            scan=ScanId(uuid4()),
            ticket=ticket,
            performance=performance,
            generation=1,
            gate="Stalls",
            direction=direction,
            shown="admit" if admitted else "not_valid",
            admitted=admitted,
            online=False,
            list_head=0,
            staff=CASHIER,
            scanned_at=at,
        )
        self.append(body)
        return body

    def snapshot(self, performance: PerformanceId = TONIGHT) -> Snapshot:
        reply = self.client.get(f"/api/tills/performances/{performance}/snapshot")
        assert reply.status_code == 200, reply.text
        return Snapshot.model_validate_json(reply.content)

    def feed(self, after: int = 0, limit: int = 500, performance: PerformanceId = TONIGHT) -> FeedPage:
        reply = self.client.get(f"/api/tills/performances/{performance}/feed", params={"after": after, "limit": limit})
        assert reply.status_code == 200, reply.text
        return FeedPage.model_validate_json(reply.content)


def pair_body(code: str, public_key: bytes, /, **changes: object) -> dict[str, object]:
    return {"code": code, "name": "A till", "public_key": base64.b64encode(public_key).decode(), **changes}


def sale_body(
    till: TillNumber, seats: Sequence[SeatEpoch], places: int, performance: PerformanceId = TONIGHT
) -> SaleBody:
    """Adults at 50.00 each, paid in cash, no tax."""
    sale = SaleId(uuid4())
    charges = (Charge(gross_minor=PRICE_MINOR, tax_minor=0, rate_bp=0),)

    def line(seat: SeatEpoch | None) -> TicketLine:
        return TicketLine(
            ticket=TicketId(random.getrandbits(63)),
            performance=performance,
            seat=seat.seat if seat else None,
            area=None if seat else FLOOR,
            epoch=seat.epoch if seat else 0,
            category=0,
            price_type="A",
            price_type_name="Adult",
            charges=charges,
        )

    lines = tuple(line(seat) for seat in (*seats, *[None] * places))
    total = PRICE_MINOR * len(lines)
    return SaleBody(
        sale=sale,
        receipt=f"T{till}-000001",
        order_code=order_code(sale),
        shift=SHIFT,
        staff=CASHIER,
        started_at=NOW,
        sold_at=NOW,
        currency="EUR",
        tickets=lines,
        total_minor=total,
        tenders=(Tender(kind=TenderKind.CASH, minor=total, received_minor=total),),
        ledger=_ledger(till, total),
    )


def _ledger(till: TillNumber, total: int) -> tuple[LedgerLine, ...]:
    return (
        LedgerLine(account=f"cash:{till}", minor=total),
        LedgerLine(account="revenue:tickets", minor=-total),
    )


def problem_of(reply: httpx.Response) -> dict[str, Any]:
    """The problem document of a refusal."""
    assert reply.headers["content-type"] == "application/problem+json", reply.text
    found: dict[str, Any] = json.loads(reply.content)
    assert found["status"] == reply.status_code
    return found
