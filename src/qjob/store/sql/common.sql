-- Queries that mean the same in SQLite and PostgreSQL. What differs stands in the file of each.

-- name: add_program(digest, format, data)!
-- One that was erased comes back by a trigger.
INSERT INTO programs (digest, format, data) VALUES (:digest, :format, :data) ON CONFLICT (digest) DO NOTHING;

-- name: add_batch(id, username, name, size, created_at)!
INSERT INTO batches (id, username, name, size, created_at) VALUES (:id, :username, :name, :size, :created_at);

-- name: get_batch(id)^
SELECT id, username, name, size, created_at FROM batches WHERE id = :id;

-- name: batches_like(name, low, high, max_rows)
-- Batches of a name, or whose id lies in a range; newest first.
SELECT id, username, name, size, created_at FROM batches
WHERE name = :name OR (id >= :low AND id < :high) ORDER BY number DESC LIMIT :max_rows;

-- name: of_batch(batch)
SELECT id FROM jobs WHERE batch = :batch ORDER BY place;

-- name: asked_of_batch(batch)
-- Also whether its result was erased, and whether it cost nothing either, so that it is better run again.
SELECT
    fingerprint, status, erased_at IS NOT NULL, erased_at IS NOT NULL AND cap = 0 AND coalesce(cost, 0) = 0
FROM jobs
WHERE batch = :batch ORDER BY place;

-- name: batch_statuses(batch)
SELECT status, count(*) FROM jobs WHERE batch = :batch GROUP BY status;

-- name: batch_sums(batch)
-- What a display of a batch adds up: a row for each status, backend, number of shots and owner among its jobs.
SELECT
    status, backend, shots, owner, count(*), sum(cost), sum(CASE WHEN cost IS NULL THEN cap ELSE 0 END),
    min(started_at), max(ended_at), min(pending)
FROM jobs WHERE batch = :batch GROUP BY status, backend, shots, owner;

-- name: batch_lines(batch, max_rows)
-- Jobs of a batch for a display with little room: what failed before what runs, and this before the others.
SELECT
    place, id, name, status, shots, failure, progress.data, results.layout
FROM (
    SELECT number, place, id, name, status, shots, failure FROM jobs WHERE batch = :batch
    ORDER BY
        CASE status WHEN 'FAILED' THEN 0 WHEN 'RUNNING' THEN 1 ELSE 2 END, place
    LIMIT :max_rows
) AS shown
LEFT JOIN progress ON progress.job = shown.number
LEFT JOIN results ON results.job = shown.number
ORDER BY place;

-- name: last_number(first, last)$
-- The highest number taken in a range.
SELECT max(number) FROM jobs WHERE number BETWEEN :first AND :last;

-- name: add_job(number, id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags, status, failure, owner, retry_of, created_at, started_at, ended_at, search, batch, place, team, cap, cost, fingerprint, slot, admitted_at, pending, source, likeness, site, work)!
INSERT INTO jobs (
    number, id, username, name, backend, program, num_qubits, shots, seed, options, mode, tags,
    status, failure, owner, retry_of, created_at, started_at, ended_at, search, batch, place,
    team, cap, cost, fingerprint, slot, admitted_at, pending, source, likeness, site, work
) VALUES (
    :number, :id, :username, :name, :backend, :program, :num_qubits, :shots, :seed, :options, :mode, :tags,
    :status, :failure, :owner, :retry_of, :created_at, :started_at, :ended_at, :search,
    :batch, :place, :team, :cap, :cost, :fingerprint, :slot,
    :admitted_at, :pending, :source, :likeness, :site, :work
)
ON CONFLICT (number) DO NOTHING;

-- name: move_job(number, status, started_at, ended_at, failure)!
UPDATE jobs
SET
    status = :status,
    started_at = coalesce(started_at, :started_at),
    ended_at = :ended_at,
    failure = :failure,
    pending = NULL
WHERE number = :number;

-- name: admit_job(number, status, team, admitted_at, slot, site)!
UPDATE jobs
SET
    status = :status, team = :team, admitted_at = :admitted_at, slot = :slot, site = :site, pending = NULL,
    owner = CASE WHEN mode = 'durable' THEN NULL ELSE owner END
WHERE number = :number;

-- name: set_pending(id, pending)!
-- Of a job, or of the jobs of a batch.
UPDATE jobs SET pending = :pending WHERE (id = :id OR batch = :id) AND status = 'INITIALIZING';

-- name: set_remote(number, remote_id)!
UPDATE jobs SET remote_id = :remote_id WHERE number = :number;

-- name: adopt(id, owner, dead)!
UPDATE jobs SET owner = :owner, fence = fence + 1 WHERE id = :id AND owner = :dead AND ended_at IS NULL;

-- name: attach(number, kind, data)!
INSERT INTO attachments (job, kind, data) VALUES (:number, :kind, :data)
ON CONFLICT (job, kind) DO UPDATE SET data = excluded.data;

