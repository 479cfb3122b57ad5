-- Version 3: jobs that are stored before they are admitted.

ALTER TABLE jobs ADD COLUMN admitted_at INTEGER;
ALTER TABLE jobs ADD COLUMN pending TEXT;
ALTER TABLE jobs ADD COLUMN source TEXT;

-- Until now every job was admitted when it was stored; those of a batch were created a microsecond apart.
UPDATE jobs SET admitted_at = created_at - coalesce(place, 0) WHERE status <> 'INITIALIZING';

DROP INDEX jobs_slot_user;
DROP INDEX jobs_slot_team;
CREATE INDEX jobs_slot_user ON jobs (username, admitted_at) WHERE slot = 1;
CREATE INDEX jobs_slot_team ON jobs (team, admitted_at) WHERE slot = 1;
CREATE INDEX jobs_source ON jobs (source) WHERE source IS NOT NULL;

DROP VIEW records;
CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint,
    admitted_at, pending, source, number
FROM jobs;
