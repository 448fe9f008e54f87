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
    # A row's position is its incarnation and its number in one: the key of the journal and of what is derived from it.
    """
    CREATE TABLE journal (
        position INTEGER PRIMARY KEY CHECK (position = (incarnation << 40 | seq)),
        till INTEGER NOT NULL,
        incarnation INTEGER NOT NULL CHECK (incarnation >= 1),
        seq INTEGER NOT NULL CHECK (seq BETWEEN 1 AND 1 << 39),
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        schema_version INTEGER NOT NULL,
        body TEXT NOT NULL,
        prev_hash TEXT NOT NULL,
        hash TEXT NOT NULL,
        hlc TEXT NOT NULL,
        wall_time INTEGER NOT NULL,
        subject TEXT,
        shift TEXT
    ) STRICT
    """,
    "CREATE INDEX journal_shift_ends ON journal (shift) WHERE kind IN ('SHIFT_OPEN', 'SHIFT_CLOSE')",
    """
    CREATE TRIGGER journal_continues BEFORE INSERT ON journal
    WHEN NEW.position <= coalesce((SELECT max(position) FROM journal), 0)
        OR NEW.seq > 1 AND NOT EXISTS (SELECT 1 FROM journal WHERE position = NEW.position - 1)
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
        position INTEGER PRIMARY KEY REFERENCES journal (position),
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE INDEX acknowledgement_to_settle ON acknowledgement (position)
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
    # The bodies of sales, refunds and scans are in the journal alone. These rows are made just before their fact: the
    # deferred key refuses a commit without it, and the triggers follow it if anything came between.
    """
    CREATE TABLE sale (
        position INTEGER PRIMARY KEY REFERENCES journal (position) DEFERRABLE INITIALLY DEFERRED,
        sale TEXT NOT NULL UNIQUE,
        receipt TEXT NOT NULL,
        order_code TEXT NOT NULL,
        shift TEXT NOT NULL,
        sold_at INTEGER NOT NULL,
        customer TEXT,
        email TEXT
    ) STRICT
    """,
    "CREATE INDEX sale_sold_at ON sale (sold_at)",
    """
    CREATE TRIGGER sale_follows_its_fact AFTER INSERT ON journal WHEN NEW.kind = 'SALE'
    BEGIN UPDATE sale SET position = NEW.position WHERE sale = NEW.subject AND position <> NEW.position; END
    """,
    """
    CREATE TABLE refund (
        position INTEGER PRIMARY KEY REFERENCES journal (position) DEFERRABLE INITIALLY DEFERRED,
        refund TEXT NOT NULL UNIQUE,
        sale TEXT NOT NULL REFERENCES sale (sale),
        receipt TEXT NOT NULL,
        shift TEXT NOT NULL,
        refunded_at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX refund_sale ON refund (sale)",
    "CREATE INDEX refund_refunded_at ON refund (refunded_at)",
    """
    CREATE TRIGGER refund_follows_its_fact AFTER INSERT ON journal WHEN NEW.kind = 'REFUND'
    BEGIN UPDATE refund SET position = NEW.position WHERE refund = NEW.subject AND position <> NEW.position; END
    """,
    """
    CREATE TABLE ticket (
        ticket INTEGER PRIMARY KEY,
        sale INTEGER NOT NULL REFERENCES sale (position) ON UPDATE CASCADE,
        performance INTEGER NOT NULL,
        code TEXT NOT NULL,
        seat INTEGER,
        area INTEGER,
        refund TEXT
    ) STRICT
    """,
    "CREATE INDEX ticket_performance ON ticket (performance, sale)",
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
        position INTEGER PRIMARY KEY REFERENCES journal (position) DEFERRABLE INITIALLY DEFERRED,
        scan TEXT NOT NULL UNIQUE,
        ticket INTEGER NOT NULL,
        performance INTEGER NOT NULL,
        counts INTEGER NOT NULL CHECK (counts IN (0, 1))
    ) STRICT
    """,
    "CREATE INDEX scan_ticket ON scan (ticket)",
    "CREATE INDEX scan_performance ON scan (performance)",
    """
    CREATE TRIGGER scan_follows_its_fact AFTER INSERT ON journal WHEN NEW.kind = 'SCAN'
    BEGIN UPDATE scan SET position = NEW.position WHERE scan = NEW.subject AND position <> NEW.position; END
    """,
    """
    CREATE TABLE print_job (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        width_pt REAL NOT NULL,
        height_pt REAL NOT NULL,
        content BLOB NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        code TEXT NOT NULL,
        error TEXT NOT NULL,
        way_out TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX print_job_to_do ON print_job (number) WHERE state IN ('waiting', 'printing', 'failed')",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
)
