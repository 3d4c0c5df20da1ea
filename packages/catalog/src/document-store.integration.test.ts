import { randomUUID } from 'node:crypto'

import { Fault } from '@sandpiper/faults'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Catalog } from './catalog-contract.ts'
import {
  DOCUMENT_CONTENT_BYTES_MAX,
  DOCUMENTS_MAX,
  DRAFTS_PER_OWNER_MAX,
  type DocumentKey,
} from './document-contract.ts'
import { startCatalog, type TestCatalog } from './test-catalog.fixture.ts'

let running: TestCatalog
let catalog: Catalog

beforeAll(async () => {
  running = await startCatalog()
  catalog = running.catalog
})
afterAll(() => running.stop())

async function workspaceId(mainId?: string): Promise<string> {
  const name = `w_${randomUUID()}`
  const made = await catalog.createWorkspace(mainId === undefined ? { name } : { name, mainId })
  return made.workspace.id
}

const dashboard = (id: string, workspace: string): DocumentKey => ({
  ...{ workspaceId: workspace, kind: 'dashboard', owner: null, id },
})
const put = (key: DocumentKey, revision: number, content: unknown = { a: 1 }) =>
  catalog.putDocument(key, { revision, name: `name ${key.id}`, content, editedBy: 'somebody' })

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const err: unknown = await promise.catch((cause: unknown) => cause)
  return err instanceof Fault ? err.code : `no fault: ${String(err)}`
}

test('a document is made, read, replaced and removed, with one revision more each time', async () => {
  const key = dashboard('d1', await workspaceId())
  expect(await catalog.findDocument(key)).toBeNull()
  const content = { b: '\u0000\u2028"', a: [1, null] }
  const made = await put(key, 0, content)
  expect(made).toMatchObject({
    kind: 'done',
    document: { id: 'd1', name: 'name d1', revision: 1, editedBy: 'somebody', content },
  })
  expect(await put(key, 1, { c: 3 })).toMatchObject({ kind: 'done', document: { revision: 2 } })
  const found = await catalog.findDocument(key)
  expect(found).toMatchObject({ revision: 2, bytes: 7, content: { c: 3 } })
  const { content: _, ...head } = found ?? { content: null }
  expect(await catalog.listDocuments(key)).toEqual([head])
  expect(await catalog.readDocuments(key)).toEqual([found])
  expect(await catalog.removeDocument(key, 2)).toEqual({ kind: 'done', document: null })
  expect(await catalog.findDocument(key)).toBeNull()
})

test('a change of another revision than the current one changes nothing and names that', async () => {
  const key = dashboard('d1', await workspaceId())
  expect(await put(key, 1)).toEqual({ kind: 'stale', currentRevision: 0 })
  await put(key, 0, { mine: true })
  expect(await put(key, 0)).toEqual({ kind: 'stale', currentRevision: 1 })
  expect(await put(key, 2)).toEqual({ kind: 'stale', currentRevision: 1 })
  expect(await catalog.removeDocument(key, 7)).toEqual({ kind: 'stale', currentRevision: 1 })
  expect(await catalog.findDocument(key)).toMatchObject({ revision: 1, content: { mine: true } })
  expect(await catalog.removeDocument(key, null)).toEqual({ kind: 'done', document: null })
  expect(await catalog.removeDocument(key, null)).toEqual({ kind: 'stale', currentRevision: 0 })
})

test('of many that replace the same revision at once exactly one does', async () => {
  const key = dashboard('d1', await workspaceId())
  await put(key, 0)
  const all = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => put(key, 1, { n })))
  expect(all.filter(({ kind }) => kind === 'done')).toHaveLength(1)
  expect(all.filter(({ kind }) => kind === 'stale')).toHaveLength(5)
  expect(await catalog.findDocument(key)).toMatchObject({ revision: 2 })
})

