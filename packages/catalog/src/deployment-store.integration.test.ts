import { randomUUID } from 'node:crypto'

import { emptyMap, type DeploymentMap } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'
import type { Deployment, SchemaVersion } from './records.ts'
import { openBeside, startCatalog, type TestCatalog } from './test-catalog.fixture.ts'

let running: TestCatalog
let catalog: Catalog
let database: Database
let clock = 1_700_000_000_000

beforeAll(async () => {
  running = await startCatalog({ now: () => clock })
  catalog = running.catalog
  database = openBeside(running)
})

afterAll(async () => {
  await database.close()
  await running.stop()
})

async function newWorkspace(): Promise<string> {
  return (await catalog.createWorkspace({ name: `w_${randomUUID()}` })).workspace.id
}

function resourceId(): string {
  return `t_${randomUUID().replaceAll('-', '')}`
}

function mapWith(
  name: string,
  id = resourceId(),
  schemaVersion = 1,
  columns = ['a'],
): DeploymentMap {
  const time = '2026-11-21T00:00:00.000Z'
  const file = {
    kind: 'datasource' as const,
    name,
    description: 'NUL \u0000, lone surrogate \ud800, "quotes" and ünïcode',
    columns: columns.map((column) => ({
      name: column,
      type: 'String',
      jsonPath: `$.${column}`,
      default: null,
      codec: null,
    })),
    engine: null,
    indexes: [],
    tokens: [],
    tags: null,
    forwardQuery: null,
    backfill: null,
    sharedWith: [],
    // jsonb would sort these.
    settings: { ZEBRA: '1', A_LONG_NAME: '2', B: '3' },
  }
  return {
    ...emptyMap(),
    dataSources: {
      [name]: { id, generation: 1, schemaVersion, file, createdAt: time, updatedAt: time },
    },
  }
}

function create(workspaceId: string, map: DeploymentMap = emptyMap()): Promise<Deployment> {
  return catalog.createDeployment({
    workspaceId,
    kind: 'deploy',
    map,
    plan: { steps: [] },
    feedback: [],
  })
}

async function goLive(workspaceId: string, map: DeploymentMap = emptyMap()): Promise<Deployment> {
  const deployment = await create(workspaceId, map)
  await catalog.promote(workspaceId, deployment.number)
  return deployment
}

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const err: unknown = await promise.catch((cause: unknown) => cause)
  return err instanceof Fault ? err.code : `no fault: ${String(err)}`
}

describe('creating', () => {
  test('numbers count from 1 and are never given twice, not even after a discard', async () => {
    const workspaceId = await newWorkspace()
    expect((await create(workspaceId)).number).toBe(1)
    await catalog.updateDeployment(workspaceId, 1, { status: 'deleted' })
    expect((await create(workspaceId)).number).toBe(2)
  })

  test('of many at once exactly one begins and the others are a conflict', async () => {
    const workspaceId = await newWorkspace()
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => create(workspaceId)))
    const begun = results.filter((each) => each.status === 'fulfilled')
    expect(begun).toHaveLength(1)
    for (const each of results) {
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({ code: 'request.conflict' })
    }
    expect(await catalog.listDeployments(workspaceId)).toHaveLength(1)
  })

  test('workspaces count apart, also at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, newWorkspace))
    const numbers = await Promise.all(ids.map(async (id) => (await create(id)).number))
    expect(numbers).toEqual([1, 1, 1, 1])
  })

  test.each(['calculating', 'creating_schema', 'schema_ready', 'data_ready', 'deleting'] as const)(
    'a %s deployment beside the live one stands in the way',
    async (status) => {
      const workspaceId = await newWorkspace()
      const first = await create(workspaceId)
      await catalog.updateDeployment(workspaceId, first.number, { status })
      expect(await faultOf(create(workspaceId))).toBe('request.conflict')
    },
  )

  test('failed, deleted and former live deployments do not', async () => {
    const workspaceId = await newWorkspace()
    await goLive(workspaceId)
    await goLive(workspaceId)
    await catalog.updateDeployment(workspaceId, 1, { status: 'deleting' })
    const failed = await create(workspaceId)
    await catalog.updateDeployment(workspaceId, failed.number, { status: 'failed' })
    await expect(create(workspaceId)).resolves.toMatchObject({ number: 4 })
  })

  test('an unknown workspace is missing', async () => {
    expect(await faultOf(create(randomUUID()))).toBe('resource.missing')
  })
})