-- name: attachments(id)
SELECT kind, data FROM attachments WHERE job = (SELECT number FROM jobs WHERE id = :id) ORDER BY kind;

-- name: add_entry(number, seq, at, kind, data)!
INSERT INTO log (job, seq, at, kind, data) VALUES (:number, :seq, :at, :kind, :data);

-- name: add_result(number, layout, data)!
INSERT INTO results (job, layout, data) VALUES (:number, :layout, :data);

-- name: set_progress(number, data)!
INSERT INTO progress (job, data) VALUES (:number, :data)
ON CONFLICT (job) DO UPDATE SET data = excluded.data;

-- name: same_job(team, fingerprint)^
-- The newest job of a team that was asked for the same and did not come to nothing. One whose result was erased counts
-- where it cost something: nobody pays twice unasked.
SELECT * FROM records
WHERE
    fingerprint = :fingerprint AND team = :team AND status NOT IN ('FAILED', 'CANCELLED', 'CANCELLING')
    AND (erased_at IS NULL OR cap > 0 OR cost > 0)
    AND (batch IS NULL OR status <> 'INITIALIZING') -- a batch is admitted as a whole
ORDER BY erased_at IS NOT NULL, number DESC LIMIT 1; -- an older one that has its result before one that has none

-- name: batches_that_begin(team, fingerprint, max_rows)
-- The newest batches of a team whose first job was asked for the same.
SELECT batch FROM jobs
WHERE fingerprint = :fingerprint AND team = :team AND place = 0
ORDER BY number DESC LIMIT :max_rows;

-- name: from_source(team, source)^
-- The newest job of a team that came from a cell of this text and did not come to nothing.
SELECT * FROM records
WHERE
    source = :source AND team = :team
    AND status NOT IN ('INITIALIZING', 'FAILED', 'CANCELLED', 'CANCELLING')
ORDER BY erased_at IS NOT NULL, number DESC LIMIT 1;

-- name: like_runs(likeness, max_rows)
-- The newest of the runs that are alike, ended one way or another: the status, and how long it took in microseconds.
SELECT status, coalesce(billed, ended_at - started_at) FROM jobs
WHERE
    likeness = :likeness AND coalesce(billed, ended_at - started_at) > 0
    AND (status = 'COMPLETED' OR billed IS NOT NULL) -- what was swept ended long before anybody looked
ORDER BY number DESC LIMIT :max_rows;

-- name: set_billed(id, billed)!
UPDATE jobs SET billed = :billed WHERE id = :id;

-- name: get_program(digest)^
SELECT format, data FROM programs WHERE digest = :digest;

-- name: records_of_batch(batch)
SELECT * FROM records WHERE batch = :batch ORDER BY place;

-- name: get_job(id)^
SELECT * FROM records WHERE id = :id;

-- name: has_ended(id)$
SELECT CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END FROM jobs WHERE id = :id;

-- name: get_number(id)$
SELECT number FROM jobs WHERE id = :id;

-- name: get_place_in_orders(id)^
-- Its number, and what the orders of pages sort it by.
SELECT number, coalesce(cost, cap) AS cost, coalesce(ended_at - started_at, -1) AS run_time, shots
FROM jobs WHERE id = :id;

-- name: get_result(id)$
SELECT results.data FROM jobs JOIN results ON results.job = jobs.number WHERE jobs.id = :id;

-- name: get_snapshot(id)^
-- A job, its progress, its layout, and its rank among the queued jobs of its owner that run on this machine, or
-- of a durable one among those that wait for a worker.
SELECT
    records.*,
    progress.data,
    results.layout,
    CASE WHEN records.status = 'QUEUED' AND records.owner IS NOT NULL AND records.site IS NULL THEN (
        SELECT count(*) FROM jobs AS ahead
        WHERE
            ahead.ended_at IS NULL AND ahead.owner = records.owner AND ahead.status = 'QUEUED'
            AND ahead.site IS NULL
            AND (coalesce(ahead.admitted_at, ahead.created_at), ahead.number)
            <= (coalesce(records.admitted_at, records.created_at), records.number)
    )
    WHEN records.status = 'QUEUED' AND records.mode = 'durable' AND records.owner IS NULL THEN (
        SELECT count(*) FROM jobs AS ahead
        WHERE
            ahead.mode = 'durable' AND ahead.ended_at IS NULL AND ahead.owner IS NULL
            AND ahead.username = records.username AND ahead.number <= records.number
    ) END
FROM records
LEFT JOIN progress ON progress.job = records.number
LEFT JOIN results ON results.job = records.number
WHERE records.id = :id;

-- name: get_log(id, after)
SELECT log.seq, log.at, log.kind, log.data
FROM jobs JOIN log ON log.job = jobs.number
WHERE jobs.id = :id AND log.seq > :after ORDER BY log.seq;

