-- Workspaces, branches, tokens and deployments. Forward only: a released file is never edited, its checksum is checked at every start.

CREATE TABLE workspaces (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  main_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  live_deployment integer NOT NULL DEFAULT 0,
  last_deployment integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE workspaces IS 'Workspaces and branches. Each has its own tokens, deployments and ClickHouse database.';
COMMENT ON COLUMN workspaces.main_id IS 'Parent workspace of a branch; null for a main workspace.';
COMMENT ON COLUMN workspaces.live_deployment IS 'Number of the deployment that readers and writers see; 0 is the empty one. Promoting is an update of this cell.';
COMMENT ON COLUMN workspaces.last_deployment IS 'Highest deployment number ever given out; the next one is one more.';
CREATE UNIQUE INDEX workspaces_name ON workspaces (name) WHERE main_id IS NULL;
CREATE UNIQUE INDEX workspaces_branch_name ON workspaces (main_id, name) WHERE main_id IS NOT NULL;

CREATE TABLE tokens (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name text NOT NULL,
  description text NOT NULL,
  origin_type text NOT NULL CHECK (origin_type IN ('C', 'DS', 'P', 'W')),
  origin_resource_id text,
  lookup bytea NOT NULL,
  sealed_value bytea NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT tokens_name UNIQUE (workspace_id, name),
  CONSTRAINT tokens_lookup UNIQUE (lookup)
);
COMMENT ON TABLE tokens IS 'Static tokens. The value itself is never stored in clear.';
COMMENT ON COLUMN tokens.origin_type IS 'Who made it: C by hand, DS or P by a TOKEN line of a datafile, W with the workspace.';
COMMENT ON COLUMN tokens.origin_resource_id IS 'Data source or pipe whose datafile made it, or null.';
COMMENT ON COLUMN tokens.lookup IS 'HMAC-SHA256 of the value under a key derived from the secret key.';
COMMENT ON COLUMN tokens.sealed_value IS 'AES-256-GCM of the value: nonce (12 bytes), tag (16), ciphertext; the token id is authenticated with it.';

CREATE TABLE token_scopes (
  token_id uuid NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  position integer NOT NULL,
  type text NOT NULL,
  resource text,
  filter text,
  fixed_params json,
  PRIMARY KEY (token_id, position)
);
COMMENT ON TABLE token_scopes IS 'Rights of a token, in the order they were given.';
COMMENT ON COLUMN token_scopes.resource IS 'Id of a data source or pipe; null for rights over the whole workspace.';
COMMENT ON COLUMN token_scopes.filter IS 'SQL boolean over the columns of the data source; null: every row.';
COMMENT ON COLUMN token_scopes.fixed_params IS 'Pipe parameters that win over the caller''s; null: none.';

CREATE TABLE deployments (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  number integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('build', 'deploy')),
  status text NOT NULL CHECK (
    status IN ('calculating', 'creating_schema', 'schema_ready', 'data_ready', 'failed', 'deleting', 'deleted')
  ),
  map json NOT NULL,
  plan json NOT NULL,
  feedback json NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, number)
);
COMMENT ON TABLE deployments IS 'Immutable maps from names to definitions, ids and generations. Which one is live stands in workspaces.live_deployment.';
COMMENT ON COLUMN deployments.map IS 'json, not jsonb: the text, its key order and any escaped character come back as they went in.';
COMMENT ON COLUMN deployments.plan IS 'What the deployment changes and what is left to do; the planner''s own document.';
COMMENT ON COLUMN deployments.feedback IS 'Array of {resource, level, message} shown to the deployer.';

CREATE TABLE jobs (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  kind text NOT NULL,
  status text NOT NULL CHECK (status IN ('waiting', 'working', 'done', 'error', 'cancelled')),
  error text,
  details json NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
COMMENT ON TABLE jobs IS 'What callers may poll under /v0/jobs.';
COMMENT ON COLUMN jobs.details IS 'Members of the wire object that depend on the kind.';
CREATE INDEX jobs_newest ON jobs (workspace_id, created_at DESC);
