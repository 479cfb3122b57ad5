-- Queries that are PostgreSQL's own: its catalogue, its locks, its search. A percent sign has to be written twice, since
-- psycopg takes one for the beginning of a parameter.

-- name: server()^
-- The schema that tables are made in, the encoding of texts, and whether this schema has a store. Not to_regclass:
-- it may remember from before a lock that there was none.
SELECT current_schema(), current_setting('server_encoding'), EXISTS (
    SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = current_schema() AND relname = 'qjob'
);

-- name: count_tables()$
-- Those of the schema that no extension has made.
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE
    nspname = current_schema() AND relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
    );

-- name: version()$
SELECT version FROM qjob;

-- name: lock_schema()$
-- Until the end of the transaction nobody else makes or changes tables of a store in this database.
SELECT pg_advisory_xact_lock(1903845234, 1);

-- name: data_version()$
-- What this statement can see. Two that are the same saw the same: whatever is committed changes it.
SELECT pg_current_snapshot()::text;

-- name: read_all()$
-- Reads every row, which the server refuses where a page is damaged and has a checksum.
SELECT
    (SELECT count(DISTINCT hashtext(programs::text)) FROM programs)
    + (SELECT count(DISTINCT hashtext(jobs::text)) FROM jobs) + (SELECT count(DISTINCT hashtext(log::text)) FROM log)
    + (SELECT count(DISTINCT hashtext(ledger::text)) FROM ledger)
    + (SELECT count(DISTINCT hashtext(spending::text)) FROM spending)
    + (SELECT count(DISTINCT hashtext(progress::text)) FROM progress)
    + (SELECT count(DISTINCT hashtext(results::text)) FROM results);

-- name: has_text_index()$
SELECT EXISTS (
    SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = current_schema() AND relname = 'jobs_search'
);

-- name: trigram_schema()$
-- Where the extension pg_trgm is, as a quoted name; nothing where it is not.
SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'pg_trgm';

-- name: size_of_tables()$
-- Bytes of all tables of the schema with their indexes.
SELECT coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)::bigint
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = current_schema() AND relkind = 'r';

-- Locks, in the order of `qjob.store.postgres.locks`. NO KEY UPDATE: rows that refer to these may still be added.

-- name: lock_user(username)$
-- Until the end of the transaction nobody else admits jobs of this user, or makes the first team.
SELECT pg_advisory_xact_lock(hashtextextended('the team of ' || :username, 1903845234));

-- name: team_to_change(username)^
-- Waits for who admits, settles or sets limits; what it returns is then the newest.
SELECT
    teams.id, teams.name, teams.created_at,
    teams.per_job, teams.per_day, teams.per_month,
    teams.user_per_minute, teams.team_per_day, teams.count_local
FROM users JOIN teams ON teams.id = users.team
WHERE users.username = :username
FOR NO KEY UPDATE OF teams;

-- name: team_within_to_change(username, team)^
-- As above, of a team that the user is in.
SELECT
    teams.id, teams.name, teams.created_at,
    teams.per_job, teams.per_day, teams.per_month,
    teams.user_per_minute, teams.team_per_day, teams.count_local
FROM members JOIN teams ON teams.id = members.team
WHERE members.username = :username AND members.team = :team
FOR NO KEY UPDATE OF teams;

-- name: lock_team_of_job(id, above)$
-- The team that has to pay for a job, where it can cost more than a number of nano-dollars.
SELECT id FROM teams WHERE id = (SELECT team FROM jobs WHERE id = :id AND cap > :above)
FOR NO KEY UPDATE;

-- name: lock_job(id)^
SELECT team, cap FROM jobs WHERE id = :id FOR NO KEY UPDATE;

-- name: lock_teams_of_jobs(ids)
-- They are sorted first and then locked in that order.
SELECT id FROM teams
WHERE id IN (SELECT team FROM jobs WHERE id = ANY(:ids) AND cap > 0)
ORDER BY id FOR NO KEY UPDATE;

-- name: lock_all_jobs(ids)
SELECT CASE WHEN cap > 0 THEN team END FROM jobs WHERE id = ANY(:ids) ORDER BY number FOR NO KEY UPDATE;

-- name: lock_programs_of(ids)
SELECT digest FROM programs
WHERE digest IN (SELECT program FROM jobs WHERE id = ANY(:ids)) ORDER BY digest FOR NO KEY UPDATE;

-- name: lock_only_jobs(ids)
SELECT number FROM jobs WHERE id = ANY(:ids) ORDER BY number FOR NO KEY UPDATE;

-- Leases.

-- name: lease_clock()$
-- Microseconds, by the server's clock: the same for all machines.
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- name: places(ids)$
-- What a change has to know of jobs that it has locked: no other one comes between. The ids are a JSON array, and so
-- is what comes back.
-- "waits": it is durable, nobody has it in hand, and no service can have heard of it.
SELECT CAST(coalesce(json_agg(json_build_array(
    id, number, status, (SELECT coalesce(max(seq), -1) + 1 FROM log WHERE log.job = jobs.number), cap, fence, attempt,
    mode = 'durable' AND owner IS NULL AND (
        site IS NULL OR NOT EXISTS (SELECT 1 FROM attempts WHERE attempts.job = jobs.number AND handed = 1)
    )
)), '[]') AS text)
FROM jobs WHERE id IN (SELECT jsonb_array_elements_text(CAST(:ids AS jsonb)));

