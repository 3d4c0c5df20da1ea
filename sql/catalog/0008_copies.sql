-- Copies that run by a schedule: up to when each was looked at, and whether it is paused. Which schedules there are stands in the live
-- maps; a row without a live schedule is removed.

CREATE TABLE copy_schedules (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  pipe_id text NOT NULL,
  schedule text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'paused', 'cancelled')),
  looked_until timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, pipe_id)
);
COMMENT ON TABLE copy_schedules IS 'Copies that run by a schedule. A row without a schedule in the live map is removed.';
COMMENT ON COLUMN copy_schedules.schedule IS 'As deployed when it was looked at: another schedule begins anew.';
COMMENT ON COLUMN copy_schedules.state IS 'cancelled is paused by a cancel.';
COMMENT ON COLUMN copy_schedules.looked_until IS 'Runs that were due by then have been queued, skipped or passed over.';
CREATE INDEX jobs_of_pipe ON jobs (workspace_id, (details ->> 'pipe_id')) WHERE status IN ('waiting', 'working');