describe('the map', () => {
  test('comes back as it went in: order of keys, NUL, lone surrogates', async () => {
    const workspaceId = await newWorkspace()
    const map = mapWith('events')
    await goLive(workspaceId, map)
    const other = await running.open()
    const read = await other.liveMap(workspaceId)
    expect(JSON.stringify(read.map)).toBe(JSON.stringify(map))
    expect(JSON.stringify((await other.findDeployment(workspaceId, 1))?.map)).toBe(
      JSON.stringify(map),
    )
  })

  test('is empty and number 0 before the first deployment, and missing without a workspace', async () => {
    expect(await catalog.liveMap(await newWorkspace())).toEqual({ number: 0, map: emptyMap() })
    expect(await faultOf(catalog.liveMap(randomUUID()))).toBe('resource.missing')
    expect(await faultOf(catalog.liveMap("'; DROP TABLE workspaces; --"))).toBe('resource.missing')
  })

  test('of staging is there only while it is ready and not live', async () => {
    const workspaceId = await newWorkspace()
    expect(await catalog.mapOf(workspaceId, 'staging')).toBeNull()
    const { number } = await create(workspaceId, mapWith('events'))
    expect(await catalog.mapOf(workspaceId, 'staging')).toBeNull()
    expect(await catalog.mapOf(workspaceId, number)).toBeNull()
    await catalog.updateDeployment(workspaceId, number, { status: 'data_ready' })
    expect((await catalog.mapOf(workspaceId, 'staging'))?.number).toBe(number)
    expect((await catalog.mapOf(workspaceId, number))?.map.dataSources['events']).toBeDefined()
    await catalog.promote(workspaceId, number)
    expect(await catalog.mapOf(workspaceId, 'staging')).toBeNull()
    expect((await catalog.mapOf(workspaceId, number))?.number).toBe(number)
    expect(await catalog.mapOf(workspaceId, 99)).toBeNull()
  })

  test('of a number belongs to its workspace only', async () => {
    const mine = await newWorkspace()
    await goLive(await newWorkspace(), mapWith('theirs'))
    expect(await catalog.mapOf(mine, 1)).toBeNull()
    expect(await catalog.findDeployment(mine, 1)).toBeNull()
  })
})

