-- From version 5 to 6: jobs whose program and result were erased, and what finds jobs by more than their time.

ALTER TABLE jobs ADD COLUMN erased_at INTEGER; -- since when its program and its result are gone
ALTER TABLE jobs ADD COLUMN erased_by TEXT; -- who erased them

DROP INDEX jobs_status;
DROP INDEX jobs_backend;
DROP INDEX jobs_backend_status;
-- Of the jobs that are not erased, which are the ones that lists show.
CREATE INDEX jobs_living ON jobs (number) WHERE erased_at IS NULL;
CREATE INDEX jobs_status ON jobs (status) WHERE erased_at IS NULL;
CREATE INDEX jobs_backend ON jobs (backend) WHERE erased_at IS NULL;
CREATE INDEX jobs_backend_status ON jobs (backend, status) WHERE erased_at IS NULL;
CREATE INDEX jobs_shots ON jobs (shots) WHERE erased_at IS NULL;
CREATE INDEX jobs_cost ON jobs (coalesce(cost, cap)) WHERE erased_at IS NULL;
CREATE INDEX jobs_run_time ON jobs (coalesce(ended_at - started_at, -1)) WHERE erased_at IS NULL;
CREATE INDEX jobs_program ON jobs (program) WHERE erased_at IS NULL;
-- All that filters, orders and totals look at, so that what no other index leads to is found without reading rows.
CREATE INDEX jobs_lines ON jobs (
    status, backend, team, erased_at, number, shots, cap, cost, started_at, ended_at
);

DROP VIEW records;

CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint,
    admitted_at, pending, source, likeness, site, remote_id, work, fence, attempt, erased_at, erased_by, number
FROM jobs;

-- The tags of the jobs, to find these by them.
CREATE TABLE tags (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs (number),
    PRIMARY KEY (key, value, job)
) WITHOUT ROWID;
CREATE INDEX tags_job ON tags (job);
INSERT INTO tags (key, value, job)
SELECT found.key, found.value, jobs.number FROM jobs, json_each(jobs.tags) AS found;

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
