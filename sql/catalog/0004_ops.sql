-- The workspace that owns the tables behind the service data sources (tinybird.*).

ALTER TABLE workspaces ADD COLUMN is_system boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN workspaces.is_system IS 'The one workspace of the server itself: in no list, without tokens and deployments, never removed.';

-- No name that a caller may choose has brackets. The id stands in packages/deployment/src/service-data-sources.ts too.
INSERT INTO workspaces (id, name, created_at, is_system)
VALUES ('00000000-0000-4000-8000-000000000001', '(system)', now(), true);
