"""Holds, bookings and waiting lists of the web, and the functions that move places between them."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HOLDS = """
alter table seat add hold uuid;
alter table seat add recalled integer not null default 0;
comment on column seat.recalled is 'the epoch of the last lease that a till was asked to give back';
comment on column seat.hold is 'who holds it on the web, while its status is 1; null: kept back by the house';
comment on table area_count is 'free + units leased by tills + units of open holds + sold = capacity';
create table hold (
    id uuid primary key,
    account uuid not null references account,
    performance integer not null references performance,
    seats integer[] not null,
    areas integer[] not null,
    units integer[] not null,
    state text not null default 'open' check (state in ('open', 'sold', 'released', 'expired')),
    made_at timestamptz not null,
    expires_at timestamptz not null
);
create index hold_to_expire on hold (expires_at) where state = 'open';
create index hold_by_account on hold (account) where state = 'open';
comment on column hold.units is 'of each of areas, in their order';
"""

BOOKINGS = """
create table booking (
    id uuid primary key,
    account uuid not null references account,
    performance integer not null references performance,
    hold uuid not null,
    state text not null check (state in ('pending', 'confirmed', 'cancelled', 'expired')),
    currency char(3) not null,
    total_minor bigint not null check (total_minor >= 0),
    priced jsonb not null,
    made_at timestamptz not null,
    expires_at timestamptz,
    sale uuid,
    settled_at timestamptz,
    settled_by text not null default '',
    refunded_minor bigint not null default 0 check (refunded_minor between 0 and total_minor),
    version integer not null default 1
) partition by range (id);
create table booking_other partition of booking default;
create index booking_by_account on booking (account, id);
create index booking_by_performance on booking (performance);
create index booking_by_sale on booking (sale);
create index booking_by_hold on booking (hold);
create index booking_to_expire on booking (expires_at) where state = 'pending';
comment on table booking is 'By the month in which its id was minted; see central/months.py';
comment on column booking.expires_at is 'until when a pending one waits for its payment';
comment on column booking.priced is
    'a central.bookings.priced.Priced: tickets, fees, taxes and discount, as they were when it was made';
comment on column booking.settled_by is 'the payment, so that the same one settles it once';

create table web_ledger_line (
    entry uuid not null,
    position smallint not null,
    account text not null,
    minor bigint not null,
    booked_at timestamptz not null,
    primary key (entry, position)
);
comment on table web_ledger_line is 'Double entry of web sales and refunds; the lines of an entry sum to zero';
"""

HOLD_PLACES = """
create function hold_places(
    p_hold uuid, p_account uuid, p_performance integer, p_seats integer[], p_areas integer[], p_units integer[],
    p_now timestamptz, p_expires timestamptz, p_most_holds integer
) returns bigint
language plpgsql as $$
declare
    v_plan_seats integer;
    v_status text;
    v_ends timestamptz;
    v_got integer[];
    v_free integer;
    v_sold integer;
    v_counts jsonb := '[]';
    v_wish record;
begin
    -- the account's row: its own holds wait for each other, so their number is exact
    perform from account a where a.id = p_account and a.deleted_at is null for no key update;
    if not found then
        raise exception using errcode = 'BX010', message = 'no such account';
    end if;
    insert into hold (id, account, performance, seats, areas, units, made_at, expires_at)
        values (p_hold, p_account, p_performance, p_seats, p_areas, p_units, p_now, p_expires)
        on conflict (id) do nothing;
    if not found then
        if not exists (select from hold h where h.id = p_hold and h.account = p_account) then
            raise exception using errcode = 'BX005', message = 'another account used this hold id';
        end if;
        return 0;
    end if;
    -- what was offered to who waited is theirs besides
    if (select count(*) from hold h where h.account = p_account and h.state = 'open' and not exists (
            select from waiting_entry w where w.hold = h.id and w.state = 'offered')) > p_most_holds then
        raise exception using errcode = 'BX009', message = 'too many open holds';
    end if;
    select plan.seat_count, p.status, p.ends_at into v_plan_seats, v_status, v_ends
        from performance p join plan on plan.id = p.plan_id where p.id = p_performance;
    if not found then
        raise exception using errcode = 'BX001', message = 'no such performance';
    end if;
    if v_status <> 'on_sale' or v_ends <= p_now then
        raise exception using errcode = 'BX002', message = case when v_status = 'on_sale' then 'over' else v_status end;
    end if;
    if exists (select from unnest(p_seats) as wanted (seat) where wanted.seat < 0 or wanted.seat >= v_plan_seats) then
        raise exception using errcode = 'BX003', message = 'a seat lies outside of the plan';
    end if;

    -- one statement, in seat order: two that want the same seats wait for each other and never deadlock
    with held as (
        insert into seat as s (performance, seat, status, epoch, hold)
        select p_performance, wanted.seat, 1, 1, p_hold from (select unnest(p_seats) as seat order by 1) as wanted
        on conflict (performance, seat) do update
            set status = 1, epoch = s.epoch + 1, till = 0, hold = excluded.hold where s.status = 0
        returning s.seat
    )
    select coalesce(array_agg(held.seat), '{}') into v_got from held;
    if cardinality(v_got) < cardinality(p_seats) then
        raise exception using errcode = 'BX007', message = (
            select string_agg(gone.seat::text, ',' order by gone.seat)
            from (select unnest(p_seats) as seat except select unnest(v_got)) as gone);
    end if;

    for v_wish in
        select wish.area, wish.units from unnest(p_areas, p_units) as wish (area, units) order by wish.area
    loop
        update area_count c set free = c.free - v_wish.units
            where c.performance = p_performance and c.area = v_wish.area and c.free >= v_wish.units
            returning c.free, c.sold into v_free, v_sold;
        if not found then
            raise exception using errcode = case when exists (
                select from area_count c where c.performance = p_performance and c.area = v_wish.area
            ) then 'BX008' else 'BX004' end, message = v_wish.area::text;
        end if;
        v_counts := v_counts || jsonb_build_object('area', v_wish.area, 'free', v_free, 'sold', v_sold);
    end loop;
    return append_feed(
        p_performance,
        jsonb_build_object('seats', seat_changes(p_seats, 1), 'areas', v_counts),
        -cardinality(p_seats));
