// Links to dashboards on a real catalog: a JWT of one is good as long as the link is there.
import { randomUUID } from 'node:crypto'

import { Fault } from '@sandpiper/faults'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import type { Catalog } from './catalog-contract.ts'
import type { DocumentKey } from './document-contract.ts'
import { DASHBOARD_SHARES_MAX } from './share-contract.ts'
import { openBeside, startCatalog, type TestCatalog } from './test-catalog.fixture.ts'

let running: TestCatalog
let catalog: Catalog
let clock = 1_700_000_000_000
let workspaceId: string

beforeAll(async () => {
  running = await startCatalog({ now: () => clock })
  catalog = running.catalog
})
afterAll(() => running.stop())
beforeEach(async () => {
  workspaceId = await workspace()
  await makeDashboard('d1')
})

async function workspace(mainId?: string): Promise<string> {
  const name = `w_${randomUUID()}`
  return (await catalog.createWorkspace({ name, ...(mainId === undefined ? {} : { mainId }) }))
    .workspace.id
}

const dashboard = (id: string): DocumentKey => ({
  ...{ workspaceId, kind: 'dashboard', owner: null, id },
})
const makeDashboard = (id: string) =>
  catalog.putDocument(dashboard(id), { revision: 0, name: id, content: {}, editedBy: 'somebody' })

const link = (dashboardId: string, expiresAt = clock + 600_000) => ({
  ...{ id: randomUUID(), dashboardId, madeBy: 'somebody', pipes: ['kpis'] },
  ...{ fixedParams: { tenant: 'ü\u0000' }, expiresAt: new Date(expiresAt).toISOString() },
})
const jwtOf = (share: string): Promise<string> =>
  catalog.createJwt(workspaceId, {
    ...{ name: 'dashboard:d1', expiresAt: clock / 1_000 + 600, limits: {}, share },
    scopes: [{ type: 'PIPES:READ', resource: 'kpis', filter: null, fixedParams: null }],
  })

/** What its holder hears. */
async function told(jwt: string, by = catalog): Promise<string> {
  const found: unknown = await by.findToken(jwt).catch((err: unknown) => err)
  if (found instanceof Fault) return `${found.status}: ${found.details.public}`
  return (found as { name: string } | null)?.name ?? 'nobody'
}
const ENDED = '403: This link to a dashboard was ended.'

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const err: unknown = await promise.catch((cause: unknown) => cause)
  return err instanceof Fault ? err.code : `no fault: ${String(err)}`
}

test('a JWT is refused before its link is recorded, and works at once afterwards', async () => {
  const share = link('d1')
  const jwt = await jwtOf(share.id)
  expect([await told(jwt), catalog.tokenNow(jwt)]).toEqual([ENDED, undefined])
  await catalog.createShare(workspaceId, share)
  expect(await told(jwt)).toBe('dashboard:d1')
  expect(await catalog.listShares(workspaceId, 'd1')).toEqual([
    { ...share, createdAt: new Date(clock).toISOString() },
  ])
})

test.each<[string, (share: string) => Promise<unknown>]>([
  ['it is ended', (share) => catalog.removeShare(workspaceId, 'd1', share)],
  ['its dashboard is removed', () => catalog.removeDocument(dashboard('d1'), null)],
])('its JWT is refused at once when %s, within a second elsewhere', async (_what, act) => {
  const share = link('d1')
  await catalog.createShare(workspaceId, share)
  const jwt = await jwtOf(share.id)
  const other = await running.open()
  expect([await told(jwt), await told(jwt, other)]).toEqual(['dashboard:d1', 'dashboard:d1'])
  await act(share.id)
  expect([catalog.tokenNow(jwt), await told(jwt)]).toEqual([undefined, ENDED])
  // Whether its notice came or not.
  clock += 1_000
  expect(other.tokenNow(jwt)).toBeUndefined()
  expect(await told(jwt, other)).toBe(ENDED)
  expect(await catalog.listShares(workspaceId, 'd1')).toEqual([])
})

