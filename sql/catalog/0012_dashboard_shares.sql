-- Links to dashboards. The JWT of a link is kept nowhere, but it names a row here, and is refused without it.

CREATE TABLE dashboard_shares (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  kind text NOT NULL DEFAULT 'dashboard' CHECK (kind = 'dashboard'),
  owner text NOT NULL DEFAULT '' CHECK (owner = ''),
  dashboard_id text NOT NULL,
  made_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  pipes text NOT NULL,
  fixed_params text NOT NULL,
  FOREIGN KEY (workspace_id, kind, owner, dashboard_id)
    REFERENCES console_documents (workspace_id, kind, owner, id) ON DELETE CASCADE
);
CREATE INDEX dashboard_shares_of ON dashboard_shares (workspace_id, dashboard_id);
COMMENT ON TABLE dashboard_shares IS 'Links to dashboards that work: they go with their dashboard, and with the key that signed them.';
COMMENT ON COLUMN dashboard_shares.id IS 'Stands in the claim jti of the JWT.';
COMMENT ON COLUMN dashboard_shares.kind IS 'With owner only there to be the key of a dashboard.';
COMMENT ON COLUMN dashboard_shares.made_by IS 'Name of the token that made it.';
COMMENT ON COLUMN dashboard_shares.expires_at IS 'exp of the JWT. Rows that are over stay until somebody makes the next link.';
COMMENT ON COLUMN dashboard_shares.pipes IS 'Names of its endpoints when it was made: a JSON array.';
COMMENT ON COLUMN dashboard_shares.fixed_params IS 'JSON as text.';
