-- Teams, what they spend, and the rate slots. Means the same in SQLite and PostgreSQL.

-- name: add_team(id, name, created_at, per_job, per_day, per_month, user_per_minute, team_per_day, count_local)!
INSERT INTO teams (id, name, created_at, per_job, per_day, per_month, user_per_minute, team_per_day, count_local)
VALUES (
    :id, :name, :created_at, :per_job, :per_day, :per_month, :user_per_minute, :team_per_day, :count_local
);

-- name: set_limits(id, per_job, per_day, per_month, user_per_minute, team_per_day, count_local)!
-- Does nothing where that is what they are.
UPDATE teams
SET
    per_job = :per_job, per_day = :per_day, per_month = :per_month,
    user_per_minute = :user_per_minute, team_per_day = :team_per_day, count_local = :count_local,
    limits_number = limits_number + 1
WHERE id = :id AND NOT (
    per_job = :per_job AND per_day = :per_day AND per_month = :per_month
    AND user_per_minute = :user_per_minute AND team_per_day = :team_per_day AND count_local = :count_local
);

-- name: has_team(id)$
SELECT 1 FROM teams WHERE id = :id;

-- name: limits_in_force(team)^
-- The number of the row of a team's limits that is in force, and the seal of the one before it.
SELECT teams.limits_number, coalesce(limit_changes.seal, '')
FROM teams
LEFT JOIN limit_changes ON limit_changes.team = teams.id AND limit_changes.number = teams.limits_number - 1
WHERE teams.id = :team;

-- name: last_movement(team)$
-- The number of a team's last movement; nothing where there is none.
SELECT number FROM ledger WHERE team = :team ORDER BY number DESC LIMIT 1;

-- name: slots_of(team)^
-- How many submissions of a team took a rate slot, and when the newest of them was admitted.
SELECT count(*), coalesce(max(admitted_at), 0) FROM jobs WHERE slot = 1 AND team = :team;

-- name: add_limits(team, number, username, at, movement, slots, last_slot, per_job, per_day, per_month, user_per_minute, team_per_day, count_local, seal)!
INSERT INTO limit_changes (
    team, number, username, at, movement, slots, last_slot,
    per_job, per_day, per_month, user_per_minute, team_per_day, count_local, seal
) VALUES (
    :team, :number, :username, :at, :movement, :slots, :last_slot,
    :per_job, :per_day, :per_month, :user_per_minute, :team_per_day, :count_local, :seal
);

-- name: add_member(team, username, role, since)!
INSERT INTO members (team, username, role, since) VALUES (:team, :username, :role, :since);

-- name: choose_team(username, team)!
INSERT INTO users (username, team) VALUES (:username, :team)
ON CONFLICT (username) DO UPDATE SET team = excluded.team;

-- name: team_of(username)^
SELECT
    teams.id, teams.name, teams.created_at,
    teams.per_job, teams.per_day, teams.per_month,
    teams.user_per_minute, teams.team_per_day, teams.count_local
FROM users JOIN teams ON teams.id = users.team
WHERE users.username = :username;

-- name: team_within(username, team)^
-- A team, if the user is in it.
SELECT
    teams.id, teams.name, teams.created_at,
    teams.per_job, teams.per_day, teams.per_month,
    teams.user_per_minute, teams.team_per_day, teams.count_local
FROM members JOIN teams ON teams.id = members.team
WHERE members.username = :username AND members.team = :team;

-- name: role_of(team, username)$
SELECT role FROM members WHERE team = :team AND username = :username;

-- name: standing(team, username, day, first, last, within_minute, user_others, within_day, team_others)^
-- Held and charged on a UTC day, and in a range of days; then when the submission was admitted that leaves room for
-- only so many others between it and a time, of the user and of the team: NULL where there are fewer.
SELECT
    coalesce(sum(CASE WHEN day = :day THEN held ELSE 0 END), 0),
    coalesce(sum(CASE WHEN day = :day THEN charged ELSE 0 END), 0),
    coalesce(sum(held), 0),
    coalesce(sum(charged), 0),
    (
        SELECT admitted_at FROM jobs WHERE slot = 1 AND username = :username AND admitted_at < :within_minute
        ORDER BY admitted_at DESC LIMIT 1 OFFSET :user_others
    ),
    (
        SELECT admitted_at FROM jobs WHERE slot = 1 AND team = :team AND admitted_at < :within_day
        ORDER BY admitted_at DESC LIMIT 1 OFFSET :team_others
    )
FROM spending WHERE team = :team AND day BETWEEN :first AND :last;

-- name: add_spending(team, day, held, charged)!
INSERT INTO spending (team, day, held, charged) VALUES (:team, :day, :held, :charged)
ON CONFLICT (team, day) DO UPDATE
SET held = spending.held + excluded.held, charged = spending.charged + excluded.charged;

