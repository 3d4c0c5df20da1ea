-- What queries of a workspace, or of one token, may take: each at most what the server allows.

CREATE TABLE workspace_limits (
  workspace_id uuid PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
  limits json NOT NULL,
  updated_at timestamptz NOT NULL
);
COMMENT ON TABLE workspace_limits IS 'The plan of a main workspace, which holds for its branches too; no row means: the limits of the server.';
COMMENT ON COLUMN workspace_limits.limits IS 'Whole numbers by the name of the limit, such as {"max_memory_usage": 1000000000}.';

ALTER TABLE tokens ADD COLUMN limits json;
COMMENT ON COLUMN tokens.limits IS 'Limits of this token, as of workspace_limits; null for none of its own.';
