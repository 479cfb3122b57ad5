-- Version 3: jobs that are stored before they are admitted, and the history of limits.

ALTER TABLE jobs ADD COLUMN admitted_at INTEGER;
ALTER TABLE jobs ADD COLUMN pending TEXT;
ALTER TABLE jobs ADD COLUMN source TEXT;
ALTER TABLE jobs ADD COLUMN likeness TEXT;
ALTER TABLE jobs ADD COLUMN billed INTEGER;

-- Until now every job was admitted when it was stored; those of a batch were created a microsecond apart.
UPDATE jobs SET admitted_at = created_at - coalesce(place, 0) WHERE status <> 'INITIALIZING';

DROP INDEX jobs_slot_user;
DROP INDEX jobs_slot_team;
CREATE INDEX jobs_slot_user ON jobs (username, admitted_at) WHERE slot = 1;
CREATE INDEX jobs_slot_team ON jobs (team, admitted_at) WHERE slot = 1;
CREATE INDEX jobs_source ON jobs (source) WHERE source IS NOT NULL;
CREATE INDEX jobs_likeness ON jobs (likeness) WHERE likeness IS NOT NULL;

DROP VIEW records;
CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint,
    admitted_at, pending, source, likeness, number
FROM jobs;

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

-- It begins with what each team may do now. "seal" is a function of this package.
INSERT INTO limit_changes
SELECT
    team, number, username, at, movement, slots, last_slot,
    per_job, per_day, per_month, user_per_minute, team_per_day, count_local,
    seal(
        '', team, number, username, at, movement, slots, last_slot,
        per_job, per_day, per_month, user_per_minute, team_per_day, count_local
    )
FROM (
    SELECT
        id AS team, 1 AS number, NULL AS username,
        CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS at,
        (SELECT coalesce(max(number), 0) FROM ledger WHERE ledger.team = teams.id) AS movement,
        (SELECT count(*) FROM jobs WHERE slot = 1 AND jobs.team = teams.id) AS slots,
        (SELECT coalesce(max(admitted_at), 0) FROM jobs WHERE slot = 1 AND jobs.team = teams.id) AS last_slot,
        per_job, per_day, per_month, user_per_minute, team_per_day, count_local
    FROM teams
);
