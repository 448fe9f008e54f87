"""The tables of journal.db and cache.db as the queries see them.

journal.db is made by the numbered migrations; a test holds the two alike. cache.db is made from here.
"""

from __future__ import annotations

from sqlalchemy import REAL, Column, ColumnElement, Index, Integer, LargeBinary, MetaData, Table, Text, func, select

from boxoffice.store.columns import Id, Instant

JOURNAL = MetaData()
CACHE = MetaData()
INCARNATION_BITS = 40  # a journal position is `incarnation << 40 | seq`
CACHE_VERSION = 1  # raise it with any change below `CACHE`: an older cache is thrown away

identity = Table(
    "identity",
    JOURNAL,
    Column("one", Integer, primary_key=True),
    Column("till", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("key_id", Integer, nullable=False),
    Column("incarnation", Integer, nullable=False),
    Column("credential", Text, nullable=False),
    Column("central_url", Text, nullable=False),
    Column("server_epoch", Integer, nullable=False),
    Column("root_key", LargeBinary, nullable=False),
    Column("signing_key", LargeBinary, nullable=False),
)

journal = Table(
    "journal",
    JOURNAL,
    Column("position", Integer, primary_key=True),
    Column("till", Integer, nullable=False),
    Column("incarnation", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("hlc", Text, nullable=False),
    Column("wall_time", Instant, nullable=False),
    Column("subject", Id),
    Column("shift", Id),
)

# Where the next fact will stand: what is derived from it is filed there before it is appended.
NEXT_POSITION: ColumnElement[int] = select(
    func.max(
        func.coalesce(select(func.max(journal.c.position)).scalar_subquery(), 0),
        identity.c.incarnation.op("<<")(INCARNATION_BITS),
    )
    + 1
).scalar_subquery()

carried = Table("carried", JOURNAL, Column("position", Integer, primary_key=True))

mark = Table(
    "mark",
    JOURNAL,
    Column("incarnation", Integer, primary_key=True),
    Column("applied_hi", Integer, nullable=False),
    Column("durable_hi", Integer, nullable=False),
)

acknowledgement = Table(
    "acknowledgement",
    JOURNAL,
    Column("position", Integer, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

ledger_line = Table(
    "ledger_line",
    JOURNAL,
    Column("position", Integer, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("minor", Integer, nullable=False),
)

sale = Table(
    "sale",
    JOURNAL,
    Column("position", Integer, primary_key=True),
    Column("sale", Id, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("order_code", Text, nullable=False),
    Column("shift", Id, nullable=False),
    Column("sold_at", Instant, nullable=False),
    Column("customer", Text),
    Column("email", Text),
)

refund = Table(
    "refund",
    JOURNAL,
    Column("position", Integer, primary_key=True),
    Column("refund", Id, nullable=False),
    Column("sale", Id, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("shift", Id, nullable=False),
    Column("refunded_at", Instant, nullable=False),
)

ticket = Table(
    "ticket",
    JOURNAL,
    Column("ticket", Integer, primary_key=True),
    Column("sale", Integer, nullable=False),
    Column("performance", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("seat", Integer),
    Column("area", Integer),
    Column("refund", Id),
)

issue = Table(
    "issue",
    JOURNAL,
    Column("number", Integer, primary_key=True),
    Column("body", Text, nullable=False),
)

issued_ticket = Table(
    "issued_ticket",
    JOURNAL,
    Column("ticket", Integer, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("code", Text, nullable=False),
    Column("issue", Integer, nullable=False),
)

counter = Table(
    "counter",
    JOURNAL,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)

lease_request = Table(
    "lease_request",
    JOURNAL,
    Column("request", Id, primary_key=True),
    Column("body", Text, nullable=False),
)

lease = Table(
    "lease",
    JOURNAL,
    Column("performance", Integer, primary_key=True),
    Column("seat", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("kind", Text, nullable=False),
)

seat_epoch = Table(
    "seat_epoch",
    JOURNAL,
    Column("performance", Integer, primary_key=True),
    Column("seat", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
)

area_lease = Table(
    "area_lease",
    JOURNAL,
    Column("performance", Integer, primary_key=True),
    Column("area", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("units", Integer, nullable=False),
)

shift = Table(
    "shift",
    JOURNAL,
    Column("shift", Id, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("staff", Id, nullable=False),
    Column("float_minor", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closing", Text),
)

scan = Table(
    "scan",
    JOURNAL,
    Column("position", Integer, primary_key=True),
    Column("scan", Id, nullable=False),
    Column("ticket", Integer, nullable=False),
    Column("performance", Integer, nullable=False),
    Column("counts", Integer, nullable=False),
)

print_job = Table(
    "print_job",
    JOURNAL,
    Column("number", Integer, primary_key=True),
    Column("id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("width_pt", REAL, nullable=False),
    Column("height_pt", REAL, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("way_out", Text, nullable=False),
)

setting = Table(
    "setting",
    JOURNAL,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

document = Table(
    "document",
    CACHE,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

house = Table(
    "house",
    CACHE,
    Column("performance", Integer, primary_key=True),
    Column("server_epoch", Integer, nullable=False),
    Column("head", Integer, nullable=False),
    Column("statuses", LargeBinary, nullable=False),
    Column("pulled_at", Instant, nullable=False),
)

house_area = Table(
    "house_area",
    CACHE,
    Column("performance", Integer, primary_key=True),
    Column("area", Integer, primary_key=True),
    Column("free", Integer, nullable=False),
    Column("sold", Integer, nullable=False),
)

house_ticket = Table(
    "house_ticket",
    CACHE,
    Column("ticket", Integer, primary_key=True),
    Column("performance", Integer, nullable=False),
    Column("sale", Id, nullable=False),
    Column("holder", Text, nullable=False),
    Column("order_code", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("house_ticket_performance", "performance"),
    Index("house_ticket_sale", "sale"),
    Index("house_ticket_order_code", "order_code"),
    Index("house_ticket_code", "code"),
)

house_scan = Table(
    "house_scan",
    CACHE,
    Column("ticket", Integer, primary_key=True),
    Column("performance", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("house_scan_performance", "performance"),
)