end $$;
comment on function hold_places is
    'All of them or none. The feed''s new head; 0: the same hold again. BX001 unknown performance, BX002 not on sale,'
    ' BX003 seat outside, BX004 unknown area, BX005 foreign id, BX007 seats taken (which), BX008 too few places (area),'
    ' BX009 too many open holds, BX010 unknown account';

create function seat_changes(p_seats integer[], p_status integer) returns jsonb language sql immutable as $$
    select coalesce(jsonb_agg(jsonb_build_object('seat', seat, 'status', p_status) order by seat), '[]')
    from unnest(p_seats) as seat
$$;
"""

FREE_HOLDS = """
create function free_holds(p_performance integer, p_holds uuid[], p_state text) returns bigint
language plpgsql as $$
declare
    v_holds uuid[];
    v_seats integer[];
    v_counts jsonb;
begin
    with freed as (
        update hold h set state = p_state where h.id = any(p_holds) and h.state = 'open' returning h.id
    )
    select coalesce(array_agg(freed.id), '{}') into v_holds from freed;
    if v_holds = '{}' then
        return 0;
    end if;
    perform from seat s join (select unnest(h.seats) as seat from hold h where h.id = any(v_holds)) as held
        on s.seat = held.seat where s.performance = p_performance order by s.seat for update of s;
    with freed as (
        update seat s set status = 0, hold = null
            from (select h.id, unnest(h.seats) as seat from hold h where h.id = any(v_holds)) as held
            where s.performance = p_performance and s.seat = held.seat and s.hold = held.id and s.status = 1
            returning s.seat
    )
    select coalesce(array_agg(freed.seat), '{}') into v_seats from freed;
    with freed as (
        update area_count c set free = c.free + held.units
            from (select wish.area, sum(wish.units)::integer as units
                from hold h, unnest(h.areas, h.units) as wish (area, units) where h.id = any(v_holds) group by 1
                order by 1) as held
            where c.performance = p_performance and c.area = held.area
            returning c.area, c.free, c.sold
    )
    select coalesce(jsonb_agg(jsonb_build_object('area', freed.area, 'free', freed.free, 'sold', freed.sold)), '[]')
        into v_counts from freed;
    return append_feed(
        p_performance,
        jsonb_build_object('seats', seat_changes(v_seats, 0), 'areas', v_counts),
        cardinality(v_seats));
end $$;
comment on function free_holds is 'Open holds of one performance; the feed''s new head, or 0 when none was open';

create function expire_holds(p_now timestamptz, p_most integer) returns table (performance integer, head bigint)
language plpgsql as $$
declare
    v_due record;
begin
    for v_due in
        select due.performance, array_agg(due.id) as holds from (
            select h.performance, h.id from hold h where h.state = 'open' and h.expires_at <= p_now
            order by h.expires_at limit p_most for update skip locked
        ) as due group by due.performance order by due.performance
    loop
        performance := v_due.performance;
        head := free_holds(v_due.performance, v_due.holds, 'expired');
        return next;
    end loop;
