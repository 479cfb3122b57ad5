-- Who asks over the network, what they call their requests, and their groups. Means the same in SQLite and PostgreSQL.

-- Keys.

-- name: add_key(id, digest, name, username, team, scopes, created_at, expires_at, email, organization)!
INSERT INTO api_keys (id, digest, name, username, team, scopes, created_at, expires_at, email, organization)
VALUES (
    :id, :digest, :name, :username, :team, :scopes, :created_at, :expires_at, :email, :organization
);

-- name: get_key(id)^
-- A key, its digest, and whether its user is in its team.
SELECT
    id, name, username, team, scopes, created_at, expires_at, revoked_at, last_used_at, email, organization, digest,
    EXISTS (
        SELECT 1 FROM members WHERE members.team = api_keys.team AND members.username = api_keys.username
    )
FROM api_keys WHERE id = :id;

-- name: keys_of(username)
SELECT
    id, name, username, team, scopes, created_at, expires_at, revoked_at, last_used_at, email, organization
FROM api_keys WHERE username = :username ORDER BY created_at, id;

-- name: key_used(id, now, before)!
UPDATE api_keys SET last_used_at = :now
WHERE id = :id AND (last_used_at IS NULL OR last_used_at <= :before OR last_used_at > :now);

-- name: revoke_key(id, now)!
UPDATE api_keys SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL;

-- Requests.

-- name: get_request(team, username, key, since)^
SELECT digest, target, batch FROM request_keys
WHERE team = :team AND username = :username AND key = :key AND at > :since;

-- name: add_request(team, username, key, digest, target, batch, at)!
INSERT INTO request_keys (team, username, key, digest, target, batch, at)
VALUES (:team, :username, :key, :digest, :target, :batch, :at);

-- name: sweep_requests(team, username, until)!
DELETE FROM request_keys WHERE team = :team AND username = :username AND at <= :until;

-- Groups.

-- name: add_group(id, team, username, name, tags, metadata, max_ttl, created_at)!
INSERT INTO job_groups (id, team, username, name, tags, metadata, max_ttl, created_at)
VALUES (:id, :team, :username, :name, :tags, :metadata, :max_ttl, :created_at);

-- name: get_group(team, id)^
SELECT
    id, team, username, name, tags, metadata, max_ttl, created_at, closed_at, cancelled_at, deleted_at
FROM job_groups WHERE id = :id AND team = :team AND deleted_at IS NULL;

-- name: groups_of(team, max_rows, skipped)
-- The newest first.
SELECT
    id, team, username, name, tags, metadata, max_ttl, created_at, closed_at, cancelled_at, deleted_at
FROM job_groups WHERE team = :team AND deleted_at IS NULL
ORDER BY created_at DESC, id DESC LIMIT :max_rows OFFSET :skipped;

-- name: statuses_of_groups(team, max_rows, skipped)
-- How many jobs of each status there are in the groups of such a page.
SELECT group_jobs.group_id, jobs.status, count(*)
FROM group_jobs JOIN jobs ON jobs.number = group_jobs.job
WHERE group_jobs.group_id IN (
    SELECT id FROM job_groups WHERE team = :team AND deleted_at IS NULL
    ORDER BY created_at DESC, id DESC LIMIT :max_rows OFFSET :skipped
)
GROUP BY group_jobs.group_id, jobs.status;

-- name: count_groups(team)$
SELECT count(*) FROM job_groups WHERE team = :team AND deleted_at IS NULL;

-- name: statuses_of_group(id)
SELECT jobs.status, count(*) FROM group_jobs JOIN jobs ON jobs.number = group_jobs.job
WHERE group_jobs.group_id = :id GROUP BY jobs.status;

-- name: of_group(id)
SELECT jobs.id FROM group_jobs JOIN jobs ON jobs.number = group_jobs.job
WHERE group_jobs.group_id = :id ORDER BY group_jobs.job;

-- name: put_into_group(id, target)!
-- A job, or the jobs of a batch.
INSERT INTO group_jobs (group_id, job) SELECT :id, number FROM jobs WHERE id = :target OR batch = :target
ON CONFLICT (group_id, job) DO NOTHING;

-- name: close_group(id, now)!
UPDATE job_groups SET closed_at = coalesce(closed_at, :now) WHERE id = :id;

-- name: cancel_group(id, now)!
UPDATE job_groups SET closed_at = coalesce(closed_at, :now), cancelled_at = coalesce(cancelled_at, :now) WHERE id = :id;

-- name: delete_group(id, now)!
UPDATE job_groups SET deleted_at = :now WHERE id = :id;
