-- From version 5 to 6: jobs whose program and result were erased, and what finds jobs by more than their time.

ALTER TABLE jobs ADD COLUMN erased_at BIGINT; -- since when its program and its result are gone
ALTER TABLE jobs ADD COLUMN erased_by TEXT; -- who erased them

DROP INDEX jobs_status;
DROP INDEX jobs_backend;
DROP INDEX jobs_backend_status;
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

DROP VIEW records;

CREATE VIEW records AS
SELECT
    id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint,
    admitted_at, pending, source, likeness, site, remote_id, work, fence, attempt, erased_at, erased_by, number
FROM jobs;

-- The tags of the jobs, to find these by them.
CREATE TABLE tags (
    key TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    job BIGINT NOT NULL REFERENCES jobs (number),
    PRIMARY KEY (key, value, job)
);
CREATE INDEX tags_job ON tags (job);
INSERT INTO tags (key, value, job)
SELECT found.key, found.value, jobs.number FROM jobs, jsonb_each_text(jobs.tags::jsonb) AS found WHERE jobs.tags <> '{}';

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
