-- Processes that run jobs beside each other: each says again and again that it lives, on the clock of Postgres. Jobs of one that has been silent
-- for too long are given to others. A process that runs jobs alone has no row: at its start nobody else can be at work.

CREATE TABLE job_runners (
  runner uuid PRIMARY KEY,
  seen_at timestamptz NOT NULL
);
COMMENT ON TABLE job_runners IS 'Processes that run jobs beside others.';
COMMENT ON COLUMN job_runners.runner IS 'As in jobs.runner.';
COMMENT ON COLUMN job_runners.seen_at IS 'When it last said that it lives.';
