// A Postgres of somebody else: it restarts, fails over, and is not there yet when we start.
import { randomBytes, randomUUID } from 'node:crypto'
import { Fault } from '@sandpiper/faults'
import { createLogger } from '@sandpiper/telemetry'
import { startReplicatedPostgres, type ReplicatedPostgres } from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Catalog } from './catalog-contract.ts'
import { createCatalog, type CatalogOptions } from './create-catalog.ts'

let postgres: ReplicatedPostgres
let catalog: Catalog
let options: CatalogOptions
let adminToken: string
let workspaceId: string

beforeAll(async () => {
  postgres = await startReplicatedPostgres()
  options = {
    connection: postgres.connection,
    secretKey: randomBytes(32),
    now: Date.now,
    newId: randomUUID,
    logger: createLogger({ service: 'test', level: 'silent' }),
  }
  catalog = await createCatalog({ ...options, connectionsMax: 3 })
  const made = await catalog.createWorkspace({ name: 'w' })
  adminToken = made.adminToken.value
  workspaceId = made.workspace.id
})
afterAll(async () => {
  await catalog.close()
  await postgres.stop()
})

const SOON = { timeout: 15_000 }
const ORIGIN = { type: 'C', resourceId: null } as const

interface Load {
  /** Faults other than the one that becomes 503 with Retry-After, and errors that are no faults. */
  readonly wrong: unknown[]
  readonly names: string[]
  away: number
  /** Ends it. */
  stop(): Promise<void>
}

/** Reads and writes all the time, as requests would. */
function startLoad(): Load {
  const load = { wrong: [] as unknown[], names: [] as string[], away: 0 }
  let isOn = true
  const ask = async (): Promise<void> => {
    const name = `t_${randomUUID()}`
    await catalog.findWorkspace(workspaceId)
    await catalog.createToken({ workspaceId, name, scopes: [], origin: ORIGIN })
    load.names.push(name)
  }
  const worker = async (): Promise<void> => {
    while (isOn) {
      await ask().catch((err: unknown) => {
        const isExpected = err instanceof Fault && err.code === 'catalog.unavailable'
        if (isExpected && err.details.headers?.['Retry-After'] === '1') load.away += 1
        else load.wrong.push(err)
      })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const workers = Array.from({ length: 6 }, worker)
  return {
    ...load,
    get away() {
      return load.away
    },
    async stop() {
      isOn = false
      await Promise.all(workers)
    },
  }
}

const answered = (load: Load): (() => number) => {
  const before = load.names.length
  return () => load.names.length - before
}

async function expectAll(load: Load): Promise<void> {
  await load.stop()
  expect(load.wrong).toEqual([])
  const there = new Set((await catalog.listTokens(workspaceId)).map(({ record }) => record.name))
  expect(load.names.filter((name) => !there.has(name))).toEqual([])
}

test('a Postgres that is killed under load fails requests with a time to try again, and serves them when it is back', async () => {
  const load = startLoad()
  await expect.poll(() => load.names.length, SOON).toBeGreaterThan(5)
  await postgres.kill()
  await expect.poll(() => load.away, SOON).toBeGreaterThan(10)
  await postgres.restart()
  await expect.poll(answered(load), SOON).toBeGreaterThan(5)
  await expectAll(load)
})

test('a start waits for a Postgres that does not answer yet, and says what for when it gives up', async () => {
  await postgres.kill()
  const late = createCatalog({ ...options, waitMs: 20_000 })
  const impatient = createCatalog({ ...options, waitMs: 300 })
  await expect(impatient).rejects.toThrow(
    /^The Postgres of the catalog cannot be used: .+terminated|ECONN|closed/,
  )
  await postgres.restart()
  const opened = await late
  expect(await opened.findToken(adminToken)).toMatchObject({ name: 'workspace admin token' })
  await opened.close()
})

test('what waiting does not mend fails at once, with the words of Postgres', async () => {
  const connection = { ...postgres.connection, database: 'nowhere' }
  await expect(createCatalog({ ...options, connection, waitMs: 60_000 })).rejects.toThrow(
    'The Postgres of the catalog cannot be used: database "nowhere" does not exist.',
  )
})

test('a statement takes no longer than it may', async () => {
  const opened = await createCatalog({ ...options, statementMs: 200 })
  try {
    const locked = postgres.ask('BEGIN; LOCK TABLE workspaces; SELECT pg_sleep(2)')
    const codeOf = (): Promise<unknown> =>
      opened.findWorkspace(workspaceId).then(
        () => 'found',
        (err: unknown) => (err instanceof Fault ? err.code : err),
      )
    await expect.poll(codeOf, { interval: 5 }).toBe('catalog.unavailable')
    await locked
    expect(await codeOf()).toBe('found')
  } finally {
    await opened.close()
  }
})

test('after a failover nothing goes to the old server, though it lives and takes no writes any more', async () => {
  const load = startLoad()
  await expect.poll(() => load.names.length, SOON).toBeGreaterThan(5)
  // As the old primary is while it is fenced: our connections to it stay.
  await postgres.ask('ALTER SYSTEM SET default_transaction_read_only = on')
  await postgres.ask('SELECT pg_reload_conf()')
  await expect.poll(() => load.away, SOON).toBeGreaterThan(0)
  await postgres.failOver()
  await expect.poll(answered(load), SOON).toBeGreaterThan(5)
  await postgres.kill()
  await expect.poll(answered(load), SOON).toBeGreaterThan(5)
  await expectAll(load)
})
