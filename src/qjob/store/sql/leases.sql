-- Durable jobs: who has which in hand, until when, and what came of it. Times of leases ("now", "until", "latest") are
-- by the clock of leases; see `qjob.store.leases`.

-- name: any_claimable(username, now, latest, here)$
-- Whether there is a durable job that a worker may take up now; see claimable. 1: of those that run on this machine.
SELECT EXISTS (
    SELECT 1 FROM jobs
    WHERE
        username = :username AND mode = 'durable' AND owner IS NULL AND ended_at IS NULL
        AND (due_at IS NULL OR due_at <= :now OR due_at > :latest)
        AND (:here = 0 OR site IS NULL)
);

-- name: any_claimable_elsewhere(username, now, latest)$
-- Whether there is one that runs at a service.
SELECT EXISTS (
    SELECT 1 FROM jobs
    WHERE
        username = :username AND mode = 'durable' AND owner IS NULL AND ended_at IS NULL AND site IS NOT NULL
        AND (due_at IS NULL OR due_at <= :now OR due_at > :latest)
);

-- name: lease(number, owner, until)*!
UPDATE jobs
SET owner = :owner, lease_until = :until, due_at = NULL, fence = fence + 1, attempt = attempt + 1
WHERE number = :number;

-- name: append_entries(number, at, kind, data)*!
-- To the logs of jobs that are locked.
INSERT INTO log (job, seq, at, kind, data)
SELECT :number, coalesce(max(seq), -1) + 1, :at, :kind, :data FROM log WHERE job = :number;

-- name: leased(owner)
SELECT id FROM jobs
WHERE mode = 'durable' AND owner = :owner AND ended_at IS NULL AND lease_until IS NOT NULL ORDER BY number;

-- name: lease_holders()
SELECT DISTINCT owner FROM jobs
WHERE mode = 'durable' AND owner IS NOT NULL AND ended_at IS NULL AND lease_until IS NOT NULL;

-- name: expired_leases(now, latest)
-- Those whose time is over; one that reaches beyond what any lease does comes from a clock that went wrong.
SELECT id, fence FROM jobs
WHERE
    mode = 'durable' AND owner IS NOT NULL AND ended_at IS NULL
    AND (lease_until < :now OR lease_until > :latest)
ORDER BY number;

-- name: is_expired(number, now, latest)$
SELECT lease_until < :now OR lease_until > :latest FROM jobs WHERE number = :number;

-- name: setback(number, attempt)^
-- What a decision has to know of an attempt: whose, tries before it, whether a service may have heard of the job, and
-- when the first of these tries began.
SELECT
    attempts.worker, jobs.tries,
    jobs.site IS NOT NULL
    AND EXISTS (SELECT 1 FROM attempts AS heard WHERE heard.job = jobs.number AND heard.handed = 1),
    (
        SELECT min(leased_at) FROM attempts AS tried
        WHERE tried.job = jobs.number AND tried.number >= attempts.number - jobs.tries
    )
FROM jobs JOIN attempts ON attempts.job = jobs.number AND attempts.number = :attempt
WHERE jobs.number = :number;

-- name: not_handed(number, attempt)!
UPDATE attempts SET handed = 0 WHERE job = :number AND number = :attempt;

-- name: hurry(number)!
-- What nobody has in hand need not wait any longer.
UPDATE jobs SET due_at = NULL WHERE number = :number AND owner IS NULL;

-- name: let_go(number, status, due_at, tries, submission, remote_id)!
UPDATE jobs
SET
    owner = NULL, lease_until = NULL, due_at = :due_at, status = :status, fence = fence + 1,
    tries = :tries, submission = :submission, remote_id = :remote_id
WHERE number = :number;

-- name: got_on(number)!
UPDATE jobs SET tries = 0 WHERE number = :number AND tries > 0;

-- name: counters(number)^
SELECT tries, submission, remote_id FROM jobs WHERE number = :number;

-- name: add_attempts(job, number, worker, shots, leased_at, began_at)*!
INSERT INTO attempts (job, number, worker, shots, leased_at, began_at)
VALUES (:job, :number, :worker, :shots, :leased_at, :began_at);

-- name: end_attempt(job, number, ended_at, failure, cost)!
UPDATE attempts SET ended_at = :ended_at, failure = :failure, cost = :cost
WHERE job = :job AND number = :number AND ended_at IS NULL;

-- name: attempts(id)
SELECT attempts.number, worker, attempts.shots, began_at, attempts.ended_at, attempts.failure, attempts.cost
FROM attempts JOIN jobs ON jobs.number = attempts.job WHERE jobs.id = :id ORDER BY attempts.number;

-- name: set_checkpoint(number, shots, data)!
INSERT INTO checkpoints (job, shots, data) VALUES (:number, :shots, :data)
ON CONFLICT (job) DO UPDATE SET shots = excluded.shots, data = excluded.data;

-- name: get_checkpoint(number)^
SELECT shots, data FROM checkpoints WHERE job = :number;

-- name: drop_checkpoint(number)!
DELETE FROM checkpoints WHERE job = :number;

-- name: count_durable(username)$
-- Those that have not ended, whether somebody has them in hand or not.
SELECT count(*) FROM jobs
WHERE
    username = :username AND mode = 'durable' AND ended_at IS NULL
    AND (owner IS NULL OR lease_until IS NOT NULL);

-- name: wants_cancel(username)$
-- Whether there is a job at a service that is to be cancelled, and nobody has it in hand.
SELECT EXISTS (
    SELECT 1 FROM jobs
    WHERE
        username = :username AND mode = 'durable' AND owner IS NULL AND ended_at IS NULL
        AND status = 'CANCELLING'
);

-- name: newest_durable(username)$
-- When the newest of those was admitted; nothing where there are none.
SELECT max(admitted_at) FROM jobs
WHERE
    username = :username AND mode = 'durable' AND ended_at IS NULL
    AND (owner IS NULL OR lease_until IS NOT NULL);

-- Worker processes.

-- name: add_worker(id, username, host, pid, version, began_at, beat_at)!
INSERT INTO workers (id, username, host, pid, version, began_at, beat_at)
VALUES (:id, :username, :host, :pid, :version, :began_at, :beat_at);

-- name: beat_worker(id, beat_at)!
UPDATE workers SET beat_at = :beat_at, ended_at = NULL WHERE id = :id;

-- name: worker_asked(id)^
SELECT asked, ended_at FROM workers WHERE id = :id;

-- name: ask_worker(id, asked)!
UPDATE workers SET asked = :asked WHERE id = :id AND ended_at IS NULL;

-- name: end_worker(id, ended_at)!
UPDATE workers SET ended_at = :ended_at WHERE id = :id AND ended_at IS NULL;

-- name: forget_workers(before)!
DELETE FROM workers WHERE ended_at < :before;

-- name: workers(username)
-- The newest first.
SELECT
    id, username, host, pid, version, began_at, beat_at, asked, ended_at,
    (
        SELECT count(*) FROM jobs
        WHERE jobs.mode = 'durable' AND jobs.owner = workers.id AND jobs.ended_at IS NULL
    )
FROM workers WHERE username = :username ORDER BY began_at DESC, id;