describe('promoting', () => {
  test('shows at once here, and stores the schema of every data source', async () => {
    const workspaceId = await newWorkspace()
    const id = resourceId()
    expect((await catalog.liveMap(workspaceId)).number).toBe(0)
    await goLive(workspaceId, mapWith('events', id, 3))
    expect((await catalog.liveMap(workspaceId)).number).toBe(1)
    expect(await catalog.schema(id, 3)).toMatchObject({
      workspaceId,
      generation: 1,
      columns: [{ name: 'a' }],
    })
    expect(await catalog.findDeployment(workspaceId, 1)).toMatchObject({
      live: true,
      status: 'data_ready',
    })
    expect((await catalog.findWorkspace(workspaceId))?.liveDeployment).toBe(1)
  })

  test('is all or nothing: when a schema cannot be stored the old map stays live', async () => {
    const workspaceId = await newWorkspace()
    const id = resourceId()
    await goLive(workspaceId, mapWith('events', id, 1, ['a']))
    const { number } = await create(workspaceId, {
      ...emptyMap(),
      dataSources: {
        ...mapWith('fresh').dataSources,
        ...mapWith('events', id, 1, ['a', 'b']).dataSources,
      },
    })
    await expect(catalog.promote(workspaceId, number)).rejects.toThrow(/written before/)
    expect((await catalog.liveMap(workspaceId)).number).toBe(1)
    expect(await catalog.findDeployment(workspaceId, number)).toMatchObject({
      live: false,
      status: 'calculating',
    })
    const [row] = await database.rows<{ count: string }>(
      'SELECT count(*) AS count FROM data_source_schemas WHERE workspace_id = $1',
      [workspaceId],
    )
    expect(row?.count).toBe('1')
  })

  test.each(['failed', 'deleting', 'deleted'] as const)(
    'refuses a %s deployment',
    async (status) => {
      const workspaceId = await newWorkspace()
      const { number } = await create(workspaceId)
      await catalog.updateDeployment(workspaceId, number, { status })
      expect(await faultOf(catalog.promote(workspaceId, number))).toBe('request.conflict')
      expect((await catalog.liveMap(workspaceId)).number).toBe(0)
    },
  )

  test('refuses a number that does not exist or belongs to another workspace', async () => {
    const workspaceId = await newWorkspace()
    await create(await newWorkspace())
    expect(await faultOf(catalog.promote(workspaceId, 1))).toBe('resource.missing')
  })

  test('is heard by other processes, and without a notice within 1 s', async () => {
    const other = await running.open()
    const [workspaceId, later] = [await newWorkspace(), await newWorkspace()]
    for (const each of [workspaceId, later]) {
      expect((await other.liveMap(each)).number).toBe(0)
      await goLive(each)
    }
    // The clock stands still: only notices can tell, and those of the second come after those of the first.
    await expect.poll(async () => (await other.liveMap(later)).number, { timeout: 10_000 }).toBe(1)
    expect((await other.liveMap(workspaceId)).number).toBe(1)
    await database.rows('UPDATE workspaces SET live_deployment = 0 WHERE id = $1', [workspaceId])
    expect((await other.liveMap(workspaceId)).number).toBe(1)
    clock += 1_000
    expect((await other.liveMap(workspaceId)).number).toBe(0)
  })
})

