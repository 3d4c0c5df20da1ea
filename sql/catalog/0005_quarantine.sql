-- Replays of quarantined rows: what one was asked to do, how far it has come, and what it is in the middle of.

CREATE TABLE quarantine_replays (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  data_source_id text NOT NULL,
  is_open boolean NOT NULL,
  up_to bigint NOT NULL,
  cursor json,
  chunk json,
  chunks integer NOT NULL DEFAULT 0,
  recovered bigint NOT NULL DEFAULT 0,
  remaining bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE quarantine_replays IS 'One row per replay. Its id is that of its job.';
COMMENT ON COLUMN quarantine_replays.is_open IS 'Something is left to do: at most one replay of a data source is open.';
COMMENT ON COLUMN quarantine_replays.up_to IS 'Unix seconds: rows that are quarantined later are left alone.';
COMMENT ON COLUMN quarantine_replays.cursor IS 'Behind which row the next chunk begins; null at the start.';
COMMENT ON COLUMN quarantine_replays.chunk IS 'Rows that may have been appended to the event log and still stand in the quarantine: their ids and the idempotency key. Null between two chunks.';
COMMENT ON COLUMN quarantine_replays.chunks IS 'How many chunks were begun: part of their keys.';
CREATE UNIQUE INDEX quarantine_replays_open ON quarantine_replays (data_source_id) WHERE is_open;
CREATE INDEX quarantine_replays_workspace ON quarantine_replays (workspace_id);
