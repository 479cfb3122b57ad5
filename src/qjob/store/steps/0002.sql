-- Version 2: batches.

CREATE TABLE batches (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    name TEXT,
    size INTEGER NOT NULL CHECK (size > 0),
    created_at INTEGER NOT NULL
);
CREATE INDEX batches_name ON batches (name) WHERE name IS NOT NULL;

ALTER TABLE jobs ADD COLUMN batch TEXT REFERENCES batches (id);
ALTER TABLE jobs ADD COLUMN place INTEGER;
CREATE UNIQUE INDEX jobs_batch ON jobs (batch, place) WHERE batch IS NOT NULL;

DROP VIEW records;
CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, number
FROM jobs;
