CREATE FUNCTION public.append_feed(p_performance integer, p_entry jsonb, p_free_seats integer) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
    v_head bigint;
begin
    update feed_head set head = head + 1, free_seats = free_seats + p_free_seats
        where performance = p_performance returning head into strict v_head;
    insert into feed (performance, number, entry) values (p_performance, v_head, p_entry);
    return v_head;
end $$;
COMMENT ON FUNCTION public.append_feed(p_performance integer, p_entry jsonb, p_free_seats integer) IS 'Call it last: it holds the counter row until the transaction ends';
CREATE FUNCTION public.lease_places(p_till integer, p_request uuid, p_performance integer, p_kind text, p_seats integer[], p_areas integer[], p_units integer[]) RETURNS TABLE(granted jsonb, head bigint)
    LANGUAGE plpgsql
    AS $$
declare
    v_plan_seats integer;
    v_status text;
    v_state text;
    v_seats jsonb := '[]';
    v_changes jsonb := '[]';
    v_areas jsonb := '[]';
    v_counts jsonb := '[]';
    v_got integer[];
    v_taken jsonb;
    v_grant jsonb;
    v_head bigint;
    v_free integer;
    v_sold integer;
    v_units integer;
    v_wish record;
begin
    select t.state into v_state from till t where t.number = p_till for share;
    if v_state is distinct from 'active' then
        raise exception using errcode = 'BX006', message = 'the till is ' || coalesce(v_state, 'unknown');
    end if;
    insert into lease_request (id, till, performance, kind) values (p_request, p_till, p_performance, p_kind)
        on conflict (id) do nothing;
    if not found then
        select r.granted into v_grant from lease_request r where r.id = p_request and r.till = p_till;
        if not found then
            raise exception using errcode = 'BX005', message = 'another till used this request id';
        end if;
        return query select v_grant, 0::bigint;
        return;
    end if;
    select plan.seat_count, p.status into v_plan_seats, v_status
        from performance p join plan on plan.id = p.plan_id where p.id = p_performance;
    if not found then
        raise exception using errcode = 'BX001', message = 'no such performance';
    end if;
    if v_status <> 'on_sale' then
        raise exception using errcode = 'BX002', message = 'the performance is ' || v_status;
    end if;
    if exists (select from unnest(p_seats) as wanted (seat) where wanted.seat < 0 or wanted.seat >= v_plan_seats) then
        raise exception using errcode = 'BX003', message = 'a seat lies outside of the plan';
    end if;
    -- one statement, in seat order: two tills that want the same seats wait for each other and never deadlock
    with leased as (
        insert into seat as s (performance, seat, status, epoch, till)
        select p_performance, wanted.seat, 2, 1, p_till
            from (select distinct unnest(p_seats) as seat order by 1) as wanted
        on conflict (performance, seat) do update
            set status = 2, epoch = s.epoch + 1, till = excluded.till where s.status = 0
        returning s.seat, s.epoch
    )
    select coalesce(jsonb_agg(jsonb_build_object('seat', leased.seat, 'epoch', leased.epoch)
                              order by leased.seat), '[]'),
           coalesce(jsonb_agg(jsonb_build_object('seat', leased.seat, 'status', 2, 'till', p_till)
                              order by leased.seat), '[]'),
           coalesce(array_agg(leased.seat), '{}')
        into v_seats, v_changes, v_got from leased;
    select coalesce(jsonb_agg(refused.seat order by refused.seat), '[]') into v_taken
        from (select unnest(p_seats) as seat except select unnest(v_got)) as refused;
    for v_wish in
        select wish.area, sum(wish.units)::integer as units
            from unnest(p_areas, p_units) as wish (area, units) group by wish.area order by wish.area
    loop
        select c.free, c.sold into v_free, v_sold from area_count c
            where c.performance = p_performance and c.area = v_wish.area for update;
        if not found then
            raise exception using errcode = 'BX004', message = 'no such area';
        end if;
        v_units := least(v_free, v_wish.units);
        if v_units > 0 then
            update area_count c set free = c.free - v_units
                where c.performance = p_performance and c.area = v_wish.area;
            insert into area_lease as l (till, performance, area, units)
                values (p_till, p_performance, v_wish.area, v_units)
                on conflict (till, performance, area) do update set units = l.units + excluded.units;
            v_areas := v_areas || jsonb_build_object('area', v_wish.area, 'units', v_units);
            v_counts := v_counts
                || jsonb_build_object('area', v_wish.area, 'free', v_free - v_units, 'sold', v_sold);
        end if;
    end loop;
    v_grant := jsonb_build_object('request', p_request, 'performance', p_performance,
                                  'seats', v_seats, 'areas', v_areas, 'taken', v_taken);
    update lease_request r set granted = v_grant where r.id = p_request;
    v_head := 0;
    if v_changes <> '[]' or v_counts <> '[]' then
        v_head := append_feed(p_performance, jsonb_build_object('seats', v_changes, 'areas', v_counts),
                              -jsonb_array_length(v_changes));
    end if;
    return query select v_grant, v_head;