end $$;
comment on function expire_holds is 'Any number of nodes may call it at once: each takes holds that no other has';
"""

CONFIRM = """
create function confirm_booking(
    p_booking uuid, p_sale uuid, p_code text, p_now timestamptz, p_by text, p_holder text, p_email text,
    p_tickets jsonb, p_ledger jsonb, p_records jsonb
) returns bigint
language plpgsql set plan_cache_mode = force_generic_plan  -- finding the booking's month costs less than a new plan
as $$
declare
    v_booking record;
    v_hold record;
    v_seats integer[];
    v_counts jsonb;
begin
    select b.hold, b.account, b.performance, b.currency, b.total_minor into strict v_booking
        from booking b where b.id = p_booking and b.state = 'pending' for update;
    -- whoever calls the event off waits for this sale, or this sale sees that it was called off
    perform from performance p where p.id = v_booking.performance and p.status <> 'cancelled' for key share;
    if not found then
        return 0;
    end if;
    update hold h set state = 'sold' where h.id = v_booking.hold and h.state = 'open' returning h.* into v_hold;
    if not found then
        return 0;
    end if;
    insert into sale (id, channel, order_code, sold_at, currency, total_minor, holder, email, account)
        values (p_sale, 'web', p_code, p_now, v_booking.currency, v_booking.total_minor, p_holder, p_email,
            v_booking.account);
    insert into ticket (id, sale, performance, seat, area, price_type, price_type_name, category, gross_minor)
        select t.id, p_sale, v_booking.performance, t.seat, t.area, t.price_type, t.price_type_name, t.category,
            t.gross_minor
        from jsonb_to_recordset(p_tickets) as t (
            id bigint, seat integer, area smallint, price_type text, price_type_name text, category smallint,
            gross_minor bigint);
    with sold as (
        update seat s set status = 3, hold = null, ticket = t.id
            from jsonb_to_recordset(p_tickets) as t (id bigint, seat integer)
            where s.performance = v_booking.performance and s.seat = t.seat and s.hold = v_booking.hold
            returning s.seat
    )
    select coalesce(array_agg(sold.seat), '{}') into v_seats from sold;
    if cardinality(v_seats) <> cardinality(v_hold.seats) then
        raise exception using message = 'booking ' || p_booking || ' does not have the seats of its hold';
    end if;
    with sold as (
        update area_count c set sold = c.sold + wish.units
            from unnest(v_hold.areas, v_hold.units) as wish (area, units)
            where c.performance = v_booking.performance and c.area = wish.area
            returning c.area, c.free, c.sold
    )
    select coalesce(jsonb_agg(jsonb_build_object('area', sold.area, 'free', sold.free, 'sold', sold.sold)), '[]')
        into v_counts from sold;
    insert into web_ledger_line (entry, position, account, minor, booked_at)
        select p_sale, line.position - 1, line.entry ->> 'account', (line.entry ->> 'minor')::bigint, p_now
        from jsonb_array_elements(p_ledger) with ordinality as line (entry, position);
    update booking set state = 'confirmed', sale = p_sale, settled_at = p_now, settled_by = p_by, expires_at = null,
        version = version + 1 where id = p_booking;
    return append_feed(
        v_booking.performance,
        jsonb_build_object('seats', seat_changes(v_seats, 3), 'areas', v_counts, 'tickets', p_records),
        0);
end $$;
comment on function confirm_booking is
    'A pending booking becomes a sale of the places that its hold has. The feed''s new head; 0: the hold is not open,'
    ' or the event was called off';
"""

WAITING = """
create table waiting_entry (
    id uuid primary key,
    ordinal bigint not null generated always as identity,
    account uuid not null references account,
    performance integer not null references performance,
    count integer not null check (count > 0),
    words text not null default '',
    state text not null default 'waiting'
        check (state in ('waiting', 'offered', 'booked', 'left', 'declined', 'expired', 'closed')),
    joined_at timestamptz not null,
    hold uuid,
    offered_at timestamptz,
    ended_at timestamptz,
    version integer not null default 1,
    check ((state in ('waiting', 'offered')) = (ended_at is null))
);
create unique index waiting_once on waiting_entry (account, performance) where ended_at is null;
create index waiting_in_order on waiting_entry (performance, ordinal) where state = 'waiting';
create index waiting_by_hold on waiting_entry (hold) where state = 'offered';
create index waiting_by_account on waiting_entry (account, id);
create index waiting_by_performance on waiting_entry (performance, state);
comment on column waiting_entry.ordinal is 'the order of the list; a new one for who asks for more than before';
comment on column waiting_entry.words is 'where, as central/bookings/wishes.py reads it';
comment on column waiting_entry.hold is 'the places offered: open until the offer ends';
"""


def upgrade() -> None:
    for part in (HOLDS, BOOKINGS, HOLD_PLACES, FREE_HOLDS, CONFIRM, WAITING):
        op.execute(part)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
