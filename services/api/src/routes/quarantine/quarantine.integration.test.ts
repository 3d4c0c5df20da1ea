import { randomUUID } from 'node:crypto'
import {
  healPreviewSchema,
  quarantineDetailSchema,
  quarantineListSchema,
} from '@sandpiper/contracts'
import { NO_JOBS } from '@sandpiper/queue'
import { causeOf } from '@sandpiper/quarantine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { allRoutes } from '../all-routes.ts'
import { createApiApp } from '../../app.ts'
import { PROJECT, deploy } from '../../../test/deployed-project.ts'
import {
  startDeploymentApi,
  type DeploymentApi,
  type Workspace,
} from '../../../test/start-deployment-api.ts'

let api: DeploymentApi
let workspace: Workspace

const AT = '2026-11-21 10:00:00'

beforeAll(async () => {
  api = await startDeploymentApi()
  workspace = await api.workspace()
  await deploy(workspace, PROJECT)
  await workspace.load('events', [
    ...Array.from({ length: 7 }, (_, n) => ({ at: AT, path: `/${n}`, n: `it's '${n}'` })),
    { at: AT, path: '/', n: -1 },
    { at: 'never', path: '/', n: 'x' },
    { path: '/' },
  ])
})
afterAll(() => api.stop())

async function callAs(
  scopes: Parameters<typeof api.deps.catalog.createToken>[0]['scopes'],
  method: string,
  path: string,
  app = api.app,
): Promise<number> {
  const { value } = await api.deps.catalog.createToken({
    ...{ workspaceId: workspace.id, name: `t${Math.random()}`, scopes },
    origin: { type: 'C', resourceId: null },
  })
  const headers = { Authorization: `Bearer ${value}` }
  return (await app.request(path, { method, headers })).status
}

