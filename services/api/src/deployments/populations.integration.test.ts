// The boundary of a population: each row that the source holds comes from the fill, each later one by the view.
import { randomUUID } from 'node:crypto'

import type { PopulationInput, PopulationRequest } from '@sandpiper/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  deploy,
  edited,
  events,
  PROJECT,
  stream,
  type Project,
} from '../../test/deployed-project.ts'
import {
  startDeploymentApi,
  type DeploymentApi,
  type Workspace,
} from '../../test/start-deployment-api.ts'
import { createDeployer } from './deployer.ts'

let api: DeploymentApi

beforeAll(async () => {
  api = await startDeploymentApi()
})
afterAll(() => api.stop())

/** Days by materialization, and what is computed from the days. */
const CHAIN: Project = {
  ...PROJECT,
  'all.datasource': `SCHEMA >
    one UInt8,
    hits AggregateFunction(sum, UInt64)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY one
`,
  'to_all.pipe': `NODE all
SQL >
    SELECT 1 AS one, sumMergeState(hits) AS hits FROM daily GROUP BY one

TYPE materialized
DATASOURCE all
`,
}

async function request(
  workspace: Workspace,
  change: Partial<PopulationInput> = {},
): Promise<PopulationRequest> {
  const { pipes, dataSources } = await workspace.map()
  return {
    ...{ workspaceId: workspace.id, jobId: randomUUID() },
    ...{ pipeId: pipes['to_daily']!.id, pipeName: 'to_daily', nodeName: 'days' },
    ...{ dataSourceId: dataSources['daily']!.id, dataSourceName: 'daily' },
    ...{ truncate: true, condition: null, subset: null },
    ...change,
  }
}

function populate(
  asked: PopulationRequest,
  signal = AbortSignal.timeout(60_000),
): Promise<unknown> {
  return api.deployer.populations.run(asked, signal, () => undefined)
}

/** Sum of n in the rows, in the days and in all. */
async function sums(workspace: Workspace): Promise<string[]> {
  const sum = async (sql: string): Promise<string> =>
    String((await workspace.rows(`SELECT toString(${sql}`))[0]?.['s'])
  return [
    await sum('sum(n)) AS s FROM {events}'),
    await sum('sumMerge(hits)) AS s FROM {daily}'),
    await sum('sumMerge(hits)) AS s FROM {all}'),
  ]
}

async function deployed(): Promise<Workspace> {
  const workspace = await api.workspace()
  await deploy(workspace, CHAIN)
  return workspace
}

describe('a population that truncates', () => {
  it('makes the target, and what is behind it, what the query over the source gives, however often, while events arrive', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(100))
    // Rows of the target that no source has.
    await workspace.load('events', [{ at: '2026-01-01 00:00:00', path: '/', n: 1 }])
    const running = stream(workspace)
    for (let round = 0; round < 4; round += 1) await populate(await request(workspace))
    const sent = await running.stop()
    const all = String(sent * 2 + 201)
    expect(sent).toBeGreaterThan(0)
    expect(await sums(workspace)).toEqual([all, all, all])
    await api.deployer.idle({ cleanNow: true })
    await workspace.load('events', events(1))
    expect((await sums(workspace))[2]).toBe(String(sent * 2 + 203))
  })

  it('takes only what a condition is true for, and later rows by the view', async () => {
    const workspace = await deployed()
    await workspace.load('events', [...events(5), ...events(3, { path: '/x' })])
    await populate(await request(workspace, { condition: "path = '/x'" }))
    await workspace.load('events', events(1))
    expect(await sums(workspace)).toEqual(['18', '8', '8'])
    await populate(await request(workspace, { subset: 1 }))
    expect(await sums(workspace)).toEqual(['18', '18', '18'])
  })
})

describe('a population that adds', () => {
  it('adds each row of the source once, also when it is run again for the same job, while events arrive', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(10))
    const asked = await request(workspace, { truncate: false })
    const running = stream(workspace)
    await populate(asked)
    // As after a crash between the swap and the end of the job.
    await populate(asked)
    await api.deployer.idle({ cleanNow: true })
    await populate(asked)
    const sent = await running.stop()
    const [rows, daily, all] = await sums(workspace)
    expect(rows).toBe(String(20 + sent * 2))
    // What was there at the cut is there twice now, as in Tinybird.
    expect(Number(daily)).toBeGreaterThanOrEqual(Number(rows) + 20)
    expect(Number(daily)).toBeLessThanOrEqual(2 * Number(rows))
    expect(all).toBe(daily)
    await populate(await request(workspace))
    expect(await sums(workspace)).toEqual([rows, rows, rows])
  })
})

