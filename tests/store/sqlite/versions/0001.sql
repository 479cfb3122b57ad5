-- The store in SQLite, version 1. Every later version is a numbered step in steps/ (see schema.py).
-- Times are microseconds since 1970-01-01 UTC; everything structured is JSON text.

-- Programs as they were submitted, each once.
CREATE TABLE programs (
    digest TEXT PRIMARY KEY,
    format TEXT NOT NULL,
    data BLOB NOT NULL
) WITHOUT ROWID;

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
    CHECK ((ended_at IS NOT NULL) = (status IN ('COMPLETED', 'FAILED', 'CANCELLED')))
);
CREATE INDEX jobs_status ON jobs (status);
CREATE INDEX jobs_backend ON jobs (backend);
CREATE INDEX jobs_backend_status ON jobs (backend, status);
CREATE INDEX jobs_name ON jobs (name) WHERE name IS NOT NULL;
CREATE INDEX jobs_unfinished ON jobs (owner, status) WHERE ended_at IS NULL;

CREATE TRIGGER jobs_end_once BEFORE UPDATE OF status ON jobs
WHEN OLD.status IN ('COMPLETED', 'FAILED', 'CANCELLED')
BEGIN
    SELECT RAISE(ABORT, 'an ended job keeps its status');
END;

-- The jobs as rows.py reads them: the fields of JobRecord in its order, then the number.
CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, number
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
