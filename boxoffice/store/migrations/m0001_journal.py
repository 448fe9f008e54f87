"""The journal, what is derived from it, the leases, the shifts and the settings."""

from __future__ import annotations

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE identity (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        till INTEGER NOT NULL,
        name TEXT NOT NULL,
        key_id INTEGER NOT NULL,
        incarnation INTEGER NOT NULL CHECK (incarnation >= 1),
        credential TEXT NOT NULL,
        central_url TEXT NOT NULL,
        server_epoch INTEGER NOT NULL,
        root_key BLOB NOT NULL,
        signing_key BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE journal (
        position INTEGER PRIMARY KEY,
        till INTEGER NOT NULL,
        incarnation INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        schema_version INTEGER NOT NULL,
        body TEXT NOT NULL,
        prev_hash TEXT NOT NULL,
        hash TEXT NOT NULL,
        hlc TEXT NOT NULL,
        wall_time INTEGER NOT NULL,
        subject TEXT,
        shift TEXT,
        UNIQUE (incarnation, seq)
    ) STRICT
    """,
    "CREATE INDEX journal_shift ON journal (shift) WHERE shift IS NOT NULL",
    """
    CREATE TRIGGER journal_continues BEFORE INSERT ON journal
    WHEN NEW.position <> coalesce((SELECT max(position) FROM journal), 0) + 1
        OR NEW.seq <> coalesce((SELECT max(seq) FROM journal WHERE incarnation = NEW.incarnation), 0) + 1
        OR NEW.incarnation < coalesce((SELECT max(incarnation) FROM journal), 1)
    BEGIN SELECT RAISE(ABORT, 'the journal has no gaps'); END
    """,
    """
    CREATE TRIGGER journal_is_final BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    "CREATE TABLE carried (position INTEGER PRIMARY KEY REFERENCES journal (position)) STRICT",
    """
    CREATE TABLE mark (
        incarnation INTEGER PRIMARY KEY,
        applied_hi INTEGER NOT NULL,
        durable_hi INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE acknowledgement (
        incarnation INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (incarnation, seq),
        FOREIGN KEY (incarnation, seq) REFERENCES journal (incarnation, seq)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX acknowledgement_to_settle ON acknowledgement (incarnation, seq)
    WHERE outcome IN ('conflict', 'parked')
    """,
    """
    CREATE TABLE ledger_line (
        position INTEGER NOT NULL REFERENCES journal (position),
        line INTEGER NOT NULL,
        account TEXT NOT NULL,
        minor INTEGER NOT NULL,
        PRIMARY KEY (position, line)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE sale (
        number INTEGER PRIMARY KEY,
        sale TEXT NOT NULL UNIQUE,
        receipt TEXT NOT NULL UNIQUE,
        order_code TEXT NOT NULL,
        shift TEXT NOT NULL,
        sold_at INTEGER NOT NULL,
        customer TEXT,
        email TEXT,
        body TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX sale_order_code ON sale (order_code)",
    "CREATE INDEX sale_shift ON sale (shift)",
    "CREATE INDEX sale_sold_at ON sale (sold_at)",
    """
    CREATE TABLE refund (
        number INTEGER PRIMARY KEY,
        refund TEXT NOT NULL UNIQUE,
        sale TEXT NOT NULL REFERENCES sale (sale),
        receipt TEXT NOT NULL UNIQUE,
        shift TEXT NOT NULL,
        refunded_at INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX refund_sale ON refund (sale)",
    "CREATE INDEX refund_shift ON refund (shift)",
    "CREATE INDEX refund_refunded_at ON refund (refunded_at)",
    """
    CREATE TABLE payment (
        document TEXT NOT NULL,
        line INTEGER NOT NULL,
        kind TEXT NOT NULL,
        minor INTEGER NOT NULL,
        reference TEXT NOT NULL,
        PRIMARY KEY (document, line)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE ticket (
        ticket INTEGER PRIMARY KEY,
        sale TEXT NOT NULL REFERENCES sale (sale),
        performance INTEGER NOT NULL,
        code TEXT NOT NULL,
        seat INTEGER,
        area INTEGER,
        refund TEXT
    ) STRICT
    """,
    "CREATE INDEX ticket_sale ON ticket (sale)",
    "CREATE INDEX ticket_performance ON ticket (performance)",
    "CREATE TABLE issue (number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT",
    """
    CREATE TABLE issued_ticket (
        ticket INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        code TEXT NOT NULL,
        issue INTEGER NOT NULL REFERENCES issue (number),
        PRIMARY KEY (ticket, generation)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE lease_request (request TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT",
    """
    CREATE TABLE lease (
        performance INTEGER NOT NULL,
        seat INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('basket', 'allotment')),
        PRIMARY KEY (performance, seat)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE seat_epoch (
        performance INTEGER NOT NULL,
        seat INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        PRIMARY KEY (performance, seat)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TRIGGER epochs_only_rise BEFORE UPDATE ON seat_epoch WHEN NEW.epoch <= OLD.epoch
    BEGIN SELECT RAISE(ABORT, 'epochs only rise'); END
    """,
    """
    CREATE TABLE area_lease (
        performance INTEGER NOT NULL,
        area INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('basket', 'allotment')),
        units INTEGER NOT NULL CHECK (units > 0),
        PRIMARY KEY (performance, area, kind)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE shift (
        shift TEXT PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        staff TEXT NOT NULL,
        float_minor INTEGER NOT NULL,
        currency TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        closed_at INTEGER,
        closing TEXT
    ) STRICT
    """,
    "CREATE UNIQUE INDEX shift_open_once ON shift (closed_at IS NULL) WHERE closed_at IS NULL",
    """
    CREATE TABLE scan (
        number INTEGER PRIMARY KEY,
        scan TEXT NOT NULL UNIQUE,
        ticket INTEGER NOT NULL,
        performance INTEGER NOT NULL,
        counts INTEGER NOT NULL CHECK (counts IN (0, 1)),
        body TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX scan_ticket ON scan (ticket)",
    "CREATE INDEX scan_performance ON scan (performance)",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
)
