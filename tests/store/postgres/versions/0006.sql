-- The store in PostgreSQL, version 6. Every later version is a numbered step in steps/ (see schema.py).
-- Tables and columns are those of SQLite's schema, which says what they mean; what is said here is what differs.
-- Times are microseconds since 1970-01-01 UTC; everything structured is JSON text. Texts that are sorted, or looked up
-- by how they begin, are in the order of their code points whatever the database's own order is.

CREATE TABLE programs (
    digest TEXT PRIMARY KEY,
    format TEXT NOT NULL,
    data BYTEA NOT NULL -- nothing where it was erased with the last job that ran it
);

CREATE TABLE batches (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- may have gaps
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    username TEXT NOT NULL,
    name TEXT COLLATE "C",
    size INTEGER NOT NULL CHECK (size > 0),
    created_at BIGINT NOT NULL
);
CREATE INDEX batches_name ON batches (name) WHERE name IS NOT NULL;

CREATE TABLE teams (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    per_job BIGINT NOT NULL CHECK (per_job >= 0),
    per_day BIGINT NOT NULL CHECK (per_day >= 0),
    per_month BIGINT NOT NULL CHECK (per_month >= 0),
    user_per_minute BIGINT NOT NULL CHECK (user_per_minute > 0),
    team_per_day BIGINT NOT NULL CHECK (team_per_day > 0),
    count_local INTEGER NOT NULL CHECK (count_local IN (0, 1)),
    limits_number INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE limit_changes (
    team TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    number INTEGER NOT NULL CHECK (number > 0),
    username TEXT,
    at BIGINT NOT NULL,
    movement BIGINT NOT NULL CHECK (movement >= 0),
    slots BIGINT NOT NULL CHECK (slots >= 0),
    last_slot BIGINT NOT NULL,
    per_job BIGINT NOT NULL,
    per_day BIGINT NOT NULL,
    per_month BIGINT NOT NULL,
    user_per_minute BIGINT NOT NULL,
    team_per_day BIGINT NOT NULL,
    count_local INTEGER NOT NULL,
    seal TEXT NOT NULL,
    PRIMARY KEY (team, number)
);

CREATE TABLE members (
    team TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    username TEXT COLLATE "C" NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    since BIGINT NOT NULL,
    PRIMARY KEY (team, username)
);
CREATE INDEX members_username ON members (username);

CREATE TABLE users (
    username TEXT COLLATE "C" PRIMARY KEY,
    team TEXT COLLATE "C" NOT NULL,
    FOREIGN KEY (team, username) REFERENCES members (team, username)
);

CREATE TABLE jobs (
    number BIGINT PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    username TEXT NOT NULL,
    name TEXT COLLATE "C",
    backend TEXT NOT NULL,
    program TEXT NOT NULL REFERENCES programs (digest),
    num_qubits INTEGER NOT NULL,
    shots BIGINT NOT NULL,
    seed BIGINT NOT NULL,
    options TEXT NOT NULL,
    mode TEXT NOT NULL,
    tags TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('INITIALIZING', 'QUEUED', 'RUNNING', 'CANCELLING', 'COMPLETED', 'FAILED', 'CANCELLED')
    ),
    failure TEXT,
    owner TEXT,
    retry_of TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    search TEXT COLLATE "C" NOT NULL,
    batch TEXT COLLATE "C" REFERENCES batches (id),
    place INTEGER,
    team TEXT COLLATE "C" REFERENCES teams (id),
    cap BIGINT NOT NULL DEFAULT 0 CHECK (cap >= 0),
    cost BIGINT CHECK (cost >= 0),
    fingerprint TEXT,
    slot INTEGER NOT NULL DEFAULT 0,
    admitted_at BIGINT,
    pending TEXT,
    source TEXT,
    likeness TEXT,
    billed BIGINT,
    site TEXT,
    remote_id TEXT,
    work TEXT, -- what a worker has to know of a durable job to run it
    fence BIGINT NOT NULL DEFAULT 0, -- how often it was taken over: who writes has to know
    attempt INTEGER NOT NULL DEFAULT 0, -- the number of the last attempt; 0: none was kept
    tries INTEGER NOT NULL DEFAULT 0, -- attempts that came to nothing since it last got on
    submission INTEGER NOT NULL DEFAULT 1, -- which task at a service it is about, from 1
    lease_until BIGINT, -- of a durable job with an owner, by the clock of leases
    due_at BIGINT, -- not to be tried before, by the same clock
    erased_at BIGINT, -- since when its program and its result are gone
    erased_by TEXT, -- who erased them
    CHECK ((ended_at IS NOT NULL) = (status IN ('COMPLETED', 'FAILED', 'CANCELLED')))
);
-- each ends with the number, so that it returns its jobs in their order
-- Of the jobs that are not erased, which are the ones that lists show; each ends with the number, so that it returns its jobs in their order.
CREATE INDEX jobs_living ON jobs (number) WHERE erased_at IS NULL;
CREATE INDEX jobs_status ON jobs (status, number) WHERE erased_at IS NULL;
CREATE INDEX jobs_backend ON jobs (backend, number) WHERE erased_at IS NULL;
CREATE INDEX jobs_backend_status ON jobs (backend, status, number) WHERE erased_at IS NULL;
CREATE INDEX jobs_shots ON jobs (shots, number) WHERE erased_at IS NULL;
CREATE INDEX jobs_cost ON jobs (coalesce(cost, cap), number) WHERE erased_at IS NULL;
CREATE INDEX jobs_run_time ON jobs (coalesce(ended_at - started_at, -1), number) WHERE erased_at IS NULL;
CREATE INDEX jobs_program ON jobs (program) WHERE erased_at IS NULL;
-- All that filters, orders and totals look at, so that what no other index leads to is found without reading rows.
CREATE INDEX jobs_lines ON jobs (
    status, backend, team, erased_at, number, shots, cap, cost, started_at, ended_at
);
CREATE INDEX jobs_name ON jobs (name, number) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX jobs_batch ON jobs (batch, place) WHERE batch IS NOT NULL;
CREATE INDEX jobs_fingerprint ON jobs (fingerprint, number) WHERE fingerprint IS NOT NULL;
CREATE INDEX jobs_slot_user ON jobs (username, admitted_at) WHERE slot = 1;
CREATE INDEX jobs_slot_team ON jobs (team, admitted_at) WHERE slot = 1;
CREATE INDEX jobs_source ON jobs (source, number) WHERE source IS NOT NULL;
CREATE INDEX jobs_likeness ON jobs (likeness, number) WHERE likeness IS NOT NULL;
CREATE INDEX jobs_unfinished ON jobs (owner, status, number) WHERE ended_at IS NULL;
-- Durable jobs that wait for a worker.
CREATE INDEX jobs_claimable ON jobs (username, number) WHERE mode = 'durable' AND owner IS NULL AND ended_at IS NULL;
-- Those of them that run at a service, to be found behind any number of others.
CREATE INDEX jobs_claimable_elsewhere ON jobs (username)
WHERE mode = 'durable' AND owner IS NULL AND ended_at IS NULL AND site IS NOT NULL;
-- Those that have one.
CREATE INDEX jobs_leased ON jobs (owner) WHERE mode = 'durable' AND owner IS NOT NULL AND ended_at IS NULL;

CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint,
    admitted_at, pending, source, likeness, site, remote_id, work, fence, attempt, erased_at, erased_by, number
FROM jobs;

-- Numbered from 1 without gaps within each team, under the lock of that team: a sequence leaves gaps where a
-- transaction is undone, and a gap is what tells an audit of a movement that was removed.
CREATE TABLE ledger (
    number BIGINT NOT NULL CHECK (number > 0),
    team TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    job BIGINT NOT NULL REFERENCES jobs (number),
    day TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('hold', 'charge', 'release', 'overrun', 'refund')),
    debit TEXT NOT NULL CHECK (debit IN ('budget', 'held', 'charged')),
    credit TEXT NOT NULL CHECK (credit IN ('budget', 'held', 'charged') AND credit <> debit),
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    PRIMARY KEY (team, number)
);
CREATE INDEX ledger_job ON ledger (job);

CREATE TABLE spending (
    team TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    day TEXT COLLATE "C" NOT NULL,
    held BIGINT NOT NULL DEFAULT 0,
    charged BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (team, day)
);

CREATE TABLE log (
    job BIGINT NOT NULL REFERENCES jobs (number),
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (job, seq)
);

CREATE TABLE progress (
    job BIGINT PRIMARY KEY REFERENCES jobs (number),
    data TEXT NOT NULL
);

CREATE TABLE results (
    job BIGINT PRIMARY KEY REFERENCES jobs (number),
    layout TEXT NOT NULL,
    data BYTEA NOT NULL
);
ALTER TABLE results ALTER COLUMN data SET STORAGE EXTERNAL; -- packed already

