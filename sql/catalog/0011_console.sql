-- What people make in the console and others open: drafts of datafiles, saved queries, dashboards.

CREATE TABLE console_documents (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('draft', 'query', 'dashboard')),
  owner text NOT NULL,
  id text NOT NULL,
  name text NOT NULL,
  revision integer NOT NULL,
  bytes integer NOT NULL,
  edited_by text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  content text NOT NULL,
  PRIMARY KEY (workspace_id, kind, owner, id)
);
COMMENT ON TABLE console_documents IS 'Documents of the console, per workspace and branch. No row here changes what is live.';
COMMENT ON COLUMN console_documents.owner IS 'Id of the token whose draft it is; empty for what all admins of the workspace share. No foreign key: it is empty for most.';
COMMENT ON COLUMN console_documents.revision IS 'From 1, one more with each change: whoever replaces a document names the one it read.';
COMMENT ON COLUMN console_documents.bytes IS 'Of the content, in UTF-8.';
COMMENT ON COLUMN console_documents.content IS 'JSON as text: key order and any escaped character come back as they went in.';
