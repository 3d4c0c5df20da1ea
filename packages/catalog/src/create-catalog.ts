// The catalog on Postgres. Two processes (main and writer) use one database at the same time: what they keep in memory is
// either immutable or at most 1 s old.
import type { Logger } from '@sandpiper/telemetry'

import { awaitDatabase } from './await-database.ts'
import type { Catalog } from './catalog-contract.ts'
import { createCopyStore } from './copy-store.ts'
import { listenForChanges } from './change-feed.ts'
import { openDatabase, type Database, type PostgresConnection } from './database.ts'
import { createDocumentStore } from './document-store.ts'
import { createDeploymentStore } from './deployment-store.ts'
import { createJobQueueStore } from './job-queue-store.ts'
import { createJobStore } from './job-store.ts'
import type { FetchJwks } from './jwt-contract.ts'
import { createJwtVerifier } from './jwt-verifier.ts'
import { findSqlDir, migrate } from './migrate.ts'
import { openSnapshot } from './open-snapshot.ts'
import { createLimitStore } from './limit-store.ts'
import { createRemoteKeys } from './remote-keys.ts'
import { createReplayStore } from './replay-store.ts'
import { createSchemaStore } from './schema-store.ts'
import { SecretKeyError } from './secret-key.ts'
import { createShareStore } from './share-store.ts'
import { signJwt } from './sign-jwt.ts'
import { createKafkaStore } from './kafka-store.ts'
import { createJwtStore, createSigningKeys } from './signing-keys.ts'
import type { TokenMaker } from './token-rows.ts'
import { createTokenSeal, type TokenSeal } from './token-seal.ts'
import { createTokenStore, TOKEN_AGE_MS_MAX } from './token-store.ts'
import { createTagStore } from './tag-store.ts'
import { createVariableStore } from './variable-store.ts'
import { createWorkspaceStore } from './workspace-store.ts'
import { createMissingStore } from './missing-store.ts'
import { createWriterStore } from './writer-store.ts'

/** What a catalog is made of. */
export interface CatalogOptions {
  readonly connection: PostgresConnection
  /** At least 32 bytes: from secretKeyFrom() or parseSecretKey(). */
  readonly secretKey: Buffer
  /** Unix milliseconds. */
  readonly now: () => number
  /** UUIDs, lower case. */
  readonly newId: () => string
  readonly logger: Logger
  /** Folder of the migrations; default: the nearest `sql/catalog` above the running program. */
  readonly sqlDir?: string
  /** `host` in the payload of new tokens; default `local`. */
  readonly tokenHost?: string
  /** Fetches the keys of JWTs from the URL a workspace named; default: such URLs are not followed. */
  readonly fetchJwks?: FetchJwks
  /** Connections of this process, one more listens for changes; default 8. */
  readonly connectionsMax?: number
  /** How long one statement may take. Milliseconds, default 10,000. */
  readonly statementMs?: number
  /** How long to wait for a Postgres that does not answer yet. Milliseconds, default 0. */
  readonly waitMs?: number
}

/**
 * Opens the catalog: migrates it, proves the secret key, and listens for changes by other processes.
 * @throws fault `catalog.unavailable` when Postgres does not answer within `waitMs` and 5 s | MigrationError | SecretKeyError when the
 * catalog was made with another key; nothing was changed then.
 */
export async function createCatalog(options: CatalogOptions): Promise<Catalog> {
  const database = openDatabase(options)
  try {
    await awaitDatabase(database, { waitMs: options.waitMs ?? 0, logger: options.logger })
    await migrate(database, options.sqlDir ?? findSqlDir())
    const seal = createTokenSeal(options.secretKey)
    await proveSecretKey(database, seal)
    return await assemble(database, seal, options)
  } catch (err) {
    await database.close()
    throw err
  }
}

async function assemble(
  database: Database,
  seal: TokenSeal,
  options: CatalogOptions,
): Promise<Catalog> {
  const { now, newId, logger } = options
  const maker: TokenMaker = { seal, now, newId, host: options.tokenHost ?? 'local' }
  const keys = createSigningKeys(database, seal, { now, maxAgeMs: TOKEN_AGE_MS_MAX })
  const { fetchJwks } = options
  const remote = fetchJwks === undefined ? null : createRemoteKeys(fetchJwks, now)
  const jwts = createJwtVerifier({ keys, remote, now })
  const forgetTokens = (): void => {
    tokens.forgetTokens()
    keys.forgetAll()
  }
  const tokens = createTokenStore(database, maker, jwts, forgetTokens)
  const deployments = createDeploymentStore(database, now)
  const variables = createVariableStore(database, { seal, now })
  const forgetAll = (): void => {
    forgetTokens()
    variables.forgetSecrets()
    deployments.forgetLive(null)
  }
  const feed = await listenForChanges(database, logger, (change) => {
    if (change.kind === 'tokens') forgetTokens()
    else if (change.kind === 'variables') variables.forgetSecrets()
    else if (change.kind === 'live') deployments.forgetLive(change.workspaceId)
    else forgetAll()
  })
  const workspaces = createWorkspaceStore(database, maker, forgetAll)
  return {
    ...workspaces,
    ...tokens.store,
    ...createJwtStore(database, now, forgetTokens),
    ...createLimitStore(database, now, forgetTokens),
    async createJwt(workspaceId, jwt) {
      const { value } = await workspaces.workspaceAdminToken(workspaceId)
      return signJwt(workspaceId, value, jwt)
    },
    ...deployments.store,
    ...variables.store,
    ...createTagStore(database, now),
    ...createDocumentStore(database, now, forgetTokens),
    ...createShareStore(database, now, forgetTokens),
    ...createSchemaStore(database),
    ...createCopyStore(database),
    ...createKafkaStore(database),
    ...createJobStore(database),
    ...createJobQueueStore(database),
    ...createReplayStore(database),
    ...createWriterStore(database),
    ...createMissingStore(database),
    connections: () => database.connections(),
    snapshot: () => openSnapshot(database),
    async close() {
      await feed.close()
      await database.close()
    },
  }
}

const CHECK_TEXT = 'sandpiper'
const CHECK_OWNER = 'secret key check'

async function proveSecretKey(database: Database, seal: TokenSeal): Promise<void> {
  await database.rows('INSERT INTO secret_key_check (sealed) VALUES ($1) ON CONFLICT DO NOTHING', [
    seal.seal(CHECK_TEXT, CHECK_OWNER),
  ])
  const [row] = await database.rows<{ sealed: Buffer }>('SELECT sealed FROM secret_key_check')
  try {
    if (row !== undefined && seal.open(row.sealed, CHECK_OWNER) === CHECK_TEXT) return
  } catch {
    // GCM refuses what was sealed with another key: told below.
  }
  throw new SecretKeyError(
    'The secret key is not the one this catalog was made with: its tokens cannot be opened. Put the old key back (SANDPIPER_SECRET_KEY or the file secret.key).',
  )
}