describe('a population that adds, of a target with others behind it', () => {
  it('is refused before it takes away rows that one of those was given directly', async () => {
    const workspace = await api.workspace()
    await deploy(workspace, {
      ...CHAIN,
      'seen.datasource': `SCHEMA >
    day Date \`json:$.day\`

ENGINE MergeTree
ENGINE_SORTING_KEY day
`,
      'to_seen.pipe': `NODE seen
SQL >
    SELECT day FROM daily

TYPE materialized
DATASOURCE seen
`,
    })
    await workspace.load('seen', [{ day: '2020-01-01' }])
    await expect(populate(await request(workspace, { truncate: false }))).rejects.toMatchObject({
      details: {
        public:
          'Nothing was changed: seen would lose the rows that were appended to it directly; truncate=true does so.',
      },
    })
    expect(await workspace.rows('SELECT toString(day) AS day FROM {seen}')).toEqual([
      { day: '2020-01-01' },
    ])
  })
})

describe('a population that does not end', () => {
  it('leaves everything as it was when it is cancelled in the middle of the fill, and when its query fails', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(1_000))
    const before = [await workspace.objects(), await workspace.map()]
    const stopped = new AbortController()
    const slow = request(workspace, { condition: 'sleepEachRow(0.01) = 0' })
    const run = populate(await slow, stopped.signal)
    await untilTables(workspace, (before[0] as string[]).length)
    stopped.abort(new Error('cancelled'))
    await expect(run).rejects.toThrow('cancelled')
    expect([await workspace.objects(), await workspace.map()]).toEqual(before)
    const wrong = await request(workspace, { condition: "throwIf(n = 2, 'no twos') = 0" })
    await expect(populate(wrong)).rejects.toMatchObject({
      details: { public: expect.stringMatching(/Nothing was changed: .*no twos/) as string },
    })
    expect([await workspace.objects(), await workspace.map()]).toEqual(before)
    await workspace.load('events', events(1))
    expect(await sums(workspace)).toEqual(['2002', '2002', '2002'])
  })

  it('is taken back at the next start after a crash, and done by its job then', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(10))
    const asked = await request(workspace, { truncate: false })
    const before = await workspace.map()
    // A process that dies in the middle: what it made stays, what it would take back it does not.
    const dying = createDeployer({
      ...api.deps,
      gate: { check: () => Promise.resolve(), checkExpression: () => Promise.resolve() },
      randomHex: () => 'f'.repeat(32),
      clickhouse: {
        ...api.deps.clickhouse,
        command: (each) =>
          /^INSERT INTO|^DROP/.test(each.sql)
            ? Promise.reject(new Error('killed'))
            : api.deps.clickhouse.command(each),
      },
    })
    const signal = AbortSignal.timeout(60_000)
    await expect(dying.populations.run(asked, signal, () => undefined)).rejects.toThrow('killed')
    expect(await workspace.map()).toEqual(before)
    await api.deployer.recover()
    await populate(asked)
    expect(await sums(workspace)).toEqual(['20', '40', '40'])
  })
})

describe('what cannot be populated', () => {
  it('is refused by the route, which asks for ADMIN', async () => {
    const workspace = await api.workspace()
    const base = edited(
      'events.datasource',
      'ENGINE MergeTree\nENGINE_SORTING_KEY at',
      'ENGINE Null',
    )
    await deploy(workspace, base)
    const post = async (path: string): Promise<[number, string]> => {
      const { status, text } = await workspace.call('POST', `/v0/pipes/${path}`)
      return [status, text]
    }
    expect(await post('top/nodes/endpoint/population')).toEqual([
      400,
      expect.stringContaining('is not materialized') as string,
    ])
    expect((await post('to_daily/nodes/none/population'))[0]).toBe(404)
    for (const [query, reason] of [
      ['populate_subset=2', 'above 0 and at most 1'],
      ['populate_condition=nothing%20=%201', 'nothing'],
      ["populate_condition=1%20IN%20(SELECT%201%20FROM%20file('/etc/passwd'))", 'condition'],
      ['unlink_on_populate_error=true', 'as they were'],
    ])
      expect(await post(`to_daily/nodes/days/population?${query}`)).toEqual([
        400,
        expect.stringContaining(reason!) as string,
      ])
    await expect(populate(await request(workspace))).rejects.toMatchObject({
      details: { public: expect.stringContaining('events, which keeps no rows') as string },
    })
    const { value } = await api.deps.catalog.createToken({
      ...{ workspaceId: workspace.id, name: 'drops', origin: { type: 'C', resourceId: null } },
      scopes: [{ type: 'PIPES:CREATE', resource: null, filter: null, fixedParams: null }],
    })
    const answer = await api.app.request('/v0/pipes/to_daily/nodes/days/population', {
      ...{ method: 'POST', headers: { Authorization: `Bearer ${value}` } },
    })
    expect(answer.status).toBe(403)
  })
})

/** Until there are more tables and views than this. */
async function untilTables(workspace: Workspace, count: number): Promise<void> {
  const sql = `SELECT count() AS c FROM system.processes WHERE query LIKE '%sleepEachRow%INSERT%' OR query LIKE 'INSERT%sleepEachRow%'`
  for (;;) {
    const objects = await workspace.objects()
    const [running] = await api.deps.clickhouse.rows<{ c: string }>({ sql })
    if (objects.length > count && Number(running?.c) > 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
