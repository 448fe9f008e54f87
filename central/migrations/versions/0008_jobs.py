"""Jobs: what people ask for, when it is due, how each run went; schedulers, workers, and the queue between them.

procrastinate hands tasks to workers; its tables are those of the release that requirements.lock names.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JOBS = """
create table job (
    id uuid primary key,
    owner uuid references account,
    type text not null,
    name text not null,
    payload jsonb not null,
    schedule jsonb not null,
    priority smallint not null default 0,
    max_retries smallint not null,
    retry_after_s integer[] not null,
    time_limit_s integer not null,
    notify text not null default 'failure' check (notify in ('never', 'failure', 'always')),
    state text not null default 'active' check (state in ('active', 'paused', 'cancelled', 'completed', 'failed')),
    retry_count integer not null default 0,
    made_at timestamptz not null,
    version integer not null default 1
);
create index job_by_owner on job (owner, id desc);
create index job_by_type on job (type, id desc);
comment on column job.owner is 'null: the house';
comment on column job.schedule is 'once, interval or cron; see central/jobs/schedules.py';
comment on column job.notify is 'whether its owner gets a message at the end of a run';
comment on column job.state is 'completed and failed: it was to run once';

create table job_schedule (
    job uuid primary key references job on delete cascade,
    segment smallint not null,
    next_run_at timestamptz,
    last_run_at timestamptz
);
create index job_schedule_due on job_schedule (segment, next_run_at) where next_run_at is not null;
comment on table job_schedule is 'When each job is due next. One scheduler at a time promotes the jobs of a segment';

create table job_execution (
    id bigint generated always as identity primary key,
    job uuid not null references job on delete cascade,
    segment smallint not null,
    priority smallint not null,
    due_at timestamptz not null,
    attempt smallint not null default 1,
    failures smallint not null default 0,
    losses smallint not null default 0,
    state text not null check (state in ('queued', 'running', 'waiting', 'completed', 'failed', 'lost', 'cancelled')),
    batch uuid,
    queued_at timestamptz,
    retry_at timestamptz,
    worker uuid,
    started_at timestamptz,
    ended_at timestamptz,
    error text not null default '',
    checkpoint jsonb not null default '{}',
    is_to_stop boolean not null default false
);
create index job_execution_by_job on job_execution (job, id desc);
create unique index job_execution_open on job_execution (job) where state in ('queued', 'running', 'waiting');
create index job_execution_batch on job_execution (batch) where state = 'queued';
create index job_execution_waiting on job_execution (segment, retry_at) where state = 'waiting';
create index job_execution_running on job_execution (worker) where state = 'running';
create index job_execution_by_end on job_execution (ended_at) where ended_at is not null;
comment on table job_execution is
    'One row an attempt. Attempts of one run share job and due_at, and hand on the checkpoint';
comment on index job_execution_open is 'A job runs once at a time';
comment on column job_execution.batch is 'the task of the queue that brings it to a worker';

create table job_log (
    id bigint generated always as identity primary key,
    job uuid not null references job on delete cascade,
    execution bigint references job_execution on delete cascade,
    at timestamptz not null default now(),
    level text not null check (level in ('info', 'warning', 'error')),
    message text not null
);
create index job_log_by_job on job_log (job, id);
create index job_log_by_execution on job_log (execution, id);
"""

NODES = """
create table worker (
    id uuid primary key,
    address text not null,
    state text not null default 'healthy' check (state in ('healthy', 'draining', 'unhealthy', 'gone')),
    started_at timestamptz not null default now(),
    last_heartbeat timestamptz not null default now(),
    capacity integer not null,
    load integer not null default 0
);
comment on column worker.load is 'how many executions it has in hand';
create table scheduler (
    id uuid primary key,
    address text not null,
    started_at timestamptz not null default now(),
    last_heartbeat timestamptz not null default now(),
    lag_s real not null default 0
);
comment on column scheduler.lag_s is 'how late its segments'' oldest due job is';
create table segment (
    number smallint primary key,
    scheduler uuid
);
comment on table segment is 'Who promotes these jobs. A promotion holds the row, so it cannot change hands meanwhile';
insert into segment (number) select generate_series(0, 63);
create table leader (
    only_row boolean primary key default true check (only_row),
    scheduler uuid not null,
    term bigint not null,
    last_heartbeat timestamptz not null
);
comment on table leader is
    'Whoever holds the advisory lock on a session of its own; this row says who, and that it lives';
