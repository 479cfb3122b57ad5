-- From version 4 to 5: jobs that outlive the process that submitted them.

ALTER TABLE jobs ADD COLUMN work TEXT; -- what a worker has to know of a durable job to run it
ALTER TABLE jobs ADD COLUMN fence BIGINT NOT NULL DEFAULT 0; -- how often it was taken over: who writes has to know
ALTER TABLE jobs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0; -- the number of the last attempt; 0: none was kept
ALTER TABLE jobs ADD COLUMN tries INTEGER NOT NULL DEFAULT 0; -- attempts that came to nothing since it last got on
ALTER TABLE jobs ADD COLUMN submission INTEGER NOT NULL DEFAULT 1; -- which task at a service it is about, from 1
ALTER TABLE jobs ADD COLUMN lease_until BIGINT; -- of a durable job with an owner, by the clock of leases
ALTER TABLE jobs ADD COLUMN due_at BIGINT; -- not to be tried before, by the same clock

-- Durable jobs that wait for a worker.
CREATE INDEX jobs_claimable ON jobs (username, number) WHERE mode = 'durable' AND owner IS NULL AND ended_at IS NULL;
-- Those of them that run at a service, to be found behind any number of others.
CREATE INDEX jobs_claimable_elsewhere ON jobs (username)
WHERE mode = 'durable' AND owner IS NULL AND ended_at IS NULL AND site IS NOT NULL;
-- Those that have one.
CREATE INDEX jobs_leased ON jobs (owner) WHERE mode = 'durable' AND owner IS NOT NULL AND ended_at IS NULL;

DROP VIEW records;

CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint,
    admitted_at, pending, source, likeness, site, remote_id, work, fence, attempt, number
FROM jobs;

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