-- name: followed(username)
-- Direct jobs that run at services.
SELECT * FROM records
WHERE
    ended_at IS NULL AND owner IS NOT NULL AND mode <> 'durable' AND site IS NOT NULL AND username = :username
ORDER BY number;

-- name: owners_of_direct()
-- Who has direct jobs in hand, or durable ones that are not admitted yet.
SELECT DISTINCT owner FROM jobs
WHERE ended_at IS NULL AND owner IS NOT NULL AND (mode <> 'durable' OR status = 'INITIALIZING');

-- name: cancelling(owner)
SELECT id, site FROM jobs WHERE ended_at IS NULL AND owner = :owner AND status = 'CANCELLING' ORDER BY number;

-- name: with_name(name, max_rows)
SELECT * FROM records WHERE name = :name ORDER BY number DESC LIMIT :max_rows;

-- name: with_prefix(low, high, max_rows)
-- Jobs whose id begins with a text, as the range from it to the first text after all that begin so.
SELECT * FROM records WHERE id >= :low AND id < :high ORDER BY number DESC LIMIT :max_rows;

-- name: names(low, high, max_rows)
-- The names that begin with a text, the one used last first.
SELECT name FROM jobs WHERE name >= :low AND name < :high
GROUP BY name ORDER BY max(number) DESC LIMIT :max_rows;

-- Pages: jobs that are not erased, with first <= number < before, newest first. One query for each index that can lead;
-- see orders.sql for what none of them leads to.

-- name: page_of_status(first, before, max_rows, status)
SELECT * FROM records WHERE erased_at IS NULL AND status = :status AND number >= :first AND number < :before
ORDER BY number DESC LIMIT :max_rows;

-- name: page_of_backend(first, before, max_rows, backend)
SELECT * FROM records WHERE erased_at IS NULL AND backend = :backend AND number >= :first AND number < :before
ORDER BY number DESC LIMIT :max_rows;

-- name: page_of_both(first, before, max_rows, backend, status)
SELECT * FROM records
WHERE erased_at IS NULL AND backend = :backend AND status = :status AND number >= :first AND number < :before
ORDER BY number DESC LIMIT :max_rows;

-- name: page_of_team(first, before, max_rows, team)
SELECT * FROM records WHERE erased_at IS NULL AND team = :team AND number >= :first AND number < :before
ORDER BY number DESC LIMIT :max_rows;

-- Tags. The table of them follows by triggers.

-- name: search_of(number)$
SELECT search FROM jobs WHERE number = :number;

-- name: set_tags(number, tags, search)!
UPDATE jobs SET tags = :tags, search = :search WHERE number = :number;

-- Erasing.

-- name: ended_before(username, before, after, max_rows)
-- Jobs of a user that ended before a time, and whose number is higher.
SELECT number, id FROM jobs
WHERE erased_at IS NULL AND number > :after AND username = :username AND ended_at < :before
ORDER BY number LIMIT :max_rows;

-- name: count_ended_before(username, before)$
SELECT count(*) FROM jobs WHERE erased_at IS NULL AND username = :username AND ended_at < :before;

-- name: get_erasable(id)^
SELECT number, status, erased_at, program FROM jobs WHERE id = :id;

-- name: size_of_rest(number)$
-- Bytes that a job has beside its program.
SELECT
    coalesce((SELECT length(data) + length(layout) FROM results WHERE job = :number), 0)
    + coalesce((SELECT length(data) FROM progress WHERE job = :number), 0)
    + coalesce((SELECT sum(length(data)) FROM attachments WHERE job = :number), 0)
    + coalesce((SELECT length(data) FROM checkpoints WHERE job = :number), 0);

-- name: size_of_job(id)$
-- Bytes that its result and its texts have, which are what can be big.
SELECT
    coalesce((SELECT length(data) FROM results WHERE job = jobs.number), 0)
    + coalesce((SELECT sum(length(data)) FROM attachments WHERE job = jobs.number), 0)
FROM jobs WHERE id = :id;

-- name: drop_result(number)!
DELETE FROM results WHERE job = :number;

-- name: drop_progress(number)!
DELETE FROM progress WHERE job = :number;

-- name: drop_attachments(number)!
DELETE FROM attachments WHERE job = :number;

-- name: mark_erased(number, erased_at, erased_by)!
UPDATE jobs SET erased_at = :erased_at, erased_by = :erased_by, work = NULL WHERE number = :number;

-- name: size_of_unused(digest)$
-- Bytes of a program that only erased jobs have run; nothing of any other.
SELECT length(data) FROM programs
WHERE digest = :digest AND NOT EXISTS (SELECT 1 FROM jobs WHERE program = :digest AND erased_at IS NULL);

-- name: set_program(digest, data)!
UPDATE programs SET data = :data WHERE digest = :digest;

-- name: any_unfinished()$
SELECT EXISTS (SELECT 1 FROM jobs WHERE ended_at IS NULL);
