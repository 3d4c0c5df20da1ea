import { randomUUID } from 'node:crypto'

import { Fault } from '@sandpiper/faults'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'
import type { JobReport, MissingBatch } from './records.ts'
import { openBeside, startCatalog, type TestCatalog } from './test-catalog.fixture.ts'

let running: TestCatalog
let catalog: Catalog
let database: Database

beforeAll(async () => {
  running = await startCatalog()
  catalog = running.catalog
  database = openBeside(running)
})

afterAll(async () => {
  await database.close()
  await running.stop()
})

const unique = (): string => `w_${randomUUID()}`

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const err: unknown = await promise.catch((cause: unknown) => cause)
  return err instanceof Fault ? err.code : `no fault: ${String(err)}`
}

describe('workspaces and branches', () => {
  test('are born with an admin token that is found by its value', async () => {
    const { workspace, adminToken } = await catalog.createWorkspace({ name: unique() })
    expect(adminToken.record).toMatchObject({
      name: 'workspace admin token',
      workspaceId: workspace.id,
    })
    expect(adminToken.record.scopes.map((scope) => scope.type)).toEqual(['ADMIN'])
    expect(await catalog.workspaceAdminToken(workspace.id)).toEqual(adminToken)
    expect(await catalog.findToken(adminToken.value)).toEqual(adminToken.record)
  })

  test('a taken name is a conflict among its siblings only', async () => {
    const name = unique()
    const { workspace: main } = await catalog.createWorkspace({ name })
    expect(await faultOf(catalog.createWorkspace({ name }))).toBe('request.conflict')
    const branch = await catalog.createWorkspace({ name, mainId: main.id })
    expect(branch.workspace.mainId).toBe(main.id)
    expect(await faultOf(catalog.createWorkspace({ name, mainId: main.id }))).toBe(
      'request.conflict',
    )
  })

  test('of many creations of one name at once exactly one succeeds, and leaves one workspace with one token', async () => {
    const name = unique()
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => catalog.createWorkspace({ name })),
    )
    expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
    const [row] = await database.rows<{ count: string }>(
      'SELECT count(*) AS count FROM workspaces w JOIN tokens t ON t.workspace_id = w.id WHERE w.name = $1',
      [name],
    )
    expect(row?.count).toBe('1')
  })

  test('a branch of nothing is missing', async () => {
    expect(await faultOf(catalog.createWorkspace({ name: 'x', mainId: randomUUID() }))).toBe(
      'resource.missing',
    )
  })

  test('lists tell mains and branches apart', async () => {
    const { workspace: main } = await catalog.createWorkspace({ name: unique() })
    const { workspace: branch } = await catalog.createWorkspace({ name: 'dev', mainId: main.id })
    const mains = await catalog.listWorkspaces()
    expect(mains.map((each) => each.id)).toContain(main.id)
    expect(mains.map((each) => each.id)).not.toContain(branch.id)
    expect(await catalog.listBranches(main.id)).toEqual([branch])
    expect(await catalog.listBranches(branch.id)).toEqual([])
  })

  test.each(['', 'x', "' OR true --", '\0', 'DEADBEEF-0000-0000-0000-000000000000'])(
    'a text that is no id of ours finds nothing (%#)',
    async (id) => {
      expect(await catalog.findWorkspace(id)).toBeNull()
      expect(await catalog.listBranches(id)).toEqual([])
      expect(await catalog.listTokens(id)).toEqual([])
      expect(await catalog.listJobs(id)).toEqual([])
      expect(await catalog.findJob(id, id)).toBeNull()
      expect(await faultOf(catalog.workspaceAdminToken(id))).toBe('resource.missing')
      await expect(catalog.removeWorkspace(id)).resolves.toBeUndefined()
    },
  )
})

describe('removing a workspace', () => {
  test('takes its branches, tokens, deployments, schemas, jobs and writer rows along, and nobody else is touched', async () => {
    const { workspace: main, adminToken } = await catalog.createWorkspace({ name: unique() })
    const branch = await catalog.createWorkspace({ name: 'dev', mainId: main.id })
    const other = await catalog.createWorkspace({ name: unique() })
    for (const id of [main.id, branch.workspace.id, other.workspace.id]) await fill(id)
    await catalog.removeWorkspace(main.id)
    for (const value of [adminToken.value, branch.adminToken.value])
      expect(await catalog.findToken(value)).toBeNull()
    expect(await catalog.findToken(other.adminToken.value)).not.toBeNull()
    expect(await faultOf(catalog.liveMap(main.id))).toBe('resource.missing')
    const ids = [main.id, branch.workspace.id]
    for (const table of ['tokens', 'deployments', 'data_source_schemas', 'jobs']) {
      const rows = await database.rows(`SELECT 1 FROM ${table} WHERE workspace_id = ANY($1)`, [ids])
      expect(rows, table).toEqual([])
    }
    const { progress, openBatches } = await catalog.writerState()
    expect(progress.map((each) => each.dataSourceId)).toEqual([sourceOf(other.workspace.id)])
    expect(openBatches.map((each) => each.dataSourceId)).toEqual([sourceOf(other.workspace.id)])
  })

  async function fill(workspaceId: string): Promise<void> {
    const dataSourceId = sourceOf(workspaceId)
    await catalog.putSchemas([
      { dataSourceId, version: 1, workspaceId, generation: 1, columns: [] },
    ])
    const map = { dataSources: {}, pipes: {}, connections: {} }
    await catalog.createDeployment({ workspaceId, kind: 'build', map, plan: null, feedback: [] })
    await catalog.promote(workspaceId, 1)
    await catalog.liveMap(workspaceId)
    await catalog.putJob(newJob(workspaceId))
    await catalog.confirmBatch({ dataSourceId, toSequence: 1, readFrom: 1 })
    await catalog.beginBatch({ dataSourceId, fromSequence: 2, toSequence: 3, state: null })
  }
})

