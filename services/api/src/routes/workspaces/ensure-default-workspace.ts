// What a fresh installation needs before anybody can log in: a workspace, and the tokens that rule the server.
import type { Catalog, TokenWithValue, Workspace } from '@sandpiper/catalog'
import { ensureEmptyDatabase, type ClickHouse } from '@sandpiper/clickhouse'
import { databaseName } from '@sandpiper/deployment'
import type { Scope, ScopeType } from '@sandpiper/tokens'

import { createDatabase } from './workspace-lifecycle.ts'

/** The workspace everybody has who made none. */
export interface DefaultWorkspace {
  readonly workspace: Workspace
  /** Makes and removes workspaces. */
  readonly userToken: string
  /** Sees all workspaces. */
  readonly adminToken: string
  /** Rules the default workspace only: the one to put into a project. */
  readonly workspaceAdminToken: string
}

/** Name of the workspace that the first start makes. */
const DEFAULT_WORKSPACE = 'sandpiper_local'

const SERVER_TOKENS = {
  'user token': ['ADMIN_USER'],
  'admin token': ['ADMIN', 'ADMIN_USER'],
} as const satisfies Record<string, readonly ScopeType[]>

/**
 * Makes the default workspace with its tokens, and every database that is missing. Call once at start, before serving;
 * a start that was cut off is completed by the next.
 * @throws fault `catalog.unavailable` | `engine.unavailable`.
 */
export async function ensureDefaultWorkspace(deps: {
  readonly catalog: Catalog
  readonly clickhouse: ClickHouse
}): Promise<DefaultWorkspace> {
  const { catalog } = deps
  const workspace =
    (await findDefault(catalog)) ??
    (await catalog.createWorkspace({ name: DEFAULT_WORKSPACE })).workspace
  const existing = new Set(
    (await catalog.listTokens(workspace.id)).map((token) => token.record.name),
  )
  for (const [name, types] of Object.entries(SERVER_TOKENS)) {
    if (existing.has(name)) continue
    const origin = { type: 'W', resourceId: null } as const
    await catalog.createToken({
      workspaceId: workspace.id,
      name,
      scopes: types.map(toScope),
      origin,
    })
  }
  await ensureDatabases(deps)
  const found = await findDefaultWorkspace(catalog)
  if (found === null) throw new Error('the default workspace vanished while it was made')
  return found
}

/** The default workspace and its tokens; null before ensureDefaultWorkspace() ran. */
export async function findDefaultWorkspace(catalog: Catalog): Promise<DefaultWorkspace | null> {
  const workspace = await findDefault(catalog)
  if (workspace === null) return null
  const tokens = await catalog.listTokens(workspace.id)
  const userToken = valueOf(tokens, 'user token')
  const adminToken = valueOf(tokens, 'admin token')
  if (userToken === undefined || adminToken === undefined) return null
  const workspaceAdminToken = (await catalog.workspaceAdminToken(workspace.id)).value
  return { workspace, userToken, adminToken, workspaceAdminToken }
}

async function findDefault(catalog: Catalog): Promise<Workspace | null> {
  const workspaces = await catalog.listWorkspaces()
  return workspaces.find((each) => each.name === DEFAULT_WORKSPACE) ?? null
}

/** A crash between catalog and ClickHouse, or a lost engine folder, leaves workspaces without a database. */
async function ensureDatabases(deps: {
  readonly catalog: Catalog
  readonly clickhouse: ClickHouse
}): Promise<void> {
  // Every statement is judged with it as its default database, those of the first deployment included.
  await ensureEmptyDatabase(deps.clickhouse)
  const rows = await deps.clickhouse.rows<{ name: string }>({
    sql: 'SELECT name FROM system.databases',
  })
  const existing = new Set(rows.map((row) => row.name))
  for (const main of await deps.catalog.listWorkspaces()) {
    const branches = await deps.catalog.listBranches(main.id)
    for (const { id } of [main, ...branches]) {
      if (!existing.has(databaseName(id))) await createDatabase(deps, id)
    }
  }
}

function valueOf(tokens: readonly TokenWithValue[], name: string): string | undefined {
  return tokens.find(({ record }) => record.name === name && record.origin.type === 'W')?.value
}

function toScope(type: ScopeType): Scope {
  return { type, resource: null, filter: null, fixedParams: null }
}
