// What one process changes holds in all others: at once by a notice of Postgres, and within a second where the notice is lost. Nothing
// here knows of Redis. Each test runs with a clock of the other process that stands still, so that time alone shows nothing.
import { randomUUID } from 'node:crypto'
import { emptyMap } from '@sandpiper/deployment'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'
import { openBeside, startCatalog, type TestCatalog } from './test-catalog.fixture.ts'

const ORIGIN = { type: 'C', resourceId: null } as const
const READ_ALL = [
  { type: 'WORKSPACE:READ_ALL', resource: null, filter: null, fixedParams: null },
] as const

let world: TestCatalog
let beside: Database
let here: Catalog
let there: Catalog
let clockOfThere = 0

beforeAll(async () => {
  clockOfThere = Date.now()
  world = await startCatalog()
  here = world.catalog
  there = await world.open({ now: () => clockOfThere })
  beside = openBeside(world)
})
afterAll(async () => {
  await beside.close()
  await world.stop()
})

interface Change {
  /** What the other process is asked, as each request does; remembered there before the change. */
  readonly ask: () => Promise<unknown>
  readonly make: () => Promise<unknown>
  readonly after: unknown
}

const CHANGES: readonly [string, (workspaceId: string) => Promise<Change>][] = [
  [
    'a token that is removed',
    async (workspaceId) => {
      const { record, value } = await newToken(workspaceId)
      return {
        ask: async () => (await there.findToken(value))?.id ?? null,
        make: () => here.removeToken(workspaceId, record.id),
        after: null,
      }
    },
  ],
  [
    'the old value of a token that is refreshed',
    async (workspaceId) => {
      const { record, value } = await newToken(workspaceId)
      return {
        ask: async () => (await there.findToken(value))?.id ?? null,
        make: () => here.refreshToken(workspaceId, record.id),
        after: null,
      }
    },
  ],
  [
    'a JWT whose key is changed',
    async (workspaceId) => {
      const expiresAt = Math.floor(Date.now() / 1_000) + 3_600
      const scopes = [{ ...READ_ALL[0], type: 'PIPES:READ' as const, resource: 'p' }]
      const jwt = await here.createJwt(workspaceId, { name: 'j', expiresAt, scopes, limits: {} })
      return {
        ask: async () => (await there.findToken(jwt))?.name ?? null,
        make: () => here.refreshToken(workspaceId, 'workspace admin token'),
        after: null,
      }
    },
  ],
  [
    'a limit of the workspace',
    async (workspaceId) => {
      const { value } = await newToken(workspaceId)
      return {
        ask: async () => (await there.findToken(value))?.limits?.workspace.rps ?? null,
        make: () => here.changeWorkspaceLimits(workspaceId, { rps: 7 }),
        after: 7,
      }
    },
  ],
  [
    'a variable',
    async (workspaceId) => {
      const variable = { workspaceId, name: 'v', value: 'old', editedBy: 'x' }
      await here.createVariable(variable)
      return {
        ask: async () => (await there.secretsOf(workspaceId)).get('v'),
        make: () => here.updateVariable({ ...variable, value: 'new' }),
        after: 'new',
      }
    },
  ],
  [
    'a deployment that is promoted',
    async (workspaceId) => {
      const { number } = await here.createDeployment({
        ...{ workspaceId, kind: 'deploy', map: emptyMap(), plan: { steps: [] }, feedback: [] },
      })
      await here.updateDeployment(workspaceId, number, { status: 'data_ready' })
      return {
        ask: async () => (await there.liveMap(workspaceId)).number,
        make: () => here.promote(workspaceId, number),
        after: number,
      }
    },
  ],
]

const newToken = (workspaceId: string) =>
  here.createToken({ workspaceId, name: randomUUID(), scopes: [...READ_ALL], origin: ORIGIN })

async function begin(prepare: (workspaceId: string) => Promise<Change>): Promise<Change> {
  const { workspace } = await here.createWorkspace({ name: `w_${randomUUID()}` })
  const change = await prepare(workspace.id)
  expect(await change.ask()).not.toEqual(change.after)
  return change
}

describe('in another process', () => {
  test.each(CHANGES)('%s holds as soon as the notice is there', async (_, prepare) => {
    const { ask, make, after } = await begin(prepare)
    await make()
    await expect.poll(ask, { timeout: 10_000 }).toEqual(after)
  })

  test.each(CHANGES)('%s holds after a second without any notice', async (_, prepare) => {
    const { ask, make, after } = await begin(prepare)
    // Nobody can listen again before the test is over.
    await beside.rows('ALTER ROLE sandpiper NOLOGIN')
    try {
      await beside.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`,
      )
      const before = await ask()
      await make()
      expect(await ask()).toEqual(before)
      clockOfThere += 1_000
      expect(await ask()).toEqual(after)
    } finally {
      await beside.rows('ALTER ROLE sandpiper LOGIN')
    }
  })
})
