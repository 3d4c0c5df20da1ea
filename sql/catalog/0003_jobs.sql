-- Jobs that run: the rows decide what is run and what it has come to; the queue only brings tickets. Rows without an input are reports
-- of work that was done at once.

ALTER TABLE jobs
  ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY,
  ADD COLUMN started_at timestamptz,
  ADD COLUMN input json,
  ADD COLUMN attempt integer NOT NULL DEFAULT 0,
  ADD COLUMN not_before timestamptz,
  ADD COLUMN runner uuid,
  ADD COLUMN cancel_requested boolean NOT NULL DEFAULT false,
  ADD COLUMN progress real,
  ADD COLUMN statistics json,
  ADD COLUMN blocks json,
  ADD COLUMN log json;
COMMENT ON COLUMN jobs.position IS 'Order of arrival: jobs of one workspace and kind start in it.';
COMMENT ON COLUMN jobs.started_at IS 'When it was first taken up; null while it never was.';
COMMENT ON COLUMN jobs.input IS 'What to do, checked by the kind''s schema; null when no queue runs it. Never shown to callers.';
COMMENT ON COLUMN jobs.attempt IS 'Raised each time the job goes back to waiting; a ticket for an older attempt is void.';
COMMENT ON COLUMN jobs.not_before IS 'A job that waits for its next attempt is not taken up earlier.';
COMMENT ON COLUMN jobs.runner IS 'Which running process works on it; null unless it is working.';
COMMENT ON COLUMN jobs.cancel_requested IS 'Its runner is to stop it.';
COMMENT ON COLUMN jobs.progress IS 'Per cent; null when the kind does not tell.';
COMMENT ON COLUMN jobs.statistics IS 'Counts of its kind, such as rows and bytes.';
COMMENT ON COLUMN jobs.blocks IS 'Array, newest last, bounded: what was done in which piece.';
COMMENT ON COLUMN jobs.log IS 'Array of lines, newest last, bounded.';
CREATE INDEX jobs_unfinished ON jobs (workspace_id, kind, position) WHERE status IN ('waiting', 'working');