describe('while the connection that hears notices is broken', () => {
  // The clock stands still: nothing grows old by itself.
  const breakIt = (): Promise<unknown> =>
    database.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`,
    )

  test('a process still sees its own changes at once', async () => {
    const workspaceId = await newWorkspace()
    const { value } = await catalog.createToken({
      workspaceId,
      name: 'x',
      scopes: [],
      origin: { type: 'C', resourceId: null },
    })
    expect((await catalog.liveMap(workspaceId)).number).toBe(0)
    expect(await catalog.findToken(value)).not.toBeNull()
    await breakIt()
    await goLive(workspaceId)
    expect((await catalog.liveMap(workspaceId)).number).toBe(1)
    await catalog.removeToken(workspaceId, 'x')
    expect(await catalog.findToken(value)).toBeNull()
  })

  test('it connects again, forgets what it may have missed, and hears the next notice', async () => {
    const other = await running.open()
    const workspaceId = await newWorkspace()
    expect((await other.liveMap(workspaceId)).number).toBe(0)
    await breakIt()
    await goLive(workspaceId)
    const liveNumber = async (): Promise<number> => (await other.liveMap(workspaceId)).number
    await expect.poll(liveNumber, { timeout: 10_000 }).toBe(1)
    await goLive(workspaceId)
    await expect.poll(liveNumber, { timeout: 10_000 }).toBe(2)
  })
})

describe('lists', () => {
  test('are newest first and hide deleted ones unless asked', async () => {
    const workspaceId = await newWorkspace()
    await goLive(workspaceId)
    await goLive(workspaceId)
    await catalog.updateDeployment(workspaceId, 1, { status: 'deleted' })
    expect((await catalog.listDeployments(workspaceId)).map((each) => each.number)).toEqual([2])
    const all = await catalog.listDeployments(workspaceId, { includeDeleted: true })
    expect(all.map((each) => [each.number, each.live])).toEqual([
      [2, true],
      [1, false],
    ])
  })

  test('of unfinished work hold every cut-off status and no other', async () => {
    const found = new Map<string, string>()
    for (const status of [
      'calculating',
      'creating_schema',
      'schema_ready',
      'data_ready',
      'failed',
      'deleting',
      'deleted',
    ] as const) {
      const workspaceId = await newWorkspace()
      await create(workspaceId)
      await catalog.updateDeployment(workspaceId, 1, { status })
      found.set(workspaceId, status)
    }
    const unfinished = (await catalog.unfinishedDeployments()).filter((each) =>
      found.has(each.workspaceId),
    )
    expect(unfinished.map((each) => each.status).sort()).toEqual([
      'calculating',
      'creating_schema',
      'deleting',
      'schema_ready',
    ])
  })

  test('updating keeps what is not named and refuses what is not there', async () => {
    const workspaceId = await newWorkspace()
    await create(workspaceId)
    const feedback = [{ resource: null, level: 'ERROR' as const, message: 'no' }]
    await catalog.updateDeployment(workspaceId, 1, { feedback })
    expect(await catalog.updateDeployment(workspaceId, 1, { plan: { left: 2 } })).toMatchObject({
      status: 'calculating',
      feedback,
      plan: { left: 2 },
    })
    expect(await faultOf(catalog.updateDeployment(workspaceId, 7, { status: 'failed' }))).toBe(
      'resource.missing',
    )
  })
})

describe('schemas', () => {
  const schema = (workspaceId: string, version: number, column = 'a'): SchemaVersion => ({
    dataSourceId: `t_${workspaceId.replaceAll('-', '')}`,
    version,
    workspaceId,
    generation: 1,
    columns: [{ name: column, type: 'String', jsonPath: null, default: null, codec: null }],
  })

  test('are stored once: again is fine, other columns are a bug and change nothing', async () => {
    const workspaceId = await newWorkspace()
    const first = schema(workspaceId, 1)
    await catalog.putSchemas([first])
    await catalog.putSchemas([first, schema(workspaceId, 2)])
    await expect(
      catalog.putSchemas([schema(workspaceId, 3), schema(workspaceId, 2, 'b')]),
    ).rejects.toThrow(/written before/)
    const other = await running.open()
    expect(await other.schema(first.dataSourceId, 1)).toEqual(first)
    expect(await other.schema(first.dataSourceId, 3)).toBeNull()
    expect(await other.latestSchemaVersion(first.dataSourceId)).toBe(2)
    expect(await other.latestSchemaVersion('t_unknown')).toBe(0)
  })

  test('a version that was not there is found as soon as it is', async () => {
    const workspaceId = await newWorkspace()
    const wanted = schema(workspaceId, 1)
    expect(await catalog.schema(wanted.dataSourceId, 1)).toBeNull()
    const other = await running.open()
    await other.putSchemas([wanted])
    expect(await catalog.schema(wanted.dataSourceId, 1)).toEqual(wanted)
  })
})

test('deployments that have long been gone are forgotten, the live one never', async () => {
  const workspaceId = await newWorkspace()
  const create = () =>
    catalog.createDeployment({
      workspaceId,
      kind: 'deploy',
      map: emptyMap(),
      plan: 0,
      feedback: [],
    })
  for (const status of ['data_ready', 'deleted', 'failed'] as const) {
    const { number } = await create()
    await catalog.updateDeployment(workspaceId, number, { status })
    if (status === 'data_ready') await catalog.promote(workspaceId, number)
  }
  const numbers = async (): Promise<number[]> =>
    (await catalog.listDeployments(workspaceId, { includeDeleted: true })).map(
      (each) => each.number,
    )
  expect(await numbers()).toEqual([3, 2, 1])
  await database.rows('UPDATE workspaces SET last_deployment = 203 WHERE id = $1', [workspaceId])
  await create()
  expect(await numbers()).toEqual([204, 1])
})