-- Texts that belong to a job: what a service was sent, what it made of that. Packed.
CREATE TABLE attachments (
    job BIGINT NOT NULL REFERENCES jobs (number),
    kind TEXT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (job, kind)
);
ALTER TABLE attachments ALTER COLUMN data SET STORAGE EXTERNAL;

-- Each time that a worker took up a durable job.
CREATE TABLE attempts (
    job BIGINT NOT NULL REFERENCES jobs (number),
    number INTEGER NOT NULL CHECK (number > 0),
    worker TEXT NOT NULL, -- which: "host:pid"
    shots INTEGER NOT NULL, -- that were counted before it began
    handed INTEGER NOT NULL DEFAULT 1, -- 0: it ended before anybody else heard of the job
    leased_at BIGINT NOT NULL, -- by the clock of leases: the one below may be wrong, and another one's right
    began_at BIGINT NOT NULL,
    ended_at BIGINT,
    failure TEXT,
    cost BIGINT CHECK (cost >= 0),
    PRIMARY KEY (job, number)
);

-- What a job that has not ended has counted so far: the next attempt goes on from there. Packed.
CREATE TABLE checkpoints (
    job BIGINT PRIMARY KEY REFERENCES jobs (number),
    shots INTEGER NOT NULL,
    data BYTEA NOT NULL
);
ALTER TABLE checkpoints ALTER COLUMN data SET STORAGE EXTERNAL;

-- The tags of the jobs, to find these by them.
CREATE TABLE tags (
    key TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    job BIGINT NOT NULL REFERENCES jobs (number),
    PRIMARY KEY (key, value, job)
);
CREATE INDEX tags_job ON tags (job);

-- The processes that run durable jobs, and some that have ended.
CREATE TABLE workers (
    id TEXT COLLATE "C" PRIMARY KEY, -- as an owner of jobs
    username TEXT COLLATE "C" NOT NULL, -- whose jobs it runs
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    version TEXT NOT NULL, -- of the package
    began_at BIGINT NOT NULL,
    beat_at BIGINT NOT NULL, -- when it was last heard of, by the clock of leases
    asked TEXT CHECK (asked IN ('stop', 'drain')), -- to end
    ended_at BIGINT
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;

CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE OR DELETE ON ledger
FOR EACH ROW EXECUTE FUNCTION refuse_change('the ledger is append-only');
CREATE TRIGGER ledger_is_never_emptied BEFORE TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the ledger is append-only');

CREATE TRIGGER log_is_never_changed BEFORE UPDATE OR DELETE ON log
FOR EACH ROW EXECUTE FUNCTION refuse_change('the log is append-only');
CREATE TRIGGER log_is_never_emptied BEFORE TRUNCATE ON log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the log is append-only');

CREATE TRIGGER limit_changes_are_never_changed BEFORE UPDATE OR DELETE ON limit_changes
FOR EACH ROW EXECUTE FUNCTION refuse_change('the history of limits is append-only');
CREATE TRIGGER limit_changes_are_never_emptied BEFORE TRUNCATE ON limit_changes
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('the history of limits is append-only');

CREATE TRIGGER jobs_end_once BEFORE UPDATE OF status ON jobs
FOR EACH ROW WHEN (OLD.status IN ('COMPLETED', 'FAILED', 'CANCELLED'))
EXECUTE FUNCTION refuse_change('an ended job keeps its status');

-- By triggers, since a process that still runs an older version adds jobs too, and knows nothing of either.

CREATE FUNCTION keep_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tags WHERE job = NEW.number;
    INSERT INTO tags (key, value, job)
    SELECT found.key, found.value, NEW.number FROM jsonb_each_text(NEW.tags::jsonb) AS found;
    RETURN NULL;
END $$;

CREATE TRIGGER tags_of_a_new_job AFTER INSERT ON jobs
FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION keep_tags();
CREATE TRIGGER tags_that_change AFTER UPDATE OF tags ON jobs FOR EACH ROW EXECUTE FUNCTION keep_tags();

-- A program that was erased comes back with the next job that runs it. One that is there is locked, as who erases it
-- locks it, until that job is there too: whoever is second waits, and sees what the first one did.
CREATE FUNCTION keep_program() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO programs (digest, format, data) VALUES (NEW.digest, NEW.format, NEW.data)
    ON CONFLICT (digest) DO UPDATE SET data = excluded.data WHERE length(programs.data) = 0;
    RETURN NULL; -- in place of what was asked for
END $$;

CREATE TRIGGER programs_come_back BEFORE INSERT ON programs
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION keep_program();