-- name: payer_of(job)^
-- The team that pays for a job, when it was admitted (or, where it never was, created), and what is held for it.
SELECT jobs.team, coalesce(jobs.admitted_at, jobs.created_at), coalesce(ledger.amount, 0)
FROM jobs LEFT JOIN ledger ON ledger.job = jobs.number AND ledger.kind = 'hold'
WHERE jobs.number = :job;

-- name: set_cost(number, cost)!
UPDATE jobs SET cost = :cost WHERE number = :number;

-- name: cost_of(number)$
SELECT cost FROM jobs WHERE number = :number;

-- name: movements(id)
-- The movements of one job, oldest first.
SELECT ledger.at, ledger.kind, ledger.amount, ledger.reason
FROM jobs JOIN ledger ON ledger.job = jobs.number
WHERE jobs.id = :id ORDER BY ledger.number;

-- What an audit reads.

-- name: audit_jobs()
-- Per job: id, status, cap, cost, team, when it was admitted or NULL, what its movements leave held, what they
-- charge, how many holds there are, what these set aside, how many movements are of another team, their first and
-- last day.
SELECT
    jobs.id, jobs.status, jobs.cap, jobs.cost, jobs.team, jobs.admitted_at,
    coalesce(sum(CASE WHEN ledger.credit = 'held' THEN ledger.amount WHEN ledger.debit = 'held' THEN -ledger.amount
        ELSE 0 END), 0),
    coalesce(sum(CASE WHEN ledger.credit = 'charged' THEN ledger.amount
        WHEN ledger.debit = 'charged' THEN -ledger.amount ELSE 0 END), 0),
    coalesce(sum(CASE WHEN ledger.kind = 'hold' THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN ledger.kind = 'hold' THEN ledger.amount ELSE 0 END), 0),
    sum(CASE WHEN ledger.number IS NULL OR ledger.team = jobs.team THEN 0 ELSE 1 END),
    min(ledger.day), max(ledger.day)
FROM jobs LEFT JOIN ledger ON ledger.job = jobs.number
WHERE jobs.cap > 0 OR jobs.cost IS NOT NULL OR ledger.number IS NOT NULL
GROUP BY jobs.number, jobs.id, jobs.status, jobs.cap, jobs.cost, jobs.team, jobs.admitted_at;

-- name: audit_sums()
-- Per team and day: what the ledger says is held and charged.
SELECT
    team, day,
    sum(CASE WHEN credit = 'held' THEN amount WHEN debit = 'held' THEN -amount ELSE 0 END),
    sum(CASE WHEN credit = 'charged' THEN amount WHEN debit = 'charged' THEN -amount ELSE 0 END)
FROM ledger GROUP BY team, day;

-- name: audit_spending()
SELECT team, day, held, charged FROM spending;

-- name: audit_movements()
-- Each movement, in order: its number, kind, accounts, team, day and amount, and its job's number, or NULL.
SELECT
    ledger.number, ledger.kind, ledger.debit, ledger.credit, ledger.team, ledger.day, ledger.amount, jobs.number
FROM ledger LEFT JOIN jobs ON jobs.number = ledger.job
ORDER BY ledger.number;

-- name: audit_teams()
-- Each team: its id, the number of the row of its limits that is in force, and what that should say.
SELECT
    id, limits_number, per_job, per_day, per_month, user_per_minute, team_per_day, count_local
FROM teams;

-- name: audit_limits()
SELECT
    team, number, username, at, movement, slots, last_slot,
    per_job, per_day, per_month, user_per_minute, team_per_day, count_local, seal
FROM limit_changes ORDER BY team, number;

-- name: audit_slots()
-- What took a rate slot, in the order of the clock: when it was admitted, its team and its user.
SELECT admitted_at, team, username FROM jobs WHERE slot = 1 AND admitted_at IS NOT NULL ORDER BY admitted_at;

-- Members.

-- name: teams_of(username)
-- The teams of a user, the oldest membership first, and whether each one is chosen.
SELECT teams.id, teams.name, CASE WHEN users.team = teams.id THEN 1 ELSE 0 END
FROM members
JOIN teams ON teams.id = members.team
LEFT JOIN users ON users.username = members.username
WHERE members.username = :username ORDER BY members.since, teams.id;

-- name: members_of(team)
SELECT username, role FROM members WHERE team = :team ORDER BY since, username;

-- name: set_member(team, username, role, since)!
INSERT INTO members (team, username, role, since) VALUES (:team, :username, :role, :since)
ON CONFLICT (team, username) DO UPDATE SET role = excluded.role;

-- name: forget_choice(team, username)!
DELETE FROM users WHERE team = :team AND username = :username;

-- name: remove_member(team, username)!
DELETE FROM members WHERE team = :team AND username = :username;
