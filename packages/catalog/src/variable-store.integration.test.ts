import { randomUUID } from 'node:crypto'

import { Fault } from '@sandpiper/faults'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Catalog } from './catalog-contract.ts'
import type { Database } from './database.ts'
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

async function workspaceId(mainId?: string): Promise<string> {
  const name = `w_${randomUUID()}`
  const made = await catalog.createWorkspace(mainId === undefined ? { name } : { name, mainId })
  return made.workspace.id
}

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const err: unknown = await promise.catch((cause: unknown) => cause)
  return err instanceof Fault ? err.code : `no fault: ${String(err)}`
}

const set = (id: string, name: string, value: string) =>
  catalog.createVariable({ workspaceId: id, name, value, editedBy: 'a token' })

describe('a variable', () => {
  test('is listed without its value, which only secretsOf gives', async () => {
    const id = await workspaceId()
    const made = await set(id, 'b', 'value b')
    expect(made).toMatchObject({ name: 'b', editedBy: 'a token' })
    await set(id, 'a', '')
    const list = await catalog.listVariables(id)
    expect(list.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(JSON.stringify(list)).not.toContain('value b')
    expect([...(await catalog.secretsOf(id))]).toEqual([
      ['a', ''],
      ['b', 'value b'],
    ])
  })

  test('that is changed or removed is so at once, for who had read it before', async () => {
    const id = await workspaceId()
    await set(id, 'x', 'old')
    expect((await catalog.secretsOf(id)).get('x')).toBe('old')
    const changed = { workspaceId: id, name: 'x', value: 'new', editedBy: 'another' }
    expect(await catalog.updateVariable(changed)).toMatchObject({ editedBy: 'another' })
    expect((await catalog.secretsOf(id)).get('x')).toBe('new')
    expect(await catalog.removeVariable(id, 'x')).toBe(true)
    expect((await catalog.secretsOf(id)).size).toBe(0)
    expect(await catalog.removeVariable(id, 'x')).toBe(false)
    expect(await catalog.updateVariable(changed)).toBeNull()
  })

  test('of a name that is taken is a conflict, and the value stays', async () => {
    const id = await workspaceId()
    await set(id, 'x', 'first')
    expect(await faultOf(set(id, 'x', 'second'))).toBe('request.conflict')
    expect((await catalog.secretsOf(id)).get('x')).toBe('first')
  })

  test('beyond the hundredth is refused, also when many come at once', async () => {
    const id = await workspaceId()
    const made = await Promise.allSettled(
      Array.from({ length: 104 }, (_, n) => set(id, `v${n}`, 'x')),
    )
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(100)
    expect(await faultOf(set(id, 'more', 'x'))).toBe('request.invalid')
    expect(await faultOf(set(id, 'v0', 'x'))).toMatch(/^request\./)
  })

  test('of a workspace is not one of another; a workspace that is not there has none', async () => {
    const [one, other] = [await workspaceId(), await workspaceId()]
    await set(one, 'x', 'mine')
    expect((await catalog.secretsOf(other)).size).toBe(0)
    expect(await catalog.removeVariable(other, 'x')).toBe(false)
    for (const id of [randomUUID(), 'x'])
      expect(await faultOf(set(id, 'x', 'x')), id).toBe('resource.missing')
    expect((await catalog.secretsOf('x')).size).toBe(0)
  })
})

describe('a branch', () => {
  test('begins with the variables of its main workspace, and both then go their own way', async () => {
    const main = await workspaceId()
    await set(main, 'x', 'of main')
    const branch = await workspaceId(main)
    expect((await catalog.secretsOf(branch)).get('x')).toBe('of main')
    const change = (id: string, value: string) =>
      catalog.updateVariable({ workspaceId: id, name: 'x', value, editedBy: 'a token' })
    await change(branch, 'of the branch')
    expect((await catalog.secretsOf(main)).get('x')).toBe('of main')
    await change(main, 'changed')
    expect((await catalog.secretsOf(branch)).get('x')).toBe('of the branch')
  })
})

describe('attack 45: at rest', () => {
  test('no value can be read from the table', async () => {
    const id = await workspaceId()
    await set(id, 'x', 'a value nobody may read')
    const rows = await database.rows<{ text: string }>(
      `SELECT encode(sealed_value, 'escape') AS text FROM variables WHERE workspace_id = $1`,
      [id],
    )
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain('nobody')
  })

  test('a row that somebody moved to another workspace or name opens nothing', async () => {
    const [victim, thief] = [await workspaceId(), await workspaceId()]
    await set(victim, 'x', 'mine')
    await set(thief, 'x', 'theirs')
    await database.rows(
      `UPDATE variables SET sealed_value = (SELECT sealed_value FROM variables WHERE workspace_id = $1)
       WHERE workspace_id = $2`,
      [victim, thief],
    )
    await expect(catalog.secretsOf(thief)).rejects.toThrow()
    await database.rows(`UPDATE variables SET name = 'y' WHERE workspace_id = $1`, [victim])
    await expect(catalog.secretsOf(victim)).rejects.toThrow()
  })

  test('goes with its workspace', async () => {
    const id = await workspaceId()
    await set(id, 'x', 'mine')
    await catalog.removeWorkspace(id)
    expect(
      await database.rows('SELECT 1 FROM variables WHERE workspace_id = $1', [id]),
    ).toHaveLength(0)
  })
})