end $$;
COMMENT ON FUNCTION public.lease_places(p_till integer, p_request uuid, p_performance integer, p_kind text, p_seats integer[], p_areas integer[], p_units integer[]) IS 'BX001 unknown performance, BX002 not on sale, BX003 seat outside, BX004 unknown area, BX005 foreign request id, BX006 till not active. head 0: nothing changed. The same request gets the same grant';
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.area_count (
    performance integer NOT NULL,
    area smallint NOT NULL,
    capacity integer NOT NULL,
    free integer NOT NULL,
    sold integer DEFAULT 0 NOT NULL,
    CONSTRAINT area_count_free_check CHECK ((free >= 0)),
    CONSTRAINT area_count_sold_check CHECK ((sold >= 0))
);
COMMENT ON TABLE public.area_count IS 'free + units leased by tills + sold = capacity';
CREATE TABLE public.area_lease (
    till integer NOT NULL,
    performance integer NOT NULL,
    area smallint NOT NULL,
    units integer NOT NULL,
    CONSTRAINT area_lease_units_check CHECK ((units >= 0))
);
CREATE TABLE public.fact (
    till integer NOT NULL,
    incarnation integer NOT NULL,
    seq integer NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    schema_version integer NOT NULL,
    body json NOT NULL,
    prev_hash text NOT NULL,
    hash text NOT NULL,
    hlc text NOT NULL,
    wall_time timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    repeated boolean DEFAULT false NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT fact_outcome_check CHECK ((outcome = ANY (ARRAY['applied'::text, 'conflict'::text, 'parked'::text])))
);
COMMENT ON COLUMN public.fact.body IS 'json, not jsonb: kept letter by letter, because the hash covers it';
COMMENT ON COLUMN public.fact.repeated IS 'the same fact under a second number, by a till that started again: applied once';
CREATE TABLE public.feed (
    performance integer NOT NULL,
    number bigint NOT NULL,
    entry jsonb NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON COLUMN public.feed.entry IS 'a boxoffice.domain.protocol.FeedEntry without its number';
CREATE TABLE public.feed_head (
    performance integer NOT NULL,
    head bigint DEFAULT 0 NOT NULL,
    compacted_to bigint DEFAULT 0 NOT NULL,
    free_seats integer NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE public.feed_head IS 'Counter row of a performance, locked last in every transaction that changes its house';
CREATE TABLE public.lease_request (
    id uuid NOT NULL,
    till integer NOT NULL,
    performance integer NOT NULL,
    kind text NOT NULL,
    granted jsonb,
    at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.ledger_line (
    till integer NOT NULL,
    incarnation integer NOT NULL,
    seq integer NOT NULL,
    "position" smallint NOT NULL,
    account text NOT NULL,
    minor bigint NOT NULL
);
CREATE TABLE public.pairing_code (
    hash bytea NOT NULL,
    till_name text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    used_by integer
);
CREATE TABLE public.performance (
    id integer NOT NULL,
    production_id text NOT NULL,
    venue_id text NOT NULL,
    hall text NOT NULL,
    plan_id text NOT NULL,
    price_list_id text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    doors_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    status text DEFAULT 'on_sale'::text NOT NULL,
    allotment integer DEFAULT 60 NOT NULL,
    CONSTRAINT performance_allotment_check CHECK ((allotment >= 0)),
    CONSTRAINT performance_status_check CHECK ((status = ANY (ARRAY['on_sale'::text, 'closed'::text, 'cancelled'::text])))
);
ALTER TABLE public.performance ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.performance_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.plan (
    id text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    seat_count integer NOT NULL,
    body jsonb NOT NULL,
    ordinal integer NOT NULL,
    CONSTRAINT plan_seat_count_check CHECK ((seat_count >= 0))
);
COMMENT ON COLUMN public.plan.body IS 'as boxoffice.domain.plan.plan_to_json';
ALTER TABLE public.plan ALTER COLUMN ordinal ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.plan_ordinal_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.price_list (
    id text NOT NULL,
    name text NOT NULL,
    currency character(3) NOT NULL,
    body jsonb NOT NULL,
    ordinal integer NOT NULL
);
COMMENT ON COLUMN public.price_list.body IS 'a boxoffice.domain.pricing.PriceList';
ALTER TABLE public.price_list ALTER COLUMN ordinal ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.price_list_ordinal_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.production (
    id text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL,
    minutes integer NOT NULL,
    ordinal integer NOT NULL
);
ALTER TABLE public.production ALTER COLUMN ordinal ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.production_ordinal_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.refund (
    id uuid NOT NULL,
    sale uuid NOT NULL,
    till integer NOT NULL,
    receipt text NOT NULL,
    staff uuid NOT NULL,
    shift uuid NOT NULL,
    refunded_at timestamp with time zone NOT NULL,
    currency character(3) NOT NULL,
    total_minor bigint NOT NULL,
    reason text NOT NULL
);
CREATE TABLE public.sale (
    id uuid NOT NULL,
    channel text NOT NULL,
    till integer DEFAULT 0 NOT NULL,
    order_code text NOT NULL,
    receipt text DEFAULT ''::text NOT NULL,
    staff uuid,
    shift uuid,
    sold_at timestamp with time zone NOT NULL,
    currency character(3) NOT NULL,
    total_minor bigint NOT NULL,
    holder text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT sale_channel_check CHECK ((channel = ANY (ARRAY['counter'::text, 'web'::text])))
);
CREATE TABLE public.scan (
    id uuid NOT NULL,
    ticket bigint NOT NULL,
    performance integer NOT NULL,
    generation bigint NOT NULL,
    gate text NOT NULL,
    direction text NOT NULL,
    shown text NOT NULL,
    admitted boolean NOT NULL,
    online boolean NOT NULL,
    list_head bigint NOT NULL,
    staff uuid,
    staff_name text DEFAULT ''::text NOT NULL,
    scanned_at timestamp with time zone NOT NULL,
    till integer DEFAULT 0 NOT NULL,
    CONSTRAINT scan_direction_check CHECK ((direction = ANY (ARRAY['entry'::text, 'exit'::text, 'undo'::text])))
);
COMMENT ON TABLE public.scan IS 'Merged as a set and never judged again; ticket may be one that central does not know yet';
CREATE TABLE public.seat (
    performance integer NOT NULL,
    seat integer NOT NULL,
    status smallint DEFAULT 0 NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    till integer DEFAULT 0 NOT NULL,
    ticket bigint,
    CONSTRAINT seat_status_check CHECK (((status >= 0) AND (status <= 6)))
)
WITH (fillfactor='80');
COMMENT ON TABLE public.seat IS 'Only seats that were ever touched; a missing row is a free seat of epoch 0';
COMMENT ON COLUMN public.seat.status IS 'boxoffice.domain.protocol.SeatStatus';
COMMENT ON COLUMN public.seat.till IS 'who leases it; 0 for nobody and once it is sold';
CREATE TABLE public.server (
    only_row boolean DEFAULT true NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    catalogue_version bigint DEFAULT 0 NOT NULL,
    key_version integer DEFAULT 0 NOT NULL,
    root_key bytea,
    seller jsonb DEFAULT '{"name": "Box office", "footer": "", "tax_id": "", "address": ""}'::jsonb NOT NULL,
    CONSTRAINT server_only_row_check CHECK (only_row)
);
COMMENT ON TABLE public.server IS 'One row. epoch rises when a backup is restored; root_key is the public half';
CREATE TABLE public.shift (
    id uuid NOT NULL,
    till integer NOT NULL,
    number integer NOT NULL,
    staff uuid NOT NULL,
    currency character(3) NOT NULL,
    float_minor bigint DEFAULT 0 NOT NULL,
    opened_at timestamp with time zone,
    counted_minor bigint,
    difference_minor bigint,
    closed_at timestamp with time zone
);
CREATE TABLE public.staff (
    id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    pin_hash text NOT NULL,
    demo_pin text DEFAULT ''::text NOT NULL,
    ordinal integer NOT NULL
);
ALTER TABLE public.staff ALTER COLUMN ordinal ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.staff_ordinal_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ticket (
    id bigint NOT NULL,
    sale uuid NOT NULL,
    performance integer NOT NULL,
    seat integer,
    area smallint,
    generation smallint DEFAULT 1 NOT NULL,
    valid boolean DEFAULT true NOT NULL,
    in_conflict boolean DEFAULT false NOT NULL,
    price_type character(1) NOT NULL,
    price_type_name text NOT NULL,
    category smallint NOT NULL,
    gross_minor bigint DEFAULT 0 NOT NULL,
    will_call boolean DEFAULT false NOT NULL,
    CONSTRAINT ticket_check CHECK (((seat IS NULL) <> (area IS NULL)))
);
CREATE TABLE public.till (
    number integer NOT NULL,
    name text NOT NULL,
    credential bytea NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    incarnation integer DEFAULT 1 NOT NULL,
    paired_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT till_state_check CHECK ((state = ANY (ARRAY['active'::text, 'revoked'::text, 'quarantined'::text])))
);
COMMENT ON COLUMN public.till.credential IS 'SHA-256 of the bearer credential';
CREATE TABLE public.till_journal (
    till integer NOT NULL,
    incarnation integer NOT NULL,
    applied_hi integer DEFAULT 0 NOT NULL,
    durable_hi integer DEFAULT 0 NOT NULL,
    last_hash text NOT NULL
);
COMMENT ON TABLE public.till_journal IS 'How far central has a till''s chain. durable_hi is covered by a backup';
CREATE TABLE public.till_key (
    till integer NOT NULL,
    key_id smallint NOT NULL,
    public_key bytea NOT NULL,
    valid_from timestamp with time zone DEFAULT now() NOT NULL,
    revoked_from timestamp with time zone,
    CONSTRAINT till_key_key_id_check CHECK (((key_id >= 0) AND (key_id <= 255)))
);
ALTER TABLE public.till ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.till_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    MAXVALUE 65535
    CACHE 1
);
CREATE TABLE public.venue (
    id text NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    timezone text NOT NULL,
    currency character(3) NOT NULL,
    ordinal integer NOT NULL
);
ALTER TABLE public.venue ALTER COLUMN ordinal ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.venue_ordinal_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.area_count VALUES (1002, 0, 50, 50, 0);
INSERT INTO public.area_count VALUES (1001, 0, 50, 47, 2);
INSERT INTO public.area_lease VALUES (1, 1001, 0, 1);
INSERT INTO public.fact VALUES (1, 1, 1, '5a34e9fc-c94c-4d4e-be86-3933316c2981', 'SALE', 1, '{"currency":"EUR","customer":null,"fees":[],"ledger":[{"account":"cash:1","minor":25000},{"account":"revenue:tickets","minor":-25000}],"note":"","order_code":"UJKX-TN","reason":"","receipt":"T1-000001","sale":"5c9f5eff-a8b6-4abe-ad9f-68c4f508f734","shift":"00000000-0000-0000-0000-000000000008","sold_at":"2026-11-14T12:00:00Z","staff":"00000000-0000-0000-0000-000000000007","started_at":"2026-11-14T12:00:00Z","taxes":[],"tenders":[{"kind":"cash","minor":25000,"received_minor":25000,"reference":""}],"tickets":[{"area":null,"category":0,"charges":[{"gross_minor":5000,"is_fee":false,"rate_bp":0,"tax_minor":0}],"epoch":1,"generation":1,"performance":1001,"price_type":"A","price_type_name":"Adult","seat":0,"ticket":2931942301834207277},{"area":null,"category":0,"charges":[{"gross_minor":5000,"is_fee":false,"rate_bp":0,"tax_minor":0}],"epoch":1,"generation":1,"performance":1001,"price_type":"A","price_type_name":"Adult","seat":1,"ticket":387472962394821974},{"area":null,"category":0,"charges":[{"gross_minor":5000,"is_fee":false,"rate_bp":0,"tax_minor":0}],"epoch":1,"generation":1,"performance":1001,"price_type":"A","price_type_name":"Adult","seat":2,"ticket":8551201360824744365},{"area":0,"category":0,"charges":[{"gross_minor":5000,"is_fee":false,"rate_bp":0,"tax_minor":0}],"epoch":0,"generation":1,"performance":1001,"price_type":"A","price_type_name":"Adult","seat":null,"ticket":2131036307205465742},{"area":0,"category":0,"charges":[{"gross_minor":5000,"is_fee":false,"rate_bp":0,"tax_minor":0}],"epoch":0,"generation":1,"performance":1001,"price_type":"A","price_type_name":"Adult","seat":null,"ticket":1374962909994188838}],"total_minor":25000}', '0000000000000000000000000000000000000000000000000000000000000000', '739bc48896ab5d80dc34691910b869a8d567c793c8a634fb50adcc60e5d7729a', '1.0', '2026-11-14 12:00:00+00', 'applied', '', false, '2026-11-23 09:31:44.519666+00');
INSERT INTO public.fact VALUES (1, 1, 2, '5a44cd3e-41f1-4380-9b9c-6049703ed278', 'REFUND', 1, '{"currency":"EUR","ledger":[{"account":"cash:1","minor":-5000},{"account":"revenue:tickets","minor":5000}],"reason":"ill","receipt":"R","refund":"e4c6b1b2-2505-404e-b758-7e19441bc638","refunded_at":"2026-11-14T12:00:00Z","sale":"5c9f5eff-a8b6-4abe-ad9f-68c4f508f734","shift":"00000000-0000-0000-0000-000000000008","staff":"00000000-0000-0000-0000-000000000007","taxes":[],"tenders":[{"kind":"cash","minor":-5000,"received_minor":0,"reference":""}],"tickets":[{"area":null,"charges":[{"gross_minor":-5000,"is_fee":false,"rate_bp":0,"tax_minor":0}],"performance":1001,"seat":0,"ticket":2931942301834207277}],"total_minor":-5000}', '739bc48896ab5d80dc34691910b869a8d567c793c8a634fb50adcc60e5d7729a', '4c24e6e09260a77f8050d6ae8cbcabc841333f7720a816da2b97b34c337a68be', '1.0', '2026-11-14 12:00:00+00', 'applied', '', false, '2026-11-23 09:31:44.519666+00');
INSERT INTO public.fact VALUES (1, 1, 3, '4b394c32-a9b3-4fa2-8307-1a267a61439a', 'SCAN', 1, '{"admitted":true,"direction":"entry","gate":"Stalls","generation":1,"list_head":1,"online":true,"performance":1001,"scan":"01a1d9ed-c200-7226-b63c-5ab791b7584a","scanned_at":"2026-11-14T12:00:00Z","shown":"admit","staff":"00000000-0000-0000-0000-000000000007","ticket":387472962394821974}', '4c24e6e09260a77f8050d6ae8cbcabc841333f7720a816da2b97b34c337a68be', '74327a2c94b3efc6214143a8f8cdd51b8d206a842947692c78ec431028c76735', '1.0', '2026-11-14 12:00:00+00', 'applied', '', false, '2026-11-23 09:31:44.519666+00');
INSERT INTO public.feed VALUES (1001, 1, '{"areas": [{"area": 0, "free": 47, "sold": 0}], "seats": [{"seat": 0, "till": 1, "status": 2}, {"seat": 1, "till": 1, "status": 2}, {"seat": 2, "till": 1, "status": 2}, {"seat": 3, "till": 1, "status": 2}]}', '2026-11-23 09:31:44.4913+00');
INSERT INTO public.feed VALUES (1001, 2, '{"areas": [{"area": 0, "free": 47, "sold": 2}], "scans": [{"gate": "Stalls", "ticket": 387472962394821974, "admitted": true, "direction": "entry", "scanned_at": "2026-11-14T12:00:00Z", "staff_name": "Mara Lindt"}], "seats": [{"seat": 0, "status": 0}, {"seat": 1, "status": 3}, {"seat": 2, "status": 3}], "tickets": [{"sale": "5c9f5eff-a8b6-4abe-ad9f-68c4f508f734", "seat": 0, "valid": false, "ticket": 2931942301834207277, "category": 0, "generation": 1, "order_code": "UJKX-TN", "price_type": "A", "gross_minor": 5000, "price_type_name": "Adult"}, {"sale": "5c9f5eff-a8b6-4abe-ad9f-68c4f508f734", "seat": 1, "valid": true, "ticket": 387472962394821974, "category": 0, "generation": 1, "order_code": "UJKX-TN", "price_type": "A", "gross_minor": 5000, "price_type_name": "Adult"}, {"sale": "5c9f5eff-a8b6-4abe-ad9f-68c4f508f734", "seat": 2, "valid": true, "ticket": 8551201360824744365, "category": 0, "generation": 1, "order_code": "UJKX-TN", "price_type": "A", "gross_minor": 5000, "price_type_name": "Adult"}, {"area": 0, "sale": "5c9f5eff-a8b6-4abe-ad9f-68c4f508f734", "valid": true, "ticket": 2131036307205465742, "category": 0, "generation": 1, "order_code": "UJKX-TN", "price_type": "A", "gross_minor": 5000, "price_type_name": "Adult"}, {"area": 0, "sale": "5c9f5eff-a8b6-4abe-ad9f-68c4f508f734", "valid": true, "ticket": 1374962909994188838, "category": 0, "generation": 1, "order_code": "UJKX-TN", "price_type": "A", "gross_minor": 5000, "price_type_name": "Adult"}]}', '2026-11-23 09:31:44.519666+00');
INSERT INTO public.feed_head VALUES (1002, 0, 0, 100);
INSERT INTO public.feed_head VALUES (1001, 2, 0, 97);
INSERT INTO public.lease_request VALUES ('1cb61454-1efa-400d-8533-2d3639430a85', 1, 1001, 'basket', '{"areas": [{"area": 0, "units": 3}], "seats": [{"seat": 0, "epoch": 1}, {"seat": 1, "epoch": 1}, {"seat": 2, "epoch": 1}, {"seat": 3, "epoch": 1}], "taken": [], "request": "1cb61454-1efa-400d-8533-2d3639430a85", "performance": 1001}', '2026-11-23 09:31:44.4913+00');
INSERT INTO public.ledger_line VALUES (1, 1, 1, 0, 'cash:1', 25000);
INSERT INTO public.ledger_line VALUES (1, 1, 1, 1, 'revenue:tickets', -25000);
INSERT INTO public.ledger_line VALUES (1, 1, 2, 0, 'cash:1', -5000);
INSERT INTO public.ledger_line VALUES (1, 1, 2, 1, 'revenue:tickets', 5000);
INSERT INTO public.pairing_code VALUES ('\x5fdb7a0db73792eb8bcc3d6caf53078f141b6b03b05a9880b208487a709baa04', 'Foyer', '2026-11-14 12:30:00+00', '2026-11-14 12:00:00+00', 1);
INSERT INTO public.performance VALUES (1001, 'orchard', 'royal', 'Main Stage', 'house', 'standard', '2026-11-14 19:00:00+00', '2026-11-14 18:00:00+00', '2026-11-14 21:00:00+00', 'on_sale', 60);
INSERT INTO public.performance VALUES (1002, 'orchard', 'royal', 'Main Stage', 'house', 'standard', '2026-11-15 19:00:00+00', '2026-11-15 18:00:00+00', '2026-11-15 21:00:00+00', 'on_sale', 60);
INSERT INTO public.plan OVERRIDING SYSTEM VALUE VALUES ('house', 1, 'The House', 100, '{"id": "house", "name": "The House", "size": [1000, 2000], "areas": [{"gate": "Floor", "name": "Floor", "outline": [[0, 0], [100, 0], [100, 100]], "capacity": 50, "category": 0}], "version": 1, "sections": [{"gate": "Stalls", "name": "Stalls", "rows": [{"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [300.0, 300.0, 300.0, 300.0, 300.0, 300.0, 300.0, 300.0, 300.0, 300.0], "kind": {"0": 1, "1": 2}, "label": "A", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "aisle_after": []}, {"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [400.0, 400.0, 400.0, 400.0, 400.0, 400.0, 400.0, 400.0, 400.0, 400.0], "kind": {}, "label": "B", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "aisle_after": []}, {"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [500.0, 500.0, 500.0, 500.0, 500.0, 500.0, 500.0, 500.0, 500.0, 500.0], "kind": {}, "label": "C", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "aisle_after": []}, {"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [600.0, 600.0, 600.0, 600.0, 600.0, 600.0, 600.0, 600.0, 600.0, 600.0], "kind": {}, "label": "D", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "aisle_after": []}, {"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [700.0, 700.0, 700.0, 700.0, 700.0, 700.0, 700.0, 700.0, 700.0, 700.0], "kind": {}, "label": "E", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "aisle_after": []}], "outline": []}, {"gate": "Circle", "name": "Circle", "rows": [{"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [900.0, 900.0, 900.0, 900.0, 900.0, 900.0, 900.0, 900.0, 900.0, 900.0], "kind": {}, "label": "A", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "aisle_after": []}, {"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 1000.0], "kind": {}, "label": "B", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "aisle_after": []}, {"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [1100.0, 1100.0, 1100.0, 1100.0, 1100.0, 1100.0, 1100.0, 1100.0, 1100.0, 1100.0], "kind": {}, "label": "C", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "aisle_after": []}, {"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [1200.0, 1200.0, 1200.0, 1200.0, 1200.0, 1200.0, 1200.0, 1200.0, 1200.0, 1200.0], "kind": {}, "label": "D", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "aisle_after": []}, {"x": [100.0, 155.0, 210.0, 265.0, 320.0, 375.0, 430.0, 485.0, 540.0, 595.0], "y": [1300.0, 1300.0, 1300.0, 1300.0, 1300.0, 1300.0, 1300.0, 1300.0, 1300.0, 1300.0], "kind": {}, "label": "E", "seats": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"], "category": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "aisle_after": []}], "outline": []}], "categories": ["Stalls", "Circle"], "decorations": [], "focal_point": [350, 100]}', 1);
INSERT INTO public.price_list OVERRIDING SYSTEM VALUE VALUES ('standard', 'Standard', 'EUR', '{"id": "standard", "fees": [{"name": "Booking fee", "minor": 150, "tax_bp": 1900, "per_order": false}], "name": "Standard", "prices": [{"A": 5000}, {"A": 5000}], "tax_bp": 700, "currency": "EUR", "tax_mode": "inside", "price_types": [{"key": "A", "name": "Adult", "check": "", "is_comp": false}]}', 1);
INSERT INTO public.production OVERRIDING SYSTEM VALUE VALUES ('orchard', 'The Cherry Orchard', 'play', 120, 1);
INSERT INTO public.refund VALUES ('e4c6b1b2-2505-404e-b758-7e19441bc638', '5c9f5eff-a8b6-4abe-ad9f-68c4f508f734', 1, 'R', '00000000-0000-0000-0000-000000000007', '00000000-0000-0000-0000-000000000008', '2026-11-14 12:00:00+00', 'EUR', -5000, 'ill');
INSERT INTO public.sale VALUES ('5c9f5eff-a8b6-4abe-ad9f-68c4f508f734', 'counter', 1, 'UJKX-TN', 'T1-000001', '00000000-0000-0000-0000-000000000007', '00000000-0000-0000-0000-000000000008', '2026-11-14 12:00:00+00', 'EUR', 25000, '', '', '', '', '');
INSERT INTO public.scan VALUES ('01a1d9ed-c200-7226-b63c-5ab791b7584a', 387472962394821974, 1001, 1, 'Stalls', 'entry', 'admit', true, true, 1, '00000000-0000-0000-0000-000000000007', 'Mara Lindt', '2026-11-14 12:00:00+00', 1);
INSERT INTO public.seat VALUES (1001, 3, 2, 1, 1, NULL);
INSERT INTO public.seat VALUES (1001, 0, 0, 2, 0, NULL);
INSERT INTO public.seat VALUES (1001, 1, 3, 1, 0, 387472962394821974);
INSERT INTO public.seat VALUES (1001, 2, 3, 1, 0, 8551201360824744365);
INSERT INTO public.server VALUES (true, 1, 1, 1, NULL, '{"name": "Royal", "footer": "", "tax_id": "DE123", "address": "1 High Street"}');
INSERT INTO public.staff OVERRIDING SYSTEM VALUE VALUES ('00000000-0000-0000-0000-000000000007', 'Mara Lindt', 'cashier', 'none', '', 1);
INSERT INTO public.ticket VALUES (2931942301834207277, '5c9f5eff-a8b6-4abe-ad9f-68c4f508f734', 1001, 0, NULL, 1, false, false, 'A', 'Adult', 0, 5000, false);
INSERT INTO public.ticket VALUES (387472962394821974, '5c9f5eff-a8b6-4abe-ad9f-68c4f508f734', 1001, 1, NULL, 1, true, false, 'A', 'Adult', 0, 5000, false);
INSERT INTO public.ticket VALUES (8551201360824744365, '5c9f5eff-a8b6-4abe-ad9f-68c4f508f734', 1001, 2, NULL, 1, true, false, 'A', 'Adult', 0, 5000, false);
INSERT INTO public.ticket VALUES (2131036307205465742, '5c9f5eff-a8b6-4abe-ad9f-68c4f508f734', 1001, NULL, 0, 1, true, false, 'A', 'Adult', 0, 5000, false);
INSERT INTO public.ticket VALUES (1374962909994188838, '5c9f5eff-a8b6-4abe-ad9f-68c4f508f734', 1001, NULL, 0, 1, true, false, 'A', 'Adult', 0, 5000, false);
INSERT INTO public.till OVERRIDING SYSTEM VALUE VALUES (1, 'Foyer', '\xa2c82ebf8f84aa85b39c5c77cd4faa56f7efe7705339e827f6d7d24650b23c27', 'active', 1, '2026-11-23 09:31:44.46333+00');
INSERT INTO public.till_journal VALUES (1, 1, 3, 0, '74327a2c94b3efc6214143a8f8cdd51b8d206a842947692c78ec431028c76735');
INSERT INTO public.till_key VALUES (1, 1, '\x9e4ce63df9ae2792e63edb1deaac003a19d6594c0457ba1b1a5c8936f12a0f7a', '2026-11-14 12:00:00+00', NULL);
INSERT INTO public.venue OVERRIDING SYSTEM VALUE VALUES ('royal', 'Theatre Royal', '1 High Street, Bath', 'Europe/Berlin', 'EUR', 1);
SELECT pg_catalog.setval('public.performance_id_seq', 1002, true);
SELECT pg_catalog.setval('public.plan_ordinal_seq', 1, true);
SELECT pg_catalog.setval('public.price_list_ordinal_seq', 1, true);
SELECT pg_catalog.setval('public.production_ordinal_seq', 1, true);
SELECT pg_catalog.setval('public.staff_ordinal_seq', 1, true);
SELECT pg_catalog.setval('public.till_number_seq', 1, true);
SELECT pg_catalog.setval('public.venue_ordinal_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.area_count
    ADD CONSTRAINT area_count_pkey PRIMARY KEY (performance, area);
ALTER TABLE ONLY public.area_lease
    ADD CONSTRAINT area_lease_pkey PRIMARY KEY (till, performance, area);
ALTER TABLE ONLY public.fact
    ADD CONSTRAINT fact_pkey PRIMARY KEY (till, incarnation, seq);
ALTER TABLE ONLY public.feed_head
    ADD CONSTRAINT feed_head_pkey PRIMARY KEY (performance);
ALTER TABLE ONLY public.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY (performance, number);
ALTER TABLE ONLY public.lease_request
    ADD CONSTRAINT lease_request_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ledger_line
    ADD CONSTRAINT ledger_line_pkey PRIMARY KEY (till, incarnation, seq, "position");
ALTER TABLE ONLY public.pairing_code
    ADD CONSTRAINT pairing_code_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.performance
    ADD CONSTRAINT performance_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.plan
    ADD CONSTRAINT plan_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.price_list
    ADD CONSTRAINT price_list_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.production
    ADD CONSTRAINT production_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.refund
    ADD CONSTRAINT refund_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sale
    ADD CONSTRAINT sale_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.scan
    ADD CONSTRAINT scan_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.seat
    ADD CONSTRAINT seat_pkey PRIMARY KEY (performance, seat);
ALTER TABLE ONLY public.server
    ADD CONSTRAINT server_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY public.shift
    ADD CONSTRAINT shift_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.till_journal
    ADD CONSTRAINT till_journal_pkey PRIMARY KEY (till, incarnation);
ALTER TABLE ONLY public.till_key
    ADD CONSTRAINT till_key_pkey PRIMARY KEY (till, key_id);
ALTER TABLE ONLY public.till
    ADD CONSTRAINT till_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.venue
    ADD CONSTRAINT venue_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX fact_once ON public.fact USING btree (id) WHERE (NOT repeated);
CREATE INDEX fact_to_settle ON public.fact USING btree (received_at) WHERE (outcome <> 'applied'::text);
CREATE INDEX performance_by_start ON public.performance USING btree (starts_at);
CREATE INDEX sale_by_code ON public.sale USING btree (order_code);
CREATE INDEX sale_by_time ON public.sale USING btree (sold_at);
CREATE INDEX scan_by_ticket ON public.scan USING btree (performance, ticket, scanned_at);
CREATE INDEX seat_by_till ON public.seat USING btree (till, performance) WHERE (till <> 0);
CREATE INDEX ticket_by_performance ON public.ticket USING btree (performance);
CREATE INDEX ticket_by_sale ON public.ticket USING btree (sale);
ALTER TABLE ONLY public.area_count
    ADD CONSTRAINT area_count_performance_fkey FOREIGN KEY (performance) REFERENCES public.performance(id);
ALTER TABLE ONLY public.area_lease
    ADD CONSTRAINT area_lease_performance_area_fkey FOREIGN KEY (performance, area) REFERENCES public.area_count(performance, area);
ALTER TABLE ONLY public.fact
    ADD CONSTRAINT fact_till_fkey FOREIGN KEY (till) REFERENCES public.till(number);
ALTER TABLE ONLY public.feed_head
    ADD CONSTRAINT feed_head_performance_fkey FOREIGN KEY (performance) REFERENCES public.performance(id);
ALTER TABLE ONLY public.lease_request
    ADD CONSTRAINT lease_request_till_fkey FOREIGN KEY (till) REFERENCES public.till(number);
ALTER TABLE ONLY public.ledger_line
    ADD CONSTRAINT ledger_line_till_incarnation_seq_fkey FOREIGN KEY (till, incarnation, seq) REFERENCES public.fact(till, incarnation, seq);
ALTER TABLE ONLY public.pairing_code
    ADD CONSTRAINT pairing_code_used_by_fkey FOREIGN KEY (used_by) REFERENCES public.till(number);
ALTER TABLE ONLY public.performance
    ADD CONSTRAINT performance_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.plan(id);
ALTER TABLE ONLY public.performance
    ADD CONSTRAINT performance_price_list_id_fkey FOREIGN KEY (price_list_id) REFERENCES public.price_list(id);
ALTER TABLE ONLY public.performance
    ADD CONSTRAINT performance_production_id_fkey FOREIGN KEY (production_id) REFERENCES public.production(id);
ALTER TABLE ONLY public.performance
    ADD CONSTRAINT performance_venue_id_fkey FOREIGN KEY (venue_id) REFERENCES public.venue(id);
ALTER TABLE ONLY public.seat
    ADD CONSTRAINT seat_performance_fkey FOREIGN KEY (performance) REFERENCES public.performance(id);
ALTER TABLE ONLY public.shift
    ADD CONSTRAINT shift_till_fkey FOREIGN KEY (till) REFERENCES public.till(number);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_performance_fkey FOREIGN KEY (performance) REFERENCES public.performance(id);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_sale_fkey FOREIGN KEY (sale) REFERENCES public.sale(id);
ALTER TABLE ONLY public.till_journal
    ADD CONSTRAINT till_journal_till_fkey FOREIGN KEY (till) REFERENCES public.till(number);
ALTER TABLE ONLY public.till_key
    ADD CONSTRAINT till_key_till_fkey FOREIGN KEY (till) REFERENCES public.till(number);