test('each workspace, branch, kind and owner has documents of its own', async () => {
  const main = await workspaceId()
  const token = await catalog.workspaceAdminToken(main)
  const keys: DocumentKey[] = [
    dashboard('x', main),
    dashboard('x', await workspaceId(main)),
    dashboard('x', await workspaceId()),
    { ...dashboard('x', main), kind: 'query' },
    { ...dashboard('x', main), kind: 'draft', owner: token.record.id },
  ]
  for (const [n, key] of keys.entries())
    expect(await put(key, 0, { n })).toMatchObject({ kind: 'done' })
  for (const [n, key] of keys.entries()) {
    expect(await catalog.findDocument(key)).toMatchObject({ revision: 1, content: { n } })
    expect(await catalog.listDocuments(key)).toHaveLength(1)
  }
  await catalog.removeDocument(keys[0]!, null)
  expect(await catalog.findDocument(keys[1]!)).not.toBeNull()
  await catalog.removeWorkspace(main)
  for (const key of [keys[1]!, keys[3]!, keys[4]!])
    expect(await catalog.findDocument(key)).toBeNull()
})

test('drafts of a token that is gone make room for others', async () => {
  const workspace = await workspaceId()
  const [gone, here] = await Promise.all(
    ['gone', 'here'].map((name) =>
      catalog.createToken({
        ...{ workspaceId: workspace, name, scopes: [] },
        origin: { type: 'C', resourceId: null },
      }),
    ),
  )
  const draft = (owner: string): DocumentKey => ({
    ...{ workspaceId: workspace, kind: 'draft', owner, id: 'a.pipe' },
  })
  const ofGone = draft(gone!.record.id)
  await put(ofGone, 0)
  await catalog.removeToken(workspace, 'gone')
  await put(draft(here!.record.id), 0)
  expect(await catalog.findDocument(ofGone)).toBeNull()
  expect(await catalog.findDocument(draft(here!.record.id))).not.toBeNull()
})

test('documents have bounds in size and number', async () => {
  const workspace = await workspaceId()
  const key = dashboard('big', workspace)
  const text = 'x'.repeat(DOCUMENT_CONTENT_BYTES_MAX - 2)
  expect(await put(key, 0, text)).toMatchObject({ kind: 'done' })
  expect(await faultOf(put(key, 1, `${text}x`))).toBe('request.too_large')
  expect(await faultOf(put(key, 1, 'é'.repeat(text.length / 2 + 1)))).toBe('request.too_large')
  expect(await catalog.findDocument(key)).toMatchObject({ revision: 1 })

  const { record } = await catalog.workspaceAdminToken(workspace)
  const drafts = { workspaceId: workspace, kind: 'draft', owner: record.id } as const
  for (let n = 0; n < DRAFTS_PER_OWNER_MAX; n++) await put({ ...drafts, id: `d${n}` }, 0)
  expect(await faultOf(put({ ...drafts, id: 'more' }, 0))).toBe('request.invalid')
  expect(await put({ ...drafts, id: 'd0' }, 1)).toMatchObject({ kind: 'done' })

  for (let n = 1; n < DOCUMENTS_MAX.dashboard; n++) await put(dashboard(`d${n}`, workspace), 0)
  expect(await faultOf(put(dashboard('more', workspace), 0))).toBe('request.invalid')
})

test('documents of one kind have at most 64 MB together', async () => {
  const workspace = await workspaceId()
  const text = 'x'.repeat(DOCUMENT_CONTENT_BYTES_MAX - 2)
  for (let n = 0; n < 64; n++) await put(dashboard(`d${n}`, workspace), 0, text)
  expect(await faultOf(put(dashboard('more', workspace), 0))).toBe('request.invalid')
  expect(await put({ ...dashboard('x', workspace), kind: 'query' }, 0)).toMatchObject({
    kind: 'done',
  })
})

test('there is none without its workspace', async () => {
  for (const id of [randomUUID(), 'no uuid']) {
    const key = dashboard('x', id)
    expect(await faultOf(put(key, 0))).toBe('resource.missing')
    expect([await catalog.findDocument(key), await catalog.listDocuments(key)]).toEqual([null, []])
    expect(await catalog.removeDocument(key, null)).toEqual({ kind: 'stale', currentRevision: 0 })
  }
})