test('a dashboard that is made anew under its old id brings no link back', async () => {
  const share = link('d1')
  await catalog.createShare(workspaceId, share)
  const jwt = await jwtOf(share.id)
  await catalog.removeDocument(dashboard('d1'), null)
  await makeDashboard('d1')
  expect([await told(jwt), await catalog.listShares(workspaceId, 'd1')]).toEqual([ENDED, []])
})

test('other links of the same dashboard go on', async () => {
  const [one, two] = [link('d1'), link('d1')]
  for (const share of [one, two]) await catalog.createShare(workspaceId, share)
  const jwt = await jwtOf(two.id)
  expect(await catalog.removeShare(workspaceId, 'd1', one.id)).toBe(true)
  expect(await catalog.removeShare(workspaceId, 'd1', one.id)).toBe(false)
  expect(await told(jwt)).toBe('dashboard:d1')
  expect((await catalog.listShares(workspaceId, 'd1')).map(({ id }) => id)).toEqual([two.id])
})

test('those of another workspace, branch or dashboard are not there', async () => {
  const share = link('d1')
  await catalog.createShare(workspaceId, share)
  const jwt = await jwtOf(share.id)
  for (const other of [await workspace(), await workspace(workspaceId)]) {
    expect(await catalog.listShares(other, 'd1')).toEqual([])
    expect(await catalog.removeShare(other, 'd1', share.id)).toBe(false)
    // Another's JWT that names it: whoever may sign there.
    const theirs = await catalog.createJwt(other, {
      ...{ name: 'dashboard:d1', expiresAt: clock / 1_000 + 600, limits: {}, share: share.id },
      scopes: [{ type: 'PIPES:READ', resource: 'kpis', filter: null, fixedParams: null }],
    })
    expect(await told(theirs)).toBe(ENDED)
  }
  expect(await catalog.removeShare(workspaceId, 'd2', share.id)).toBe(false)
  for (const none of ["' OR 1=1", '', 'x'])
    expect([
      await catalog.removeShare(none, 'd1', share.id),
      await catalog.removeShare(workspaceId, 'd1', none),
      await catalog.listShares(none, 'd1'),
    ]).toEqual([false, false, []])
  expect(await told(jwt)).toBe('dashboard:d1')
})

test('a new key of the workspace ends them all; another token that is refreshed none', async () => {
  await catalog.createShare(workspaceId, link('d1'))
  const scopes = [{ type: 'ADMIN', resource: null, filter: null, fixedParams: null }] as const
  const origin = { type: 'C', resourceId: null } as const
  await catalog.createToken({ workspaceId, name: 'other', scopes: [...scopes], origin })
  await catalog.refreshToken(workspaceId, 'other')
  expect(await catalog.listShares(workspaceId, 'd1')).toHaveLength(1)
  await catalog.refreshToken(workspaceId, 'workspace admin token')
  expect(await catalog.listShares(workspaceId, 'd1')).toEqual([])
})

test('they are for dashboards that are there, and bounded; those that are over take no place', async () => {
  expect(await codeOf(catalog.createShare(workspaceId, link('nowhere')))).toBe('resource.missing')
  expect(await codeOf(catalog.createShare(randomUUID(), link('d1')))).toBe('resource.missing')
  const beside = openBeside(running)
  await beside.rows(
    `INSERT INTO dashboard_shares (id, workspace_id, dashboard_id, made_by, created_at, expires_at, pipes, fixed_params)
     SELECT gen_random_uuid(), $1, 'd1', 'x', now(), $2, '[]', '{}' FROM generate_series(1, ${DASHBOARD_SHARES_MAX})`,
    [workspaceId, new Date(clock + 1_000)],
  )
  await beside.close()
  expect(await codeOf(catalog.createShare(workspaceId, link('d1')))).toBe('request.invalid')
  clock += 1_000
  expect(await catalog.listShares(workspaceId, 'd1')).toEqual([])
  await catalog.createShare(workspaceId, link('d1'))
  expect(await catalog.listShares(workspaceId, 'd1')).toHaveLength(1)
})
