-- The store in SQLite, version 7. Every later version is a numbered step in steps/ (see schema.py).
-- Times are microseconds since 1970-01-01 UTC; everything structured is JSON text.

-- Programs as they were submitted, each once.
CREATE TABLE programs (
    digest TEXT PRIMARY KEY,
    format TEXT NOT NULL,
    data BLOB NOT NULL -- nothing where it was erased with the last job that ran it
) WITHOUT ROWID;

-- Jobs that were submitted together.
CREATE TABLE batches (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    name TEXT,
    size INTEGER NOT NULL CHECK (size > 0),
    created_at INTEGER NOT NULL
);
CREATE INDEX batches_name ON batches (name) WHERE name IS NOT NULL;

-- Who pays, what may be spent (in nano-dollars) and how fast may be submitted.
CREATE TABLE teams (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    per_job INTEGER NOT NULL CHECK (per_job >= 0),
    per_day INTEGER NOT NULL CHECK (per_day >= 0),
    per_month INTEGER NOT NULL CHECK (per_month >= 0),
    user_per_minute INTEGER NOT NULL CHECK (user_per_minute > 0),
    team_per_day INTEGER NOT NULL CHECK (team_per_day > 0),
    count_local INTEGER NOT NULL CHECK (count_local IN (0, 1))
) WITHOUT ROWID;

CREATE TABLE members (
    team TEXT NOT NULL REFERENCES teams (id),
    username TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    since INTEGER NOT NULL,
    PRIMARY KEY (team, username)
) WITHOUT ROWID;

-- The team that a user's jobs belong to now.
CREATE TABLE users (
    username TEXT PRIMARY KEY,
    team TEXT NOT NULL,
    FOREIGN KEY (team, username) REFERENCES members (team, username)
) WITHOUT ROWID;

-- Every movement of money, from one of a team's accounts to another: budget, held, charged. "day" is the UTC day of
-- the job's admission, to which hold and charge belong whenever they happen.
CREATE TABLE ledger (
    number INTEGER PRIMARY KEY,
    team TEXT NOT NULL REFERENCES teams (id),
    job INTEGER NOT NULL REFERENCES jobs (number),
    day TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('hold', 'charge', 'release', 'overrun', 'refund')),
    debit TEXT NOT NULL CHECK (debit IN ('budget', 'held', 'charged')),
    credit TEXT NOT NULL CHECK (credit IN ('budget', 'held', 'charged') AND credit <> debit),
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL
);
CREATE INDEX ledger_job ON ledger (job);

CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

CREATE TRIGGER ledger_is_never_deleted BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

-- The sums of the ledger by team and day, kept with every entry.
CREATE TABLE spending (
    team TEXT NOT NULL REFERENCES teams (id),
    day TEXT NOT NULL,
    held INTEGER NOT NULL DEFAULT 0,
    charged INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (team, day)
) WITHOUT ROWID;

-- -- the history of limits ---------------------------------------------------------------------------------------

-- What each team was allowed, since when and by whom: a row when it is made, and one with every change. "movement" is
-- the number of the team's last movement before it, "slots" how many submissions of the team had taken a rate slot,
-- and "last_slot" when the newest of them was admitted (0: none). The seal is over the row and the seal before it.
CREATE TABLE limit_changes (
    team TEXT NOT NULL REFERENCES teams (id),
    number INTEGER NOT NULL CHECK (number > 0), -- of the team's, from 1, without gaps
    username TEXT, -- none: the limits that a store had when its history began
    at INTEGER NOT NULL,
    movement INTEGER NOT NULL CHECK (movement >= 0),
    slots INTEGER NOT NULL CHECK (slots >= 0),
    last_slot INTEGER NOT NULL,
    per_job INTEGER NOT NULL,
    per_day INTEGER NOT NULL,
    per_month INTEGER NOT NULL,
    user_per_minute INTEGER NOT NULL,
    team_per_day INTEGER NOT NULL,
    count_local INTEGER NOT NULL,
    seal TEXT NOT NULL,
    PRIMARY KEY (team, number)
) WITHOUT ROWID;

