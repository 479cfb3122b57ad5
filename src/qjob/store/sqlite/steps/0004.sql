-- From version 3 to 4: jobs that run elsewhere.

ALTER TABLE jobs ADD COLUMN site TEXT; -- where and for whom it runs elsewhere: region, account, profile
ALTER TABLE jobs ADD COLUMN remote_id TEXT; -- what the service there calls it, once it has answered

DROP VIEW records;

-- The jobs as rows.py reads them: the fields of JobRecord in its order, then the number.
CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint,
    admitted_at, pending, source, likeness, site, remote_id, number
FROM jobs;

-- Texts that belong to a job: what a service was sent, what it made of that. Packed.
CREATE TABLE attachments (
    job INTEGER NOT NULL REFERENCES jobs (number),
    kind TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (job, kind)
) WITHOUT ROWID;
