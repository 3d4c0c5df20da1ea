import { buildSchema, deploySchema } from '@sandpiper/contracts'
import { tableName } from '@sandpiper/deployment'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  counts,
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

let api: DeploymentApi

beforeAll(async () => {
  api = await startDeploymentApi()
})
afterAll(() => api.stop())

async function deployed(project: Project = PROJECT): Promise<Workspace> {
  const workspace = await api.workspace()
  await deploy(workspace, project)
  return workspace
}

describe('a first deployment', () => {
  it('makes tables, views, endpoint, tokens; rows flow through', async () => {
    const workspace = await api.workspace()
    const body = deploySchema.parse(
      await workspace.project('/v1/deploy?auto_promote=true', PROJECT),
    )
    expect(body).toMatchObject({
      result: 'success',
      deployment: {
        id: '1',
        status: 'data_ready',
        live: true,
        new_datasource_names: ['daily', 'events'],
        new_pipe_names: ['to_daily', 'top'],
      },
    })
    await workspace.load('events', events(30))
    expect(await counts(workspace)).toEqual(['30', '60'])
    expect((await workspace.call('GET', '/v0/pipes/top.json')).body['data']).toEqual([
      { path: '/0', hits: 10 },
      { path: '/1', hits: 10 },
      { path: '/2', hits: 10 },
    ])
    const tokens = await api.deps.catalog.listTokens(workspace.id)
    const { dataSources, pipes } = await workspace.map()
    expect(tokens.find((each) => each.record.name === 'app')?.record.scopes).toEqual([
      {
        type: 'DATASOURCES:APPEND',
        resource: dataSources['events']!.id,
        filter: null,
        fixedParams: null,
      },
      { type: 'PIPES:READ', resource: pipes['top']!.id, filter: null, fixedParams: null },
    ])
  })

  it.each<[string, Project, string]>([
    [
      'a syntax error',
      edited('events.datasource', 'path String', 'path Strng'),
      "events.datasource 3:10: Unknown type 'Strng'",
    ],
    [
      'a target that does not match',
      edited(
        'to_daily.pipe',
        'GROUP BY day',
        'GROUP BY date',
        edited('to_daily.pipe', 'AS day', 'AS date'),
      ),
      'does not give column day',
    ],
    [
      'a type that does not match',
      edited('to_daily.pipe', 'toDate(at) AS day', 'toString(at) AS day'),
      'Column day is String in the query and Date in daily',
    ],
    [
      'an unknown column in an endpoint',
      edited('top.pipe', 'SELECT path', 'SELECT paht'),
      'top.pipe',
    ],
    ['an unknown table in an endpoint', edited('top.pipe', 'FROM events', 'FROM evnts'), "'evnts'"],
    [
      'a function that reads the host, in a DEFAULT',
      edited('events.datasource', 'DEFAULT 1', "DEFAULT length(file('/etc/passwd'))"),
      'DEFAULT of column n: Function file is not allowed',
    ],
    [
      'a table function in a materialized pipe',
      edited('to_daily.pipe', 'FROM events', "FROM file('/etc/passwd') AS f, events"),
      'file',
    ],
    [
      'the path of a file behind IN, in a DEFAULT',
      edited('events.datasource', 'DEFAULT 1', 'DEFAULT in(path, `/etc/hostname`)'),
      "cannot read a table: '/etc/hostname'",
    ],
    [
      'the path of a file behind IN, in a materialized pipe',
      edited(
        'to_daily.pipe',
        'FROM events',
        'FROM events WHERE path NOT IN (`/etc/hostname` AS x)',
      ),
      'etc/hostname',
    ],
    [
      'the path of a file behind IN, in an endpoint',
      edited('top.pipe', 'WHERE n', 'WHERE path NOT IN (`/etc/hostname` AS x) AND n'),
      'etc/hostname',
    ],
    [
      'a TOKEN line that names a token of the workspace',
      edited('events.datasource', 'TOKEN app', 'TOKEN "workspace admin token"'),
      'a token of this name exists',
    ],
    [
      'a bad engine expression',
      edited('events.datasource', 'ENGINE_SORTING_KEY at', 'ENGINE_SORTING_KEY nowhere'),
      'nowhere',
    ],
  ])('is refused for %s, and nothing is made', async (_, project, text) => {
    const workspace = await api.workspace()
    const body = deploySchema.parse(
      await workspace.project('/v1/deploy?auto_promote=true', project),
    )
    expect(body.result).toBe('failed')
    const said = body.errors!.map((each) => `${each.filename} ${each.error}`).join('\n')
    expect(said).toContain(text)
    expect(said).not.toMatch(/ws_[0-9a-f]{32}|t_[0-9a-f]{32}/)
    expect(await workspace.objects()).toEqual([])
    expect((await workspace.call('GET', '/v1/deployments')).body).toEqual({ deployments: [] })
  })

  it('is only judged with check=true', async () => {
    const workspace = await api.workspace()
    expect(await workspace.project('/v1/deploy?check=true', PROJECT)).toMatchObject({
      result: 'success',
    })
    expect(await workspace.objects()).toEqual([])
    expect((await workspace.map()).dataSources).toEqual({})
  })
})

