-- Queries that are SQLite's own: its pragmas, its full-text index, and what relies on its lock.

-- name: application_id()$
PRAGMA application_id;

-- name: user_version()$
PRAGMA user_version;

-- name: count_tables()$
SELECT count(*) FROM sqlite_master;

-- name: data_version()$
PRAGMA data_version;

-- name: claimable(username, now, latest, place, max_rows)
-- Durable jobs that a worker may take up now. A pause that is longer than any comes from a clock that began anew.
SELECT records.*, jobs.fence, jobs.attempt, jobs.submission, checkpoints.shots, checkpoints.data
FROM jobs JOIN records ON records.number = jobs.number LEFT JOIN checkpoints ON checkpoints.job = jobs.number
WHERE
    jobs.username = :username AND jobs.mode = 'durable' AND jobs.owner IS NULL AND jobs.ended_at IS NULL
    AND (jobs.due_at IS NULL OR jobs.due_at <= :now OR jobs.due_at > :latest)
    AND (:place = 'any' OR (:place = 'elsewhere') = (jobs.site IS NOT NULL))
ORDER BY jobs.number LIMIT :max_rows;

-- name: places(ids)$
-- What a change has to know of jobs that it has locked: no other one comes between. The ids are a JSON array, and so
-- is what comes back, in one piece: with each row Python would let go of its lock.
-- "waits": it is durable, nobody has it in hand, and no service can have heard of it.
SELECT json_group_array(json_array(
    id, number, status, (SELECT coalesce(max(seq), -1) + 1 FROM log WHERE log.job = jobs.number), cap, fence, attempt,
    mode = 'durable' AND owner IS NULL AND (
        site IS NULL OR NOT EXISTS (SELECT 1 FROM attempts WHERE attempts.job = jobs.number AND handed = 1)
    )
))
FROM jobs WHERE id IN (SELECT value FROM json_each(:ids));

-- name: not_ended(ids)
-- Of these ids, a JSON array, those of no job that has ended, in their order.
SELECT asked.value FROM json_each(:ids) AS asked LEFT JOIN jobs ON jobs.id = asked.value
WHERE jobs.ended_at IS NULL ORDER BY asked.key;

-- name: complete_jobs(jobs, ended_at)!
-- The jobs are a JSON object: by their numbers, when they began where that is told only now, else null.
UPDATE jobs
SET
    status = 'COMPLETED', started_at = coalesce(started_at, done.value), ended_at = :ended_at,
    failure = NULL, pending = NULL
FROM json_each(:jobs) AS done WHERE number = CAST(done.key AS INTEGER);

-- name: set_leases(owner, until)!
-- Of all that an owner has.
UPDATE jobs SET lease_until = :until
WHERE mode = 'durable' AND owner = :owner AND ended_at IS NULL AND lease_until IS NOT NULL;

-- name: pages()^
-- Bytes of the file, and of those the ones that hold nothing any more.
SELECT page_count * page_size, freelist_count * page_size
FROM pragma_page_count, pragma_page_size, pragma_freelist_count;

-- name: quick_check()$
-- "ok", or the first fault found.
PRAGMA quick_check(1);

-- name: has_fts5()$
SELECT count(*) FROM pragma_module_list WHERE name = 'fts5';

-- name: has_text_index()$
SELECT count(*) FROM sqlite_master WHERE name = 'jobs_text';

-- name: make_text_index()!
-- The text index keeps no copy of the text. What it indexes is case folded already.
CREATE VIRTUAL TABLE jobs_text USING fts5 (
    search, content = 'jobs', content_rowid = 'number', tokenize = 'trigram case_sensitive 1'
);

-- name: tune_text_index()!
-- Merge the index's segments as soon as two are alike: fewer to search, and cheaper to add to than the usual four.
INSERT INTO jobs_text (jobs_text, rank) VALUES ('automerge', 2);

