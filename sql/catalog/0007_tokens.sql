-- How JWTs of a workspace may be signed, beside its admin token.

CREATE TABLE jwt_settings (
  workspace_id uuid PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
  jwks_url text,
  lifetime_seconds_max bigint,
  updated_at timestamptz NOT NULL
);
COMMENT ON TABLE jwt_settings IS 'Per workspace; no row means: only the admin token signs, and JWTs may live as long as they say.';
COMMENT ON COLUMN jwt_settings.jwks_url IS 'Where the public keys of an identity provider are fetched from; null for none.';
COMMENT ON COLUMN jwt_settings.lifetime_seconds_max IS 'Longest time a JWT may have left when it is used; null for any.';

CREATE TABLE jwt_keys (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  key_id text NOT NULL,
  algorithm text NOT NULL CHECK (algorithm IN ('RS256', 'ES256', 'EdDSA')),
  public_jwk json NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, key_id)
);
COMMENT ON TABLE jwt_keys IS 'Public keys whose JWTs are accepted for a workspace. Never a private or shared key.';
COMMENT ON COLUMN jwt_keys.key_id IS 'The kid of JWTs: looked up as it is.';
COMMENT ON COLUMN jwt_keys.algorithm IS 'The only one the key is used with, whatever the header of a JWT says.';