function sourceOf(workspaceId: string): string {
  return `t_${workspaceId.replaceAll('-', '')}`
}

function newJob(workspaceId: string, changes: Partial<JobReport> = {}): JobReport {
  const time = new Date().toISOString()
  return {
    id: randomUUID(),
    workspaceId,
    kind: 'import',
    status: 'waiting',
    error: null,
    details: { rows: 1 },
    createdAt: time,
    updatedAt: time,
    ...changes,
  }
}

describe('jobs', () => {
  test('are updated by id and listed newest first', async () => {
    const { workspace } = await catalog.createWorkspace({ name: unique() })
    const old = newJob(workspace.id, { createdAt: '2026-01-01T00:00:00.000Z' })
    const fresh = newJob(workspace.id)
    await catalog.putJob(old)
    await catalog.putJob(fresh)
    await catalog.putJob({ ...old, status: 'error', error: 'no' })
    expect(await catalog.findJob(workspace.id, old.id)).toMatchObject({
      status: 'error',
      error: 'no',
    })
    expect((await catalog.listJobs(workspace.id)).map((each) => each.id)).toEqual([
      fresh.id,
      old.id,
    ])
  })

  test('of another workspace are neither found nor changed', async () => {
    const { workspace: mine } = await catalog.createWorkspace({ name: unique() })
    const { workspace: theirs } = await catalog.createWorkspace({ name: unique() })
    const job = newJob(theirs.id)
    await catalog.putJob(job)
    await catalog.putJob({ ...job, workspaceId: mine.id, status: 'cancelled' })
    expect(await catalog.findJob(mine.id, job.id)).toBeNull()
    expect(await catalog.findJob(theirs.id, job.id)).toMatchObject(job)
  })
})

describe('the writer', () => {
  test('finds its open batches and progress again, exact up to 2^53 - 1', async () => {
    const dataSourceId = 't_big'
    const top = Number.MAX_SAFE_INTEGER
    const record = {
      dataSourceId,
      fromSequence: top - 1,
      toSequence: top,
      state: { blocks: ['1'] },
    }
    await catalog.beginBatch(record)
    const other = await running.open()
    expect((await other.writerState()).openBatches).toContainEqual(record)
    await catalog.confirmBatch({ dataSourceId, toSequence: top, readFrom: 10 })
    const state = await other.writerState()
    expect(state.openBatches).not.toContainEqual(record)
    expect(state.progress).toContainEqual({ dataSourceId, loadedUpTo: top })
    expect(state.readFrom).toBe(10)
  })

  test('a late confirmation moves neither progress nor the start back', async () => {
    const dataSourceId = 't_late'
    await catalog.confirmBatch({ dataSourceId, toSequence: 50, readFrom: 20 })
    await catalog.confirmBatch({ dataSourceId, toSequence: 40, readFrom: 15 })
    const state = await catalog.writerState()
    expect(state.readFrom).toBe(20)
    expect(state.progress).toContainEqual({ dataSourceId, loadedUpTo: 50 })
  })

  test('what a view has lacked for too long is forgotten, but for a repair that is under way', async () => {
    const missing = (view: string, fromSequence: number, createdAtMs: number): MissingBatch => ({
      ...{ view, dataSourceId: 't_m', workspaceId: 'w', schemaVersion: 1, details: null },
      ...{ message: 'no', fromSequence, toSequence: fromSequence, createdAtMs },
    })
    const [old, fresh, busy] = [missing('v', 1, 10), missing('v', 2, 20), missing('busy', 3, 10)]
    await catalog.confirmBatch({
      ...{ dataSourceId: 't_m', toSequence: 3, readFrom: 1, missing: [old, fresh, busy] },
    })
    await catalog.beginRepair({ view: 'busy', dataSourceId: 't_m', state: null })
    expect(await catalog.forgetOldMissing(20)).toBe(1)
    expect(await catalog.missingBatches({ view: 'v', dataSourceId: 't_m' }, 9)).toEqual([fresh])
    expect(await catalog.missingBatches({ view: 'busy', dataSourceId: 't_m' }, 9)).toEqual([busy])
  })

  test('confirming one batch leaves later ones and other data sources open', async () => {
    const batch = (
      dataSourceId: string,
      fromSequence: number,
    ): Parameters<Catalog['beginBatch']>[0] => ({
      dataSourceId,
      fromSequence,
      toSequence: fromSequence + 9,
      state: null,
    })
    for (const record of [batch('t_a', 1), batch('t_a', 11), batch('t_b', 1)])
      await catalog.beginBatch(record)
    await catalog.confirmBatch({ dataSourceId: 't_a', toSequence: 10, readFrom: 1 })
    const { openBatches } = await catalog.writerState()
    expect(openBatches).not.toContainEqual(batch('t_a', 1))
    expect(openBatches).toContainEqual(batch('t_a', 11))
    expect(openBatches).toContainEqual(batch('t_b', 1))
  })
})