-- name: fill_text_index()!
INSERT INTO jobs_text (jobs_text) VALUES ('rebuild');

-- name: drop_text(number, search)!
-- What it was indexed as, has to be told.
INSERT INTO jobs_text (jobs_text, rowid, search) VALUES ('delete', :number, :search);

-- name: index_text(number, search)!
INSERT INTO jobs_text (rowid, search) VALUES (:number, :search);

-- Pages by text. The other filters are applied to what the text finds; '' stands for any backend, and the
-- statuses are padded by repeating one. The plus signs keep SQLite from using an index for these, or for the
-- order, in place of the text's own.

-- name: page_of_text(first, before, max_rows, match, part, backend, s1, s2, s3, s4, s5, s6, s7)
-- Name or tags hold the text: by the index, which takes three characters and more, and then by the text itself.
SELECT records.*
FROM jobs_text
CROSS JOIN jobs ON jobs.number = jobs_text.rowid
CROSS JOIN records ON records.number = jobs_text.rowid
WHERE
    jobs_text MATCH :match AND jobs_text.rowid >= :first AND jobs_text.rowid < :before
    AND instr(jobs.search, :part) > 0 AND jobs.erased_at IS NULL
    AND (:backend = '' OR +records.backend = :backend)
    AND +records.status IN (:s1, :s2, :s3, :s4, :s5, :s6, :s7)
ORDER BY jobs_text.rowid DESC LIMIT :max_rows;

-- name: page_of_scan(first, before, max_rows, part, low, high, backend, s1, s2, s3, s4, s5, s6, s7)
-- Name or tags hold the text, or the id begins with it: by reading the jobs, newest first.
SELECT records.* FROM jobs CROSS JOIN records ON records.number = jobs.number
WHERE
    jobs.erased_at IS NULL AND jobs.number >= :first AND jobs.number < :before
    AND (instr(jobs.search, :part) > 0 OR (+jobs.id >= :low AND +jobs.id < :high))
    AND (:backend = '' OR +jobs.backend = :backend)
    AND +jobs.status IN (:s1, :s2, :s3, :s4, :s5, :s6, :s7)
ORDER BY jobs.number DESC LIMIT :max_rows;

-- name: page_of_prefix(first, before, max_rows, low, high, backend, s1, s2, s3, s4, s5, s6, s7)
-- The id begins with the text.
SELECT * FROM records
WHERE
    erased_at IS NULL AND id >= :low AND id < :high AND +number >= :first AND +number < :before
    AND (:backend = '' OR +backend = :backend)
    AND +status IN (:s1, :s2, :s3, :s4, :s5, :s6, :s7)
ORDER BY +number DESC LIMIT :max_rows;

-- name: unfinished()
-- Few among many: SQLite would rather read all jobs in order than sort these.
SELECT * FROM records WHERE ended_at IS NULL ORDER BY +number;

-- Teams and money.

-- name: team_to_change(username)^
-- No other transaction that writes comes between.
SELECT
    teams.id, teams.name, teams.created_at,
    teams.per_job, teams.per_day, teams.per_month,
    teams.user_per_minute, teams.team_per_day, teams.count_local
FROM users JOIN teams ON teams.id = users.team
WHERE users.username = :username;

-- name: team_within_to_change(username, team)^
SELECT
    teams.id, teams.name, teams.created_at,
    teams.per_job, teams.per_day, teams.per_month,
    teams.user_per_minute, teams.team_per_day, teams.count_local
FROM members JOIN teams ON teams.id = members.team
WHERE members.username = :username AND members.team = :team;

-- name: add_movement(team, job, day, at, kind, debit, credit, amount, reason)!
INSERT INTO ledger (team, job, day, at, kind, debit, credit, amount, reason)
VALUES (:team, :job, :day, :at, :kind, :debit, :credit, :amount, :reason);

-- name: audit_numbers()^
SELECT count(*), coalesce(min(number), 1), coalesce(max(number), 0) FROM ledger;
