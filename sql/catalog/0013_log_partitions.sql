-- Several writers own different partitions of the event log. The log on disk of the all-in-one is partition 0; Kafka's partition n is n + 1.

ALTER TABLE writer_owner DROP COLUMN only_row;
ALTER TABLE writer_owner ADD COLUMN log_partition integer NOT NULL DEFAULT 0 PRIMARY KEY;
ALTER TABLE writer_owner ADD COLUMN member integer;
COMMENT ON TABLE writer_owner IS 'One row per partition: the writer that runs. One that was replaced and comes back to life can begin and confirm nothing any more.';
COMMENT ON COLUMN writer_owner.member IS 'Which of log_members it is; null in the all-in-one, and while nobody owns the partition.';

ALTER TABLE writer_state DROP COLUMN only_row;
ALTER TABLE writer_state ADD COLUMN log_partition integer NOT NULL DEFAULT 0 PRIMARY KEY;
COMMENT ON TABLE writer_state IS 'One row per partition.';

ALTER TABLE writer_progress DROP CONSTRAINT writer_progress_pkey;
ALTER TABLE writer_progress ADD COLUMN log_partition integer NOT NULL DEFAULT 0;
ALTER TABLE writer_progress ADD PRIMARY KEY (data_source_id, log_partition);

ALTER TABLE writer_batches ADD COLUMN log_partition integer NOT NULL DEFAULT 0;
ALTER TABLE writer_batches ADD COLUMN in_flight_of text;
COMMENT ON COLUMN writer_batches.in_flight_of IS 'The workspace whose tables something of the batch may be on its way to; null: nothing is, or the writer is asked over its link.';
CREATE INDEX writer_batches_in_flight ON writer_batches (in_flight_of) WHERE in_flight_of IS NOT NULL;

ALTER TABLE writer_missing ADD COLUMN log_partition integer NOT NULL DEFAULT 0;

ALTER TABLE writer_repairs ADD COLUMN log_partition integer NOT NULL DEFAULT 0;
ALTER TABLE writer_repairs ADD COLUMN in_flight_of text;
COMMENT ON COLUMN writer_repairs.in_flight_of IS 'As in writer_batches.';

CREATE TABLE workspace_turns (
  workspace_id text PRIMARY KEY,
  turns bigint NOT NULL DEFAULT 0,
  holder text,
  held_until timestamptz
);
COMMENT ON TABLE workspace_turns IS 'Who changes the tables of a workspace, where processes share the catalog: no batch begins meanwhile.';
COMMENT ON COLUMN workspace_turns.turns IS 'Counts up with each begin and end of a change: a writer whose picture of the tables is older begins nothing.';
COMMENT ON COLUMN workspace_turns.held_until IS 'Renewed while it is held; the turn of a process that died ends then.';

CREATE TABLE log_members (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE log_members IS 'Writers that share the partitions. One lives as long as its session holds the advisory lock of its id.';

CREATE TABLE log_keys (
  workspace_id text NOT NULL,
  key_hash bytea NOT NULL,
  body_hash bytea NOT NULL,
  log_partition integer NOT NULL,
  sequence bigint NOT NULL,
  data_source_id text NOT NULL,
  row_count integer NOT NULL,
  refused_count integer NOT NULL,
  arrived_at_ms bigint NOT NULL,
  PRIMARY KEY (workspace_id, key_hash)
);
COMMENT ON TABLE log_keys IS 'Idempotency keys of frames in a log that processes share: the first frame of a key in its partition, as the writer met it.';
CREATE INDEX log_keys_oldest ON log_keys (arrived_at_ms);
