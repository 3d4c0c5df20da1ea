import { randomUUID } from 'node:crypto'

import { Fault } from '@sandpiper/faults'
import type { Scope } from '@sandpiper/tokens'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Catalog, NewToken } from './catalog-contract.ts'
import type { Database } from './database.ts'
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

const readEvents: Scope = {
  type: 'DATASOURCES:READ',
  resource: `t_${'1'.repeat(32)}`,
  filter: null,
  fixedParams: null,
}
const readPipe: Scope = {
  type: 'PIPES:READ',
  resource: `t_${'2'.repeat(32)}`,
  filter: null,
  fixedParams: { tenant: 'a', __proto__: null },
}
const origin = { type: 'C', resourceId: null } as const

async function newWorkspace(): Promise<string> {
  const { workspace } = await catalog.createWorkspace({ name: `w_${randomUUID()}` })
  return workspace.id
}

function newToken(workspaceId: string, name: string, scopes: Scope[] = [readEvents]): NewToken {
  return { workspaceId, name, scopes, origin }
}

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const err: unknown = await promise.catch((cause: unknown) => cause)
  return err instanceof Fault ? err.code : `no fault: ${String(err)}`
}

describe('finding a token', () => {
  test('gives the record with its scopes in the order they were given', async () => {
    const made = await catalog.createToken(
      newToken(await newWorkspace(), 'reader "one" ü', [readPipe, readEvents]),
    )
    expect(await catalog.findToken(made.value)).toEqual(made.record)
    expect(made.record.scopes.map((scope) => scope.type)).toEqual([
      'PIPES:READ',
      'DATASOURCES:READ',
    ])
  })

  test('finds nothing for a value that differs in its last character, its payload or its prefix', async () => {
    const { value } = await catalog.createToken(newToken(await newWorkspace(), 'x'))
    const [p = '', payload = '', secret = ''] = value.split('.')
    const other = secret.endsWith('A') ? `${secret.slice(0, -1)}E` : `${secret.slice(0, -1)}A`
    const forged = Buffer.from(
      JSON.stringify({ u: randomUUID(), id: randomUUID(), host: 'local' }),
    ).toString('base64url')
    for (const wrong of [
      `${p}.${payload}.${other}`,
      `${p}.${forged}.${secret}`,
      `q.${payload}.${secret}`,
      value.slice(0, -1),
    ]) {
      expect(await catalog.findToken(wrong), wrong).toBeNull()
    }
  })

  test.each(['', 'p..', '\0', "' OR 1=1 --", 'p.' + 'a'.repeat(100_000) + '.' + 'b'.repeat(43)])(
    'finds nothing for a text that is no token (%#)',
    async (text) => {
      expect(await catalog.findToken(text)).toBeNull()
    },
  )
})

describe('at rest', () => {
  test('no table holds a token value, its secret part or its payload in clear', async () => {
    const workspaceId = await newWorkspace()
    const { value } = await catalog.createToken(newToken(workspaceId, 'secret one'))
    const rows = await database.rows<{ text: string; sealed_value: Buffer; lookup: Buffer }>(
      'SELECT t::text AS text, sealed_value, lookup FROM tokens t WHERE workspace_id = $1',
      [workspaceId],
    )
    expect(rows).toHaveLength(2)
    for (const part of value.split('.').slice(1)) {
      for (const row of rows) {
        expect(row.text).not.toContain(part)
        expect(row.sealed_value.includes(part)).toBe(false)
        expect(row.sealed_value.includes(Buffer.from(part, 'base64url'))).toBe(false)
        expect(row.lookup.includes(Buffer.from(part, 'base64url'))).toBe(false)
      }
    }
  })

  test('a sealed value moved to another token does not open', async () => {
    const workspaceId = await newWorkspace()
    const [a, b] = [
      await catalog.createToken(newToken(workspaceId, 'a')),
      await catalog.createToken(newToken(workspaceId, 'b')),
    ]
    await database.rows(
      'UPDATE tokens SET sealed_value = (SELECT sealed_value FROM tokens WHERE id = $1) WHERE id = $2',
      [a.record.id, b.record.id],
    )
    await expect(catalog.findToken(b.value)).rejects.toThrow()
  })
})

