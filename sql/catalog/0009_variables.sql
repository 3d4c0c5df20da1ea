-- Secrets of a workspace, read by tb_secret().

CREATE TABLE variables (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name text NOT NULL,
  sealed_value bytea NOT NULL,
  edited_by text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, name)
);
COMMENT ON TABLE variables IS 'Secrets of a workspace or branch. A branch begins with a copy of those of its main workspace.';
COMMENT ON COLUMN variables.sealed_value IS 'AES-256-GCM under a key derived from the secret key, bound to workspace and name: a row moved elsewhere does not open.';
COMMENT ON COLUMN variables.edited_by IS 'Name of the token that set the value last.';

CREATE TABLE tags (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name text NOT NULL,
  resources json NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, name)
);
COMMENT ON TABLE tags IS 'Words that clients put on resources to find them again. They decide nothing here.';
COMMENT ON COLUMN tags.resources IS 'A list of {id, name, type}, as the client sent it.';
