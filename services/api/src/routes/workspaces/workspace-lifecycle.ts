// A workspace is rows in the catalog and a database in ClickHouse. Here both are made and removed together.
import type { TokenWithValue, Workspace } from '@sandpiper/catalog'
import { databaseName } from '@sandpiper/deployment'

import type { ApiDeps } from '../../api-deps.ts'

/** How long a removal waits for its turn, and for ClickHouse. Milliseconds. */
const TURN_TIMEOUT_MS = 20_000

/**
 * Makes a workspace, or a branch when `mainId` is given, ready to be deployed to.
 * @throws fault `request.conflict` when the name is taken | `engine.unavailable`; nothing is left behind then.
 */
export async function addWorkspace(
  deps: Pick<ApiDeps, 'catalog' | 'clickhouse' | 'logger'>,
  input: { name: string; mainId?: string },
): Promise<{ workspace: Workspace; adminToken: TokenWithValue }> {
  const made = await deps.catalog.createWorkspace(input)
  try {
    await createDatabase(deps, made.workspace.id)
  } catch (err) {
    await deps.catalog.removeWorkspace(made.workspace.id).catch((cause: unknown) => {
      // It stays as an empty workspace; the next start makes its database.
      deps.logger.warn(
        { err: cause, workspaceId: made.workspace.id },
        'cannot take a workspace back',
      )
    })
    throw err
  }
  return made
}

/** Makes the database of a workspace where it is missing. */
export async function createDatabase(
  deps: Pick<ApiDeps, 'clickhouse'>,
  workspaceId: string,
): Promise<void> {
  await deps.clickhouse.command({
    sql: `CREATE DATABASE IF NOT EXISTS ${databaseName(workspaceId)} ENGINE = Atomic`,
  })
}

/**
 * Removes a workspace with its branches, rows and tokens. Each part waits for the writer's turn, so no batch is in flight.
 * @throws fault `server.busy` when no turn comes within 20 s | `engine.unavailable`; what is not removed yet still works, and
 * asking again goes on where it stopped.
 */
export async function dropWorkspace(
  deps: Pick<ApiDeps, 'catalog' | 'clickhouse' | 'log'>,
  workspaceId: string,
): Promise<void> {
  for (const branch of await deps.catalog.listBranches(workspaceId)) await dropOne(deps, branch.id)
  await dropOne(deps, workspaceId)
}

async function dropOne(
  deps: Pick<ApiDeps, 'catalog' | 'clickhouse' | 'log'>,
  workspaceId: string,
): Promise<void> {
  const turn = await deps.log.turn(workspaceId, AbortSignal.timeout(TURN_TIMEOUT_MS))
  try {
    // The database first: were it last, a failure would leave rows that nobody can name any more.
    await deps.clickhouse.command({ sql: `DROP DATABASE IF EXISTS ${databaseName(workspaceId)}` })
    await deps.catalog.removeWorkspace(workspaceId)
  } finally {
    await turn.release()
  }
}