"""

TELL = """
create function tell_of_jobs(p_ended bigint[]) returns void language plpgsql as $$
begin
    insert into message (id, kind, account, address, language, detail, written_at)
        select uuid7_at(clock_timestamp()), case e.state when 'completed' then 'job_completed' else 'job_failed' end,
            a.id, a.email, a.language,
            jsonb_build_object('jobId', j.id, 'job', j.name) || case e.state when 'completed' then '{}'
                else jsonb_build_object('reason', left(e.error, 300)) end,
            clock_timestamp()
        from job_execution e join job j on j.id = e.job join account a on a.id = j.owner and a.deleted_at is null
        where e.id = any(p_ended) and e.state in ('completed', 'failed', 'lost')
            and not exists (select from job_execution n where n.job = e.job and n.id > e.id)
            and (j.notify = 'always' or j.notify = 'failure' and e.state <> 'completed' and coalesce((
                select p.state from job_execution p where p.job = e.job and p.id < e.id and p.due_at <> e.due_at
                    order by p.id desc limit 1), 'completed') not in ('failed', 'lost'));
end;
$$;
comment on function tell_of_jobs is
    'Messages to the owners of runs whose last attempt has ended. Of failures in a row, the first is told'
"""

SETTLE = """
create function settle_executions(p_worker uuid, p_ids bigint[], p_states text[], p_errors text[])
returns setof bigint
language plpgsql as $$
declare
    v_settled bigint[];
begin
    with said as (select * from unnest(p_ids, p_states, p_errors) as t (id, state, error)),
    done as (
        update job_execution e set state = said.state, ended_at = clock_timestamp(), error = said.error,
                failures = e.failures + (said.state = 'failed')::integer
            from said where e.id = said.id and e.worker = p_worker and e.state = 'running' returning e.id
    )
    select coalesce(array_agg(done.id), '{}') into v_settled from done;
    insert into job_execution (job, segment, priority, due_at, attempt, failures, losses, state, retry_at, checkpoint)
        select e.job, e.segment, e.priority, e.due_at, e.attempt + 1, e.failures, e.losses, 'waiting',
            e.ended_at + make_interval(secs => j.retry_after_s[least(e.failures, cardinality(j.retry_after_s))]),
            e.checkpoint
        from job_execution e join job j on j.id = e.job
        where e.id = any(v_settled) and e.state = 'failed' and e.failures <= j.max_retries
            and j.state in ('active', 'paused');
    update job j set retry_count = j.retry_count + 1
        from job_execution e where e.id = any(v_settled) and e.state = 'failed' and e.job = j.id
            and e.failures <= j.max_retries and j.state in ('active', 'paused');
    update job j set state = case e.state when 'completed' then 'completed' else 'failed' end
        from job_execution e
        where e.id = any(v_settled) and e.job = j.id and j.schedule ->> 'kind' = 'once'
            and j.state in ('active', 'paused')
            and (e.state = 'completed' or (e.state = 'failed' and e.failures > j.max_retries));
    perform tell_of_jobs(v_settled);
    return query select unnest(v_settled);
end;
$$;
comment on function settle_executions is
    'Ends attempts that this worker still has, plans the next of those that failed, ends jobs that were to run once';
"""

LOSE = """
create function lose_executions(
    p_worker uuid, p_most_losses integer, p_why text, p_only bigint[] default null
) returns integer
language plpgsql as $$
declare
    v_lost bigint[];
begin
    with lost as (
        update job_execution e set state = 'lost', ended_at = clock_timestamp(), losses = e.losses + 1,
                error = p_why
            where e.worker = p_worker and e.state = 'running' and (p_only is null or e.id = any(p_only))
            returning e.id
    )
    select coalesce(array_agg(lost.id), '{}') into v_lost from lost;
    insert into job_execution (job, segment, priority, due_at, attempt, failures, losses, state, retry_at, checkpoint)
        select e.job, e.segment, e.priority, e.due_at, e.attempt + 1, e.failures, e.losses, 'waiting', now(),
            e.checkpoint
        from job_execution e join job j on j.id = e.job
        where e.id = any(v_lost) and e.losses <= p_most_losses and j.state in ('active', 'paused');
    update job j set state = 'failed' from job_execution e
        where e.id = any(v_lost) and e.job = j.id and e.losses > p_most_losses
            and j.schedule ->> 'kind' = 'once' and j.state in ('active', 'paused');
    perform tell_of_jobs(v_lost);
    return cardinality(v_lost);
end;
$$;
comment on function lose_executions is
    'What a dead worker had in hand, or only these of it, goes on elsewhere, from its checkpoint. A job that ends'
    ' worker after worker, ends';
"""


def upgrade() -> None:
    op.execute(SchemaManager.get_schema())
    for part in (JOBS, NODES, TELL, SETTLE, LOSE):
        op.execute(part)