describe('changing tokens', () => {
  test('refuses a second token of one name in a workspace, and takes it in another', async () => {
    const workspaceId = await newWorkspace()
    await catalog.createToken(newToken(workspaceId, 'same'))
    expect(await faultOf(catalog.createToken(newToken(workspaceId, 'same')))).toBe(
      'request.conflict',
    )
    await expect(catalog.createToken(newToken(await newWorkspace(), 'same'))).resolves.toBeDefined()
  })

  test('refuses a token for a workspace that does not exist', async () => {
    expect(await faultOf(catalog.createToken(newToken(randomUUID(), 'x')))).toBe('resource.missing')
  })

  test('a removed token is unknown at once, also when it was in the cache', async () => {
    const workspaceId = await newWorkspace()
    const { value } = await catalog.createToken(newToken(workspaceId, 'gone'))
    expect(await catalog.findToken(value)).not.toBeNull()
    expect(await catalog.removeToken(workspaceId, 'gone')).toBe(true)
    expect(await catalog.findToken(value)).toBeNull()
    expect(await catalog.removeToken(workspaceId, 'gone')).toBe(false)
  })

  test('never touches a token of another workspace, by id or name', async () => {
    const mine = await newWorkspace()
    const theirs = await catalog.createToken(newToken(await newWorkspace(), 'theirs'))
    for (const key of [theirs.record.id, 'theirs']) {
      expect(await catalog.removeToken(mine, key)).toBe(false)
      expect(await catalog.refreshToken(mine, key)).toBeNull()
      expect(await catalog.updateToken(mine, key, { scopes: [] })).toBeNull()
    }
    expect(await catalog.findToken(theirs.value)).toEqual(theirs.record)
  })

  test('refreshing gives a new value to the same token and ends the old one', async () => {
    const workspaceId = await newWorkspace()
    const old = await catalog.createToken(newToken(workspaceId, 'turned'))
    const fresh = await catalog.refreshToken(workspaceId, old.record.id)
    expect(fresh?.record).toEqual(old.record)
    expect(await catalog.findToken(old.value)).toBeNull()
    expect(await catalog.findToken(fresh?.value ?? '')).toEqual(old.record)
    expect((await catalog.listTokens(workspaceId)).map((each) => each.value)).toContain(
      fresh?.value,
    )
  })

  test('updating changes scopes and description but not the value', async () => {
    const workspaceId = await newWorkspace()
    const made = await catalog.createToken(newToken(workspaceId, 'u'))
    const changed = await catalog.updateToken(workspaceId, 'u', {
      scopes: [readPipe],
      description: 'new',
    })
    expect(changed?.value).toBe(made.value)
    expect(await catalog.findToken(made.value)).toMatchObject({
      scopes: [{ type: 'PIPES:READ' }],
      description: 'new',
    })
  })
})

describe('datafile tokens', () => {
  const line = (name: string, scopes: Scope[] = [readEvents]): Omit<NewToken, 'workspaceId'> => ({
    name,
    scopes,
    origin: { type: 'DS', resourceId: readEvents.resource },
  })

  test('become exactly what is wanted; kept names keep their value', async () => {
    const workspaceId = await newWorkspace()
    await catalog.createToken(newToken(workspaceId, 'by hand'))
    await catalog.replaceDatafileTokens(workspaceId, [line('kept'), line('dropped')])
    const before = await catalog.listTokens(workspaceId)
    const kept = before.find((each) => each.record.name === 'kept')
    await catalog.replaceDatafileTokens(workspaceId, [
      line('kept', [readEvents, readPipe]),
      line('added'),
    ])
    const after = await catalog.listTokens(workspaceId)
    expect(after.map((each) => each.record.name).sort()).toEqual([
      'added',
      'by hand',
      'kept',
      'workspace admin token',
    ])
    expect(after.find((each) => each.record.name === 'kept')?.value).toBe(kept?.value)
    expect((await catalog.findToken(kept?.value ?? ''))?.scopes).toHaveLength(2)
  })

  test.each(['by hand', 'workspace admin token'])(
    'cannot take over "%s", and then nothing of the change is done',
    async (name) => {
      const workspaceId = await newWorkspace()
      const hand = await catalog.createToken(newToken(workspaceId, 'by hand'))
      await catalog.replaceDatafileTokens(workspaceId, [line('kept')])
      expect(
        await faultOf(catalog.replaceDatafileTokens(workspaceId, [line('added'), line(name)])),
      ).toBe('request.conflict')
      const names = (await catalog.listTokens(workspaceId)).map((each) => each.record.name).sort()
      expect(names).toEqual(['by hand', 'kept', 'workspace admin token'])
      expect(await catalog.findToken(hand.value)).toEqual(hand.record)
    },
  )
})

describe('two processes', () => {
  test('hear of each other by a notice, long before the second is over', async () => {
    // The clock stands still here: only the notice can empty the cache of the other.
    const other = await running.open()
    const workspaceId = await newWorkspace()
    const { value } = await catalog.createToken(newToken(workspaceId, 'shared'))
    expect(await other.findToken(value)).not.toBeNull()
    await catalog.removeToken(workspaceId, 'shared')
    await expect.poll(() => other.findToken(value), { timeout: 10_000 }).toBeNull()
  })

  test('nothing is older than 1 s, even when no notice comes', async () => {
    const workspaceId = await newWorkspace()
    const { record, value } = await catalog.createToken(newToken(workspaceId, 'silent'))
    // Opened after the last change: no notice is on its way to it.
    const other = await running.open()
    expect(await other.findToken(value)).not.toBeNull()
    // Written past the catalog: nobody is told.
    await database.rows('DELETE FROM tokens WHERE id = $1', [record.id])
    expect(await other.findToken(value)).not.toBeNull()
    clock += 999
    expect(await other.findToken(value)).not.toBeNull()
    clock += 1
    expect(await other.findToken(value)).toBeNull()
  })
})