-- The number of the row that is in force.
ALTER TABLE teams ADD COLUMN limits_number INTEGER NOT NULL DEFAULT 1;

CREATE TRIGGER limit_changes_are_never_changed BEFORE UPDATE ON limit_changes
BEGIN
    SELECT RAISE(ABORT, 'the history of limits is append-only');
END;

CREATE TRIGGER limit_changes_are_never_deleted BEFORE DELETE ON limit_changes
BEGIN
    SELECT RAISE(ABORT, 'the history of limits is append-only');
END;

-- -- end of the history of limits --------------------------------------------------------------------------------

-- One row a job. "number" orders the jobs by their time of creation: microseconds * 1000 plus a counter for
-- those of the same microsecond. So paging, "since" and "until" are ranges of one integer, and every index
-- below, which SQLite ends with the row's number, returns its jobs in that order without sorting.
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    name TEXT,
    backend TEXT NOT NULL,
    program TEXT NOT NULL REFERENCES programs (digest),
    num_qubits INTEGER NOT NULL,
    shots INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    options TEXT NOT NULL,
    mode TEXT NOT NULL,
    tags TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('INITIALIZING', 'QUEUED', 'RUNNING', 'CANCELLING', 'COMPLETED', 'FAILED', 'CANCELLED')
    ),
    failure TEXT,
    owner TEXT,
    retry_of TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    search TEXT NOT NULL, -- name and tags, case folded, a line each
    batch TEXT REFERENCES batches (id),
    place INTEGER, -- in the batch, from 0
    team TEXT REFERENCES teams (id),
    cap INTEGER NOT NULL DEFAULT 0 CHECK (cap >= 0), -- what is held for it at the most, in nano-dollars
    cost INTEGER CHECK (cost >= 0), -- what it cost; of a job that may cost something, set when it ends
    fingerprint TEXT, -- what was asked for; the same of two jobs that are one and the same
    slot INTEGER NOT NULL DEFAULT 0, -- 1: counts as a submission for the rate limits
    admitted_at INTEGER, -- none as long as it is INITIALIZING, and where it ended so
    pending TEXT, -- what an INITIALIZING job waits for
    source TEXT, -- digest of the cell that it came from, where it can cost something
    likeness TEXT, -- the same of runs that take about as long, where time is billed
    billed INTEGER, -- microseconds that it ran by the vendor's clock, where that told
    site TEXT, -- where and for whom it runs elsewhere: region, account, profile
    remote_id TEXT, -- what the service there calls it, once it has answered
    work TEXT, -- what a worker has to know of a durable job to run it
    fence INTEGER NOT NULL DEFAULT 0, -- how often it was taken over: who writes has to know
    attempt INTEGER NOT NULL DEFAULT 0, -- the number of the last attempt; 0: none was kept
    tries INTEGER NOT NULL DEFAULT 0, -- attempts that came to nothing since it last got on
    submission INTEGER NOT NULL DEFAULT 1, -- which task at a service it is about, from 1
    lease_until INTEGER, -- of a durable job with an owner, by the clock of leases
    due_at INTEGER, -- not to be tried before, by the same clock
    erased_at INTEGER, -- since when its program and its result are gone
    erased_by TEXT, -- who erased them
    CHECK ((ended_at IS NOT NULL) = (status IN ('COMPLETED', 'FAILED', 'CANCELLED')))
);
-- Of the jobs that are not erased, which are the ones that lists show.
CREATE INDEX jobs_living ON jobs (number) WHERE erased_at IS NULL;
CREATE INDEX jobs_status ON jobs (status) WHERE erased_at IS NULL;
CREATE INDEX jobs_backend ON jobs (backend) WHERE erased_at IS NULL;
CREATE INDEX jobs_backend_status ON jobs (backend, status) WHERE erased_at IS NULL;
CREATE INDEX jobs_shots ON jobs (shots) WHERE erased_at IS NULL;
CREATE INDEX jobs_cost ON jobs (coalesce(cost, cap)) WHERE erased_at IS NULL;
CREATE INDEX jobs_run_time ON jobs (coalesce(ended_at - started_at, -1)) WHERE erased_at IS NULL;
CREATE INDEX jobs_program ON jobs (program) WHERE erased_at IS NULL;
-- Of the jobs that are not erased, those of a team, newest first.
CREATE INDEX jobs_team ON jobs (team) WHERE erased_at IS NULL;
-- All that filters, orders and totals look at, so that what no other index leads to is found without reading rows.
CREATE INDEX jobs_lines ON jobs (
    status, backend, team, erased_at, number, shots, cap, cost, started_at, ended_at
);
CREATE INDEX jobs_name ON jobs (name) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX jobs_batch ON jobs (batch, place) WHERE batch IS NOT NULL;
CREATE INDEX jobs_fingerprint ON jobs (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX jobs_slot_user ON jobs (username, admitted_at) WHERE slot = 1;
CREATE INDEX jobs_slot_team ON jobs (team, admitted_at) WHERE slot = 1;
CREATE INDEX jobs_source ON jobs (source) WHERE source IS NOT NULL;
CREATE INDEX jobs_likeness ON jobs (likeness) WHERE likeness IS NOT NULL;
CREATE INDEX jobs_unfinished ON jobs (owner, status) WHERE ended_at IS NULL;
-- Durable jobs that wait for a worker.
CREATE INDEX jobs_claimable ON jobs (username) WHERE mode = 'durable' AND owner IS NULL AND ended_at IS NULL;
-- Those of them that run at a service, to be found behind any number of others.
CREATE INDEX jobs_claimable_elsewhere ON jobs (username)
WHERE mode = 'durable' AND owner IS NULL AND ended_at IS NULL AND site IS NOT NULL;
-- Those that have one.
CREATE INDEX jobs_leased ON jobs (owner) WHERE mode = 'durable' AND owner IS NOT NULL AND ended_at IS NULL;

CREATE TRIGGER jobs_end_once BEFORE UPDATE OF status ON jobs
WHEN OLD.status IN ('COMPLETED', 'FAILED', 'CANCELLED')
BEGIN
    SELECT RAISE(ABORT, 'an ended job keeps its status');
END;

-- The jobs as rows.py reads them: the fields of JobRecord in its order, then the number.
CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint,
    admitted_at, pending, source, likeness, site, remote_id, work, fence, attempt, erased_at, erased_by, number
FROM jobs;

-- What happened to each job, in order and for good.
CREATE TABLE log (
    job INTEGER NOT NULL REFERENCES jobs (number),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (job, seq)
) WITHOUT ROWID;

CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END;

CREATE TRIGGER log_is_never_deleted BEFORE DELETE ON log
BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END;

-- The last progress of each job.
CREATE TABLE progress (
    job INTEGER PRIMARY KEY REFERENCES jobs (number),
    data TEXT NOT NULL
);

-- The results, packed. The layout stands before them, so that reading it alone touches no big value.
CREATE TABLE results (
    job INTEGER PRIMARY KEY REFERENCES jobs (number),
    layout TEXT NOT NULL,
    data BLOB NOT NULL
);

-- Texts that belong to a job: what a service was sent, what it made of that. Packed.
CREATE TABLE attachments (
    job INTEGER NOT NULL REFERENCES jobs (number),
    kind TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (job, kind)
) WITHOUT ROWID;

-- Each time that a worker took up a durable job.
CREATE TABLE attempts (
    job INTEGER NOT NULL REFERENCES jobs (number),
    number INTEGER NOT NULL CHECK (number > 0),
    worker TEXT NOT NULL, -- which: "host:pid"
    shots INTEGER NOT NULL, -- that were counted before it began
    handed INTEGER NOT NULL DEFAULT 1, -- 0: it ended before anybody else heard of the job
    leased_at INTEGER NOT NULL, -- by the clock of leases: the one below may be wrong, and another one's right
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    failure TEXT,
    cost INTEGER CHECK (cost >= 0),
    PRIMARY KEY (job, number)
) WITHOUT ROWID;

-- What a job that has not ended has counted so far: the next attempt goes on from there. Packed.
CREATE TABLE checkpoints (
    job INTEGER PRIMARY KEY REFERENCES jobs (number),
    shots INTEGER NOT NULL,
    data BLOB NOT NULL
);

-- The tags of the jobs, to find these by them.
CREATE TABLE tags (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs (number),
    PRIMARY KEY (key, value, job)
) WITHOUT ROWID;
CREATE INDEX tags_job ON tags (job);

-- By triggers, since a process that still runs an older version adds jobs too, and knows nothing of either.

CREATE TRIGGER tags_of_a_new_job AFTER INSERT ON jobs WHEN NEW.tags <> '{}'
BEGIN
    INSERT INTO tags (key, value, job) SELECT found.key, found.value, NEW.number FROM json_each(NEW.tags) AS found;
END;

CREATE TRIGGER tags_that_change AFTER UPDATE OF tags ON jobs
BEGIN
    DELETE FROM tags WHERE job = NEW.number;
    INSERT INTO tags (key, value, job) SELECT found.key, found.value, NEW.number FROM json_each(NEW.tags) AS found;
END;

-- A program that was erased comes back with the next job that runs it.
CREATE TRIGGER programs_come_back BEFORE INSERT ON programs
BEGIN
    UPDATE programs SET data = NEW.data WHERE digest = NEW.digest AND length(data) = 0;
END;

-- The processes that run durable jobs, and some that have ended.
CREATE TABLE workers (
    id TEXT PRIMARY KEY, -- as an owner of jobs
    username TEXT NOT NULL, -- whose jobs it runs
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    version TEXT NOT NULL, -- of the package
    began_at INTEGER NOT NULL,
    beat_at INTEGER NOT NULL, -- when it was last heard of, by the clock of leases
    asked TEXT CHECK (asked IN ('stop', 'drain')), -- to end
    ended_at INTEGER
) WITHOUT ROWID;

-- -- who asks over the network, and in which groups -------------------------------------------------------------

-- Keys that stand for a user and a team. Of the key's text only its digest is kept.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY, -- which the text begins with
    digest TEXT NOT NULL, -- SHA-256 of the whole text, in hex
    name TEXT NOT NULL,
    username TEXT NOT NULL,
    team TEXT NOT NULL REFERENCES teams (id),
    scopes TEXT NOT NULL, -- with spaces between
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER, -- to the minute
    email TEXT,
    organization TEXT
) WITHOUT ROWID;
CREATE INDEX api_keys_username ON api_keys (username, created_at);

