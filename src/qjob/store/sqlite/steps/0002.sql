-- Version 2: batches, teams and money.

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

ALTER TABLE jobs ADD COLUMN batch TEXT REFERENCES batches (id);
ALTER TABLE jobs ADD COLUMN place INTEGER;
ALTER TABLE jobs ADD COLUMN team TEXT REFERENCES teams (id);
ALTER TABLE jobs ADD COLUMN cap INTEGER NOT NULL DEFAULT 0 CHECK (cap >= 0);
ALTER TABLE jobs ADD COLUMN cost INTEGER CHECK (cost >= 0);
ALTER TABLE jobs ADD COLUMN fingerprint TEXT;
ALTER TABLE jobs ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX jobs_batch ON jobs (batch, place) WHERE batch IS NOT NULL;
CREATE INDEX jobs_fingerprint ON jobs (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX jobs_slot_user ON jobs (username) WHERE slot = 1;
CREATE INDEX jobs_slot_team ON jobs (team) WHERE slot = 1;

DROP VIEW records;
CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint, number
FROM jobs;
