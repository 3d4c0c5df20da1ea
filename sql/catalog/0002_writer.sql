-- What frames of the event log were validated against, and how far the writer has come.

CREATE TABLE data_source_schemas (
  data_source_id text NOT NULL,
  version integer NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  generation integer NOT NULL,
  columns json NOT NULL,
  PRIMARY KEY (data_source_id, version)
);
COMMENT ON TABLE data_source_schemas IS 'Written once, never changed: every process caches these rows for ever.';
COMMENT ON COLUMN data_source_schemas.version IS 'Carried by each frame of the event log; counts up from 1 per data source.';
COMMENT ON COLUMN data_source_schemas.generation IS 'With the data source id it names the ClickHouse table.';
CREATE INDEX data_source_schemas_workspace ON data_source_schemas (workspace_id);

CREATE TABLE writer_progress (
  data_source_id text PRIMARY KEY,
  loaded_up_to bigint NOT NULL
);
COMMENT ON TABLE writer_progress IS 'What the writer has confirmed.';
COMMENT ON COLUMN writer_progress.loaded_up_to IS 'Every frame of the data source up to this log sequence is in every target.';

CREATE TABLE writer_batches (
  data_source_id text NOT NULL,
  from_sequence bigint NOT NULL,
  to_sequence bigint NOT NULL,
  state json NOT NULL,
  PRIMARY KEY (data_source_id, from_sequence)
);
COMMENT ON TABLE writer_batches IS 'Batches that were begun and not confirmed: in doubt after a crash.';
COMMENT ON COLUMN writer_batches.state IS 'Spool files and block numbers before the load; the writer''s own document.';

CREATE TABLE writer_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  read_from bigint NOT NULL
);
COMMENT ON TABLE writer_state IS 'One row.';
COMMENT ON COLUMN writer_state.read_from IS 'Log sequence from which the writer reads at its next start.';
INSERT INTO writer_state (read_from) VALUES (1);

CREATE TABLE secret_key_check (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sealed bytea NOT NULL
);
COMMENT ON TABLE secret_key_check IS 'A known text sealed with the secret key this catalog was first opened with; tells a wrong key at start.';