-- What a submission was called by who sent it, so that the same one sent again is found and not made again.
CREATE TABLE request_keys (
    team TEXT NOT NULL REFERENCES teams (id),
    username TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL, -- of what was asked for
    target TEXT NOT NULL, -- the id of the job, or of the batch
    batch INTEGER NOT NULL CHECK (batch IN (0, 1)), -- 1: of a batch
    at INTEGER NOT NULL,
    PRIMARY KEY (team, username, key)
) WITHOUT ROWID;
CREATE INDEX request_keys_at ON request_keys (team, username, at);

-- Jobs that belong together. What a group's status is follows from these rows and from its jobs.
CREATE TABLE job_groups (
    id TEXT PRIMARY KEY,
    team TEXT NOT NULL REFERENCES teams (id),
    username TEXT NOT NULL,
    name TEXT,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    max_ttl INTEGER CHECK (max_ttl > 0), -- seconds until it closes by itself
    created_at INTEGER NOT NULL,
    closed_at INTEGER, -- by hand
    cancelled_at INTEGER,
    deleted_at INTEGER
) WITHOUT ROWID;
CREATE INDEX job_groups_team ON job_groups (team, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE group_jobs (
    group_id TEXT NOT NULL REFERENCES job_groups (id),
    job INTEGER NOT NULL REFERENCES jobs (number),
    PRIMARY KEY (group_id, job)
) WITHOUT ROWID;