describe('the second deployment', () => {
  it('of the same files changes nothing', async () => {
    const workspace = await deployed()
    const before = await workspace.map()
    expect(await workspace.project('/v1/deploy?auto_promote=true', PROJECT)).toMatchObject({
      result: 'no_changes',
    })
    expect(await workspace.map()).toEqual(before)
  })

  it('adds columns and changes defaults, indexes and TTL in place while events arrive, losing and doubling none', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(10))
    const before = await workspace.map()
    const load = stream(workspace)
    const wider = edited(
      'events.datasource',
      'n UInt32',
      'who Nullable(String) `json:$.who`,\n    n UInt32',
    )
    await deploy(workspace, wider)
    await deploy(
      workspace,
      edited(
        'events.datasource',
        'ENGINE_SORTING_KEY at',
        'ENGINE_SORTING_KEY at\nENGINE_TTL at + INTERVAL 10 YEAR\nINDEXES >\n    i path TYPE minmax',
        edited('events.datasource', 'DEFAULT 1', 'DEFAULT 5', wider),
      ),
    )
    const sent = 10 + (await load.stop())
    expect(await counts(workspace)).toEqual([String(sent), String(sent * 2)])
    const after = await workspace.map()
    expect(after.dataSources['events']).toMatchObject({
      id: before.dataSources['events']!.id,
      generation: 1,
      schemaVersion: 3,
    })
    await workspace.load('events', [{ at: '2026-11-21 10:00:00', path: '/', who: 'me' }])
    expect(await workspace.rows("SELECT who, n FROM {events} WHERE path = '/'")).toEqual([
      { who: 'me', n: 5 },
    ])
    const [shown] = await workspace.rows(
      "SELECT create_table_query AS q FROM system.tables WHERE name = '" +
        tableName(after.dataSources['events']!.id, 1) +
        "'",
    )
    expect(shown!['q']).toMatch(/INDEX i \(path\) TYPE minmax.*TTL at \+ toIntervalYear\(10\)/s)
  })

  it('fills a new materialization and one with a changed query from existing rows, under load', async () => {
    const workspace = await deployed({ 'events.datasource': PROJECT['events.datasource']! })
    await workspace.load('events', events(25))
    const load = stream(workspace)
    await deploy(
      workspace,
      {
        'events.datasource': PROJECT['events.datasource']!,
        'daily.datasource': PROJECT['daily.datasource']!,
        'to_daily.pipe': PROJECT['to_daily.pipe']!,
      },
      'auto_promote=true',
    )
    await deploy(workspace, edited('to_daily.pipe', 'toUInt64(n)', 'toUInt64(n) * 10'))
    const sent = 25 + (await load.stop())
    expect(await counts(workspace)).toEqual([String(sent), String(sent * 20)])
    expect((await workspace.map()).dataSources['daily']?.generation).toBe(2)
    await api.deployer.idle()
  })

  it('carries rows over by a FORWARD_QUERY under load, keeps what was computed, and moves the quarantine', async () => {
    const workspace = await deployed()
    await workspace.load('events', [...events(20), { at: 'never', path: '/bad' }])
    const load = stream(workspace)
    const changed = edited('events.datasource', 'path String', 'path LowCardinality(String)')
    const forward = {
      ...changed,
      'events.datasource': `${changed['events.datasource']!}FORWARD_QUERY >\n    SELECT * REPLACE (toLowCardinality(concat(path, '!')) AS path)\n`,
    }
    await deploy(workspace, forward)
    const sent = 20 + (await load.stop())
    expect(await counts(workspace)).toEqual([String(sent), String(sent * 2)])
    expect((await workspace.map()).dataSources['events']).toMatchObject({
      generation: 2,
      schemaVersion: 2,
    })
    const [old] = await workspace.rows(
      "SELECT toString(countIf(endsWith(path, '!'))) AS c FROM {events}",
    )
    expect(Number(old!['c'])).toBeGreaterThanOrEqual(20)
    await workspace.load('events', events(5))
    expect((await counts(workspace))[1]).toBe(String((sent + 5) * 2))
  })

  it('refuses an incompatible change without a FORWARD_QUERY, naming the column; build drops the rows and says so', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(10))
    const project = edited('events.datasource', 'n UInt32', 'n String')
    const failing = edited('to_daily.pipe', 'toUInt64(n)', 'toUInt64OrZero(n)', project)
    const refused = deploySchema.parse(
      await workspace.project('/v1/deploy?auto_promote=true', failing),
    )
    expect(refused.deployment?.feedback).toContainEqual({
      resource: 'Datasource events.datasource',
      level: 'ERROR',
      message: expect.stringContaining('column n changes its type from UInt32 to String') as string,
    })
    expect(await counts(workspace)).toEqual(['10', '20'])
    const built = buildSchema.parse(await workspace.project('/v1/build', failing))
    expect(built).toMatchObject({
      result: 'success',
      build: { id: '2', changed_datasource_names: ['events'] },
    })
    expect(built.build?.feedback).toContainEqual(
      expect.objectContaining({
        level: 'WARNING',
        message: expect.stringContaining('The rows of events are dropped') as string,
      }),
    )
    expect((await counts(workspace))[0]).toBe('0')
  })

  it('that fails half-way changes nothing, and the next one works', async () => {
    const workspace = await deployed()
    await workspace.load('events', [
      ...events(5),
      { at: '2026-11-21 10:00:00', path: 'not a number', n: 1 },
    ])
    const objects = await workspace.objects()
    const before = await workspace.map()
    // Only rows make it fail: the check over empty tables cannot see it.
    const changed = edited('events.datasource', 'path String', 'path UInt32')
    const project = {
      ...edited('to_daily.pipe', 'sumState(toUInt64(n))', 'sumState(toUInt64(n) + 1)', changed),
      'events.datasource': `${changed['events.datasource']!}FORWARD_QUERY >\n    SELECT * REPLACE (toUInt32(path) AS path)\n`,
    }
    const body = deploySchema.parse(
      await workspace.project(
        '/v1/deploy?auto_promote=true',
        edited('top.pipe', 'path', 'path', project),
      ),
    )
    expect(body).toMatchObject({ result: 'failed', deployment: { status: 'failed', live: false } })
    expect(body.deployment?.feedback.at(-1)).toMatchObject({
      level: 'ERROR',
      resource: 'Datasource events.datasource',
    })
    expect(await workspace.objects()).toEqual(objects)
    expect(await workspace.map()).toEqual(before)
    await workspace.load('events', events(4))
    expect(await counts(workspace)).toEqual(['10', '19'])
    await deploy(workspace, edited('top.pipe', 'count() AS hits', 'count() AS n'))
  })

  it('removes what the project no longer has only when told', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(3))
    const less = { 'events.datasource': PROJECT['events.datasource']! }
    const refused = deploySchema.parse(
      await workspace.project('/v1/deploy?auto_promote=true', less),
    )
    expect(refused.result).toBe('failed')
    expect(refused.errors?.map((each) => each.filename).toSorted()).toEqual([
      'daily.datasource',
      'to_daily.pipe',
      'top.pipe',
    ])
    await deploy(workspace, less, 'auto_promote=true&allow_destructive_operations=true')
    expect(Object.keys((await workspace.map()).pipes)).toEqual([])
    await workspace.load('events', events(3))
    expect(await workspace.rows('SELECT toString(count()) AS c FROM {events}')).toEqual([
      { c: '6' },
    ])
  })
})
