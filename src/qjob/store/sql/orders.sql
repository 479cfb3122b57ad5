-- Pages and totals of any filter, in any order. `qjob.store.queries` makes queries of each of these: for each order (its
-- name, what it sorts by, which way), each way to look for a text, and each database (its hint to use an index).
-- '' stands for any backend, team or group, and the statuses are padded by repeating one; teams and backends are JSON.
-- A page behind a place may pass over some more jobs: "reach" is how many of them it reads in all.

-- by number: ordered_{order}(first, before, max_rows, skipped)
-- Jobs that are not erased, with first <= number < before.
SELECT records.*
FROM (
    SELECT number AS found FROM jobs {by_order}
    WHERE erased_at IS NULL AND number >= :first AND number < :before
    ORDER BY number {way} LIMIT :max_rows OFFSET :skipped
) AS shown JOIN records ON records.number = shown.found
ORDER BY shown.found {way};

-- by rank: ordered_{order}(first, before, rank, below, max_rows, skipped, reach)
-- The same behind a place: those that rank as it does, then those that rank below it. So the index leads to both.
SELECT records.*
FROM (
    SELECT found, rank FROM (
        SELECT number AS found, {key} AS rank FROM jobs {by_order}
        WHERE erased_at IS NULL AND number >= :first AND number < :below AND {key} = :rank
        ORDER BY number DESC LIMIT :reach
    ) AS level
    UNION ALL
    SELECT found, rank FROM (
        SELECT number AS found, {key} AS rank FROM jobs {by_order}
        WHERE erased_at IS NULL AND number >= :first AND number < :before AND {key} < :rank
        ORDER BY {key} DESC, number DESC LIMIT :reach
    ) AS beneath
    ORDER BY rank DESC, found DESC LIMIT :max_rows OFFSET :skipped
) AS shown JOIN records ON records.number = shown.found
ORDER BY shown.rank DESC, shown.found DESC;

-- sifted: sifted_{order}{looking}(first, before{place}, max_rows, skipped, {filters})
-- What passes a filter, behind a place: by reading the index of all that filters look at.
SELECT records.*
FROM (
    SELECT number AS found, {key} AS rank FROM jobs {by_lines}
    WHERE {passes} {behind}
    ORDER BY {key} {way}, number {way} LIMIT :max_rows OFFSET :skipped
) AS shown JOIN records ON records.number = shown.found
ORDER BY shown.rank {way}, shown.found {way};

-- totals: totals{looking}(first, before, {filters})
-- A row for each status: how many jobs, what they cost, what is held for those that have not ended, and their shots.
SELECT
    status, count(*), coalesce(sum(cost), 0),
    sum(CASE WHEN cost IS NULL AND ended_at IS NULL AND status <> 'INITIALIZING' THEN cap ELSE 0 END), sum(shots)
FROM jobs {by_lines}
WHERE {passes}
GROUP BY status;

-- passes
number >= :first AND number < :before
AND (:erased = 1 OR erased_at IS NULL)
AND (:backend = '' OR backend = :backend)
AND (:team = '' OR team = :team)
AND (:any_team = 1 OR team IN ({teams}))
AND (:any_backend = 1 OR backend IN ({backends}))
AND (:in_group = '' OR number IN (SELECT job FROM group_jobs WHERE group_id = :in_group))
AND status IN (:s1, :s2, :s3, :s4, :s5, :s6, :s7)
AND (
    :tag = ''
    OR number IN (SELECT job FROM tags WHERE key = :tag AND (:any_value = 1 OR value = :tag_value))
)

-- and holds a text
AND ({found} OR number IN (SELECT same.number FROM jobs AS same WHERE same.id >= :low AND same.id < :high))
