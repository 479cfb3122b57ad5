-- From version 6 to 7: API keys, request keys and groups of jobs.

-- Of the jobs that are not erased, those of a team, newest first.
CREATE INDEX jobs_team ON jobs (team, number) WHERE erased_at IS NULL;

-- -- who asks over the network, and in which groups -------------------------------------------------------------

-- Keys that stand for a user and a team. Of the key's text only its digest is kept.
CREATE TABLE api_keys (
    id TEXT COLLATE "C" PRIMARY KEY, -- which the text begins with
    digest TEXT NOT NULL, -- SHA-256 of the whole text, in hex
    name TEXT NOT NULL,
    username TEXT COLLATE "C" NOT NULL,
    team TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    scopes TEXT NOT NULL, -- with spaces between
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT, -- to the minute
    email TEXT,
    organization TEXT
);
CREATE INDEX api_keys_username ON api_keys (username, created_at);

-- What a submission was called by who sent it, so that the same one sent again is found and not made again.
CREATE TABLE request_keys (
    team TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    username TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    digest TEXT NOT NULL, -- of what was asked for
    target TEXT COLLATE "C" NOT NULL, -- the id of the job, or of the batch
    batch INTEGER NOT NULL CHECK (batch IN (0, 1)), -- 1: of a batch
    at BIGINT NOT NULL,
    PRIMARY KEY (team, username, key)
);
CREATE INDEX request_keys_at ON request_keys (team, username, at);

-- Jobs that belong together. What a group's status is follows from these rows and from its jobs.
CREATE TABLE job_groups (
    id TEXT COLLATE "C" PRIMARY KEY,
    team TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    username TEXT NOT NULL,
    name TEXT,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    max_ttl INTEGER CHECK (max_ttl > 0), -- seconds until it closes by itself
    created_at BIGINT NOT NULL,
    closed_at BIGINT, -- by hand
    cancelled_at BIGINT,
    deleted_at BIGINT
);
CREATE INDEX job_groups_team ON job_groups (team, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE group_jobs (
    group_id TEXT COLLATE "C" NOT NULL REFERENCES job_groups (id),
    job BIGINT NOT NULL REFERENCES jobs (number),
    PRIMARY KEY (group_id, job)
);