describe('a quarantine', () => {
  it('is listed with its count, and shown by cause with the values taken out', async () => {
    const list = quarantineListSchema.parse((await workspace.call('GET', '/v1/quarantine')).body)
    expect(list.quarantine).toMatchObject([
      { datasource: { name: 'events' }, rows: 10, breaker: { state: 'closed' } },
    ])
    const shown = quarantineDetailSchema.parse(
      (await workspace.call('GET', '/v1/quarantine/events?samples=1')).body,
    )
    expect(shown.causes.map(({ column, cause, rows }) => [column, cause, rows])).toEqual([
      ['n', "value '…' on column 'n' is not UInt32", 9],
      ['at', "value '…' on column 'at' is not DateTime", 1],
      ['at', "value is missing on column 'at' (DateTime): no $.at, not Nullable, no DEFAULT", 1],
    ])
    expect(shown.causes[0]!.samples).toEqual([
      {
        raw: '{"at":"never","path":"/","n":"x"}',
        error: "value 'x' on column 'n' is not UInt32",
        insertion_date: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    ])
    const one = `/v1/quarantine/events?cause=${shown.causes[1]!.id}`
    expect((await workspace.call('GET', one)).body).toMatchObject({
      rows: 1,
      causes: [{ column: 'at' }],
    })
    const first = await workspace.call('GET', '/v1/quarantine/events?limit=1')
    expect(first.body).toMatchObject({ causes: [{}], has_more: true })
    const none = await workspace.call('GET', '/v1/quarantine/events?to=2020-01-01')
    expect(none.body).toMatchObject({ rows: 0, causes: [] })
  })

  it('has causes that are the same here and in the engine', async () => {
    const rows = await workspace.rows('SELECT arrayJoin(c__error) AS e FROM {events_quarantine}')
    const here = new Set(rows.map(({ e }) => causeOf(String(e))))
    const { body } = await workspace.call('GET', '/v1/quarantine/events')
    expect(new Set((body['causes'] as { cause: string }[]).map(({ cause }) => cause))).toEqual(here)
  })

  it('shows what a mapping recovers, and why the rest stays, and changes nothing', async () => {
    const body = JSON.stringify({ mapping: { n: { path: '$.n', steps: [{ values: { x: 5 } }] } } })
    const answer = await workspace.call('POST', '/v1/quarantine/events/preview', { body })
    const preview = healPreviewSchema.parse(answer.body)
    expect(preview).toMatchObject({ rows: 10, examined: 10, recovered: 0, remaining: 10 })
    const better = JSON.stringify({
      mapping: { n: { constant: 5 }, at: { default: AT } },
    })
    const second = await workspace.call('POST', '/v1/quarantine/events/preview', { body: better })
    expect(second.body).toMatchObject({
      ...{ recovered: 9, remaining: 1 },
      causes: [{ column: 'at', cause: "value '…' on column 'at' is not DateTime", rows: 1 }],
    })
    const { samples } = healPreviewSchema.parse(second.body)
    expect(samples.recovered[0]).toEqual({
      raw: `{"at":"${AT}","path":"/0","n":"it's '0'"}`,
      row: `{"at":"${AT}","path":"/0","n":5}`,
    })
    expect(await workspace.rows('SELECT toString(count()) AS c FROM {events_quarantine}')).toEqual([
      { c: '10' },
    ])
  })

  it('keeps its hidden columns out of SELECT *', async () => {
    const [row] = await workspace.rows('SELECT * FROM {events_quarantine} LIMIT 1')
    expect(Object.keys(row!)).toEqual([
      ...[
        'at',
        'path',
        'n',
        'c__error_column',
        'c__error',
        'c__import_id',
        'insertion_date',
        'c__raw',
      ],
    ])
  })
})

describe('what is wrong', () => {
  it.each([
    ['GET', '/v1/quarantine/nothing', '', 404, /not found/],
    ['GET', '/v1/quarantine/events?limit=1000', '', 400, /limit must be/],
    ['GET', '/v1/quarantine/events?cause=x', '', 400, /not the id of a cause/],
    ['GET', '/v1/quarantine/events?from=yesterday', '', 400, /not a time/],
    ['POST', '/v1/quarantine/events/preview', '{', 400, /not valid JSON/],
    ['POST', '/v1/quarantine/events/preview', '{"mapping":{"x":{}}}', 400, /'x'/],
    ['POST', '/v1/quarantine/events/preview', '{"mapping":{"n":{"path":"$.a[0]"}}}', 400, /\[:\]/],
    ['POST', '/v1/quarantine/events/preview', '{"mapping":{"n":{"steps":["eval"]}}}', 400, /steps/],
    ['POST', '/v1/quarantine/events/preview', '{"code":"1"}', 400, /code/],
    ['POST', '/v1/quarantine/events/replay', '{"mapping":{"n":{"sql":"1"}}}', 400, /sql/],
  ])('%s %s %s is %d and says so', async (method, path, body, status, why) => {
    const answer = await workspace.call(method, path, method === 'POST' ? { body } : {})
    expect(answer.status).toBe(status)
    expect(answer.body['error']).toMatch(why)
  })

  it('is not shown to a token that reads less than the whole data source, nor replayed by one that may not append', async () => {
    const { id } = (await workspace.map()).dataSources['events']!
    const scope = (type: 'DATASOURCES:READ' | 'DATASOURCES:APPEND', filter: string | null = null) =>
      ({ type, resource: id, filter, fixedParams: null }) as const
    const show = '/v1/quarantine/events'
    expect(await callAs([], 'GET', show)).toBe(403)
    expect(await callAs([scope('DATASOURCES:APPEND')], 'GET', show)).toBe(403)
    expect(await callAs([scope('DATASOURCES:READ', 'n = 1')], 'GET', show)).toBe(403)
    expect(await callAs([scope('DATASOURCES:READ')], 'GET', show)).toBe(200)
    expect(await callAs([scope('DATASOURCES:READ')], 'POST', `${show}/preview`)).toBe(200)
    expect(await callAs([scope('DATASOURCES:READ')], 'POST', `${show}/replay`)).toBe(403)
  })

  it('has replays that whoever may start them may stop, and nobody else', async () => {
    const { catalog } = api.deps
    const { id } = (await workspace.map()).dataSources['events']!
    const scope = (type: 'DATASOURCES:READ' | 'DATASOURCES:APPEND' | 'DATASOURCES:DROP') =>
      ({ type, resource: id, filter: null, fixedParams: null }) as const
    const job = randomUUID()
    const at = new Date().toISOString()
    await catalog.addQueuedJob({
      ...{ id: job, workspaceId: workspace.id, kind: 'quarantine_replay', input: {}, at },
      ...{ details: { datasource: { id, name: 'events' } }, waitingMax: 10 },
    })
    const cancel = (workspaceId: string, jobId: string) => catalog.cancelJob(workspaceId, jobId, at)
    const app = createApiApp({ ...api.deps, jobs: { ...NO_JOBS, cancel } }, allRoutes)
    const stop = (...types: Parameters<typeof scope>[0][]): Promise<number> =>
      callAs(types.map(scope), 'POST', `/v0/jobs/${job}/cancel`, app)
    expect(await stop('DATASOURCES:READ')).toBe(403)
    expect(await stop('DATASOURCES:APPEND', 'DATASOURCES:DROP')).toBe(403)
    expect(await catalog.findJob(workspace.id, job)).toMatchObject({ status: 'waiting' })
    expect(await stop('DATASOURCES:READ', 'DATASOURCES:APPEND')).toBe(200)
    expect(await catalog.findJob(workspace.id, job)).toMatchObject({ status: 'cancelled' })
  })
})