-- name: not_ended(ids)
-- Of these ids, a JSON array, those of no job that has ended, in their order.
SELECT asked.id
FROM jsonb_array_elements_text(CAST(:ids AS jsonb)) WITH ORDINALITY AS asked (id, place)
LEFT JOIN jobs ON jobs.id = asked.id
WHERE jobs.ended_at IS NULL ORDER BY asked.place;

-- name: complete_jobs(jobs, ended_at)!
-- The jobs are a JSON object: by their numbers, when they began where that is told only now, else null.
UPDATE jobs
SET
    status = 'COMPLETED', started_at = coalesce(started_at, CAST(done.value AS bigint)), ended_at = :ended_at,
    failure = NULL, pending = NULL
FROM jsonb_each_text(CAST(:jobs AS jsonb)) AS done WHERE number = CAST(done.key AS bigint);

-- name: set_leases(owner, until)!
-- Of all that an owner has.
UPDATE jobs SET lease_until = :until WHERE number IN (
    SELECT number FROM jobs
    WHERE mode = 'durable' AND owner = :owner AND ended_at IS NULL AND lease_until IS NOT NULL
    ORDER BY number FOR NO KEY UPDATE
);

-- name: claimable(username, now, latest, place, max_rows)
-- Durable jobs that a worker may take up now, but for those that another one is about to.
SELECT records.*, jobs.fence, jobs.attempt, jobs.submission, checkpoints.shots, checkpoints.data
FROM jobs JOIN records ON records.number = jobs.number LEFT JOIN checkpoints ON checkpoints.job = jobs.number
WHERE
    jobs.username = :username AND jobs.mode = 'durable' AND jobs.owner IS NULL AND jobs.ended_at IS NULL
    AND (jobs.due_at IS NULL OR jobs.due_at <= :now OR jobs.due_at > :latest)
    AND (:place = 'any' OR (:place = 'elsewhere') = (jobs.site IS NOT NULL))
ORDER BY jobs.number LIMIT :max_rows
FOR NO KEY UPDATE OF jobs SKIP LOCKED;

-- Owners.

-- name: try_to_own(key)$
SELECT pg_try_advisory_lock(:key);

-- name: is_owned(key)$
-- Whether a session holds the lock; also yes just after the server has started, when every owner has lost its lock
-- and may not have claimed it again yet.
SELECT
    EXISTS (
        SELECT FROM pg_locks
        WHERE
            locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND ((classid::bigint << 32) | objid::bigint) = :key
    )
    OR pg_postmaster_start_time() > clock_timestamp() - interval '10 seconds';

-- Pages by text. The other filters are applied to what the text finds; '' stands for any backend, and the statuses
-- are padded by repeating one.

-- name: page_of_text(first, before, max_rows, match, part, backend, s1, s2, s3, s4, s5, s6, s7)
-- Name or tags hold the text: by the index of trigrams, which LIKE uses.
SELECT records.*
FROM jobs JOIN records ON records.number = jobs.number
WHERE
    jobs.search LIKE :match AND position(:part IN jobs.search) > 0
    AND jobs.number >= :first AND jobs.number < :before AND jobs.erased_at IS NULL
    AND (:backend = '' OR jobs.backend = :backend)
    AND jobs.status IN (:s1, :s2, :s3, :s4, :s5, :s6, :s7)
ORDER BY jobs.number DESC LIMIT :max_rows;

-- name: page_of_scan(first, before, max_rows, part, low, high, backend, s1, s2, s3, s4, s5, s6, s7)
-- Name or tags hold the text, or the id begins with it: by reading the jobs, newest first.
SELECT records.*
FROM jobs JOIN records ON records.number = jobs.number
WHERE
    jobs.erased_at IS NULL AND jobs.number >= :first AND jobs.number < :before
    AND (position(:part IN jobs.search) > 0 OR (jobs.id >= :low AND jobs.id < :high))
    AND (:backend = '' OR jobs.backend = :backend)
    AND jobs.status IN (:s1, :s2, :s3, :s4, :s5, :s6, :s7)
ORDER BY jobs.number DESC LIMIT :max_rows;

-- name: page_of_prefix(first, before, max_rows, low, high, backend, s1, s2, s3, s4, s5, s6, s7)
-- The id begins with the text.
SELECT * FROM records
WHERE
    erased_at IS NULL AND id >= :low AND id < :high AND number >= :first AND number < :before
    AND (:backend = '' OR backend = :backend)
    AND status IN (:s1, :s2, :s3, :s4, :s5, :s6, :s7)
ORDER BY number DESC LIMIT :max_rows;

-- name: unfinished()
SELECT * FROM records WHERE ended_at IS NULL ORDER BY number;

-- Money.

-- name: add_movement(team, job, day, at, kind, debit, credit, amount, reason)!
-- Under the next number of its team, whose lock the transaction holds.
INSERT INTO ledger (number, team, job, day, at, kind, debit, credit, amount, reason)
SELECT coalesce(max(number), 0) + 1, :team, :job, :day, :at, :kind, :debit, :credit, :amount, :reason
FROM ledger WHERE team = :team;

-- name: audit_numbers()^
-- As for one ledger: how many movements there are, 1 or what a team's numbers begin with, and how many there have to
-- be by the highest number of each team. Numbers are positive and different, so these are the same only without gaps.
SELECT coalesce(sum(counted), 0), coalesce(max(lowest), 1), coalesce(sum(highest), 0) FROM (
    SELECT count(*) AS counted, min(number) AS lowest, max(number) AS highest FROM ledger GROUP BY team
) AS teams;
