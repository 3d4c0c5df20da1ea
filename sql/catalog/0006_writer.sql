-- Who may write the writer's rows, and what failing views still lack.

CREATE TABLE writer_owner (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  owner text NOT NULL
);
COMMENT ON TABLE writer_owner IS 'One row: the writer that runs. One that was replaced and comes back to life can begin and confirm nothing any more.';
INSERT INTO writer_owner (owner) VALUES ('');

CREATE TABLE writer_missing (
  view text NOT NULL,
  data_source_id text NOT NULL,
  from_sequence bigint NOT NULL,
  to_sequence bigint NOT NULL,
  workspace_id text NOT NULL,
  schema_version integer NOT NULL,
  details json NOT NULL,
  message text NOT NULL,
  created_at_ms bigint NOT NULL,
  PRIMARY KEY (view, data_source_id, from_sequence)
);
COMMENT ON TABLE writer_missing IS 'Batches that a failing view could not take; written with the batch''s confirmation, removed when the view has them.';
COMMENT ON COLUMN writer_missing.view IS 'Name of the materialized view in ClickHouse.';
COMMENT ON COLUMN writer_missing.from_sequence IS 'With to_sequence and the data source it names the frames of the event log.';
COMMENT ON COLUMN writer_missing.details IS 'Tables on either side of the view, and the views that its source had got the batch by; the writer''s own document.';
COMMENT ON COLUMN writer_missing.message IS 'What the engine said.';
COMMENT ON COLUMN writer_missing.created_at_ms IS 'Unix milliseconds; the log keeps the frames for some days from then.';
CREATE INDEX writer_missing_newest ON writer_missing (created_at_ms);

CREATE TABLE writer_repairs (
  view text NOT NULL,
  data_source_id text NOT NULL,
  state json NOT NULL,
  PRIMARY KEY (view, data_source_id)
);
COMMENT ON TABLE writer_repairs IS 'Repairs of views that were begun and not ended: in doubt after a crash.';
COMMENT ON COLUMN writer_repairs.state IS 'The attempt, its batches, and block numbers before it; the writer''s own document.';
