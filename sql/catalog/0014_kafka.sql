-- Which Kafka data sources were paused or resumed by hand. What there is to read stands in the live maps.

CREATE TABLE kafka_states (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  data_source_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'paused')),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, data_source_id)
);
COMMENT ON TABLE kafka_states IS 'Without a row a data source of a main workspace reads its topic, and one of a branch does not.';
