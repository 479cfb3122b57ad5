-- From version 6 to 7: API keys, request keys and groups of jobs.

-- Of the jobs that are not erased, those of a team, newest first.
CREATE INDEX jobs_team ON jobs (team) WHERE erased_at IS NULL;

-- -- who asks over the network, and in which groups -------------------------------------------------------------

-- Keys that stand for a user and a team. Of the key's text only its digest is kept.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY, -- which the text begins with
    digest TEXT NOT NULL, -- SHA-256 of the whole text, in hex
    name TEXT NOT NULL,
    username TEXT NOT NULL,
    team TEXT NOT NULL REFERENCES teams (id),
    scopes TEXT NOT NULL, -- with spaces between
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER, -- to the minute
    email TEXT,
    organization TEXT
) WITHOUT ROWID;
CREATE INDEX api_keys_username ON api_keys (username, created_at);

-- What a submission was called by who sent it, so that the same one sent again is found and not made again.
CREATE TABLE request_keys (
    team TEXT NOT NULL REFERENCES teams (id),
    username TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL, -- of what was asked for
    target TEXT NOT NULL, -- the id of the job, or of the batch
    batch INTEGER NOT NULL CHECK (batch IN (0, 1)), -- 1: of a batch
    at INTEGER NOT NULL,
    PRIMARY KEY (team, username, key)
) WITHOUT ROWID;
CREATE INDEX request_keys_at ON request_keys (team, username, at);

-- Jobs that belong together. What a group's status is follows from these rows and from its jobs.
CREATE TABLE job_groups (
    id TEXT PRIMARY KEY,
    team TEXT NOT NULL REFERENCES teams (id),
    username TEXT NOT NULL,
    name TEXT,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    max_ttl INTEGER CHECK (max_ttl > 0), -- seconds until it closes by itself
    created_at INTEGER NOT NULL,
    closed_at INTEGER, -- by hand
    cancelled_at INTEGER,
    deleted_at INTEGER
) WITHOUT ROWID;
CREATE INDEX job_groups_team ON job_groups (team, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE group_jobs (
    group_id TEXT NOT NULL REFERENCES job_groups (id),
    job INTEGER NOT NULL REFERENCES jobs (number),
    PRIMARY KEY (group_id, job)
) WITHOUT ROWID;
