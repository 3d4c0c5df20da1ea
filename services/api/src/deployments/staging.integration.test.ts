import { databaseName, viewName } from '@sandpiper/deployment'
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
import { deployerOf } from './recover-deployments.ts'

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

describe('a staged deployment', () => {
  const changed = edited('to_daily.pipe', 'toUInt64(n)', 'toUInt64(n) * 10')
  const wider = {
    ...changed,
    'events.datasource': `${PROJECT['events.datasource']!.replace('path String', 'path LowCardinality(String)')}FORWARD_QUERY >\n    SELECT *\n`,
  }

  it('moves neither reads nor writes until it is set live, and then has every row', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(10))
    const id = await deploy(workspace, wider, '')
    await workspace.load('events', events(10))
    expect(await counts(workspace)).toEqual(['20', '40'])
    expect((await workspace.call('GET', `/v1/deployments/${id}`)).body).toMatchObject({
      deployment: { status: 'data_ready', live: false },
    })
    const another = await workspace.call('POST', '/v1/build', formOf(PROJECT))
    expect(another.status).toBe(409)
    expect(another.body['error']).toContain(`discard it with DELETE /v1/deployments/${id}`)
    const load = stream(workspace)
    expect((await workspace.call('POST', `/v1/deployments/${id}/set-live`)).body).toMatchObject({
      deployment: { live: true },
    })
    const sent = 20 + (await load.stop())
    await workspace.load('events', events(10))
    expect(await counts(workspace)).toEqual([String(sent + 10), String((sent + 10) * 20)])
  })

  it('that is discarded leaves no trace', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(10))
    const objects = await workspace.objects()
    const project = edited(
      'events.datasource',
      'n UInt32',
      'extra Nullable(String),\n    n UInt32',
      changed,
    )
    const id = await deploy(workspace, project, '')
    expect((await workspace.objects()).length).toBeGreaterThan(objects.length)
    expect((await workspace.call('DELETE', `/v1/deployments/${id}`)).body).toMatchObject({
      deployment: { status: 'deleted' },
    })
    expect(await workspace.objects()).toEqual(objects)
    await workspace.load('events', events(10))
    expect(await counts(workspace)).toEqual(['20', '40'])
    const columns = await workspace.rows('DESCRIBE TABLE {events}')
    expect(columns.map((each) => each['name'])).toEqual(['at', 'path', 'n'])
    const other = edited(
      'events.datasource',
      'n UInt32',
      'other Nullable(String) `json:$.other`,\n    n UInt32',
    )
    await deploy(workspace, other)
    expect((await workspace.map()).dataSources['events']?.schemaVersion).toBe(3)
  })

  it('that a crash cut off is taken back at the next start', async () => {
    const workspace = await deployed()
    const objects = await workspace.objects()
    const id = await deploy(workspace, wider, '')
    const { dataSources, pipes } = await workspace.map()
    const view = viewName(pipes['to_daily']!.id, pipes['to_daily']!.view!.generation)
    // As a crash in the middle of set-live leaves it: views of the live map already dropped.
    await api.deps.catalog.updateDeployment(workspace.id, Number(id), { status: 'schema_ready' })
    await api.deps.clickhouse.command({
      sql: `DROP TABLE ws_${workspace.id.replaceAll('-', '')}.${view} SYNC`,
    })
    await api.deployer.recover()
    expect(await workspace.objects()).toEqual(objects)
    expect(dataSources).toEqual((await workspace.map()).dataSources)
    await workspace.load('events', events(5))
    expect(await counts(workspace)).toEqual(['5', '10'])
  })
})

describe('replaced tables', () => {
  it('still take rows that were accepted for them, and pass them on to the new table and its views', async () => {
    const workspace = await deployed()
    const { dataSources: before } = await workspace.map()
    const text = `${PROJECT['events.datasource']!.replace('path String', 'path LowCardinality(String)')}FORWARD_QUERY >\n    SELECT *\n`
    await deploy(workspace, { ...PROJECT, 'events.datasource': text })
    // A request that read the old map before the promotion and appends after it.
    const sequence = await api.deps.log.append({
      ...{
        workspaceId: workspace.id,
        dataSourceId: before['events']!.id,
        schemaVersion: before['events']!.schemaVersion,
      },
      ...{ requestId: 'late', arrivedAtMs: Date.now(), idempotencyHash: null },
      ...{ rows: Buffer.from('{"at":"2026-11-21 10:00:00","path":"/late","n":7}\n'), rowCount: 1 },
      ...{ refused: Buffer.alloc(0), refusedCount: 0 },
    })
    await workspace.loaded('events', sequence)
    await workspace.load('events', events(1))
    expect(await counts(workspace)).toEqual(['2', '9'])
  })

  it('go when the writer has passed them, with their quarantine moved', async () => {
    const workspace = await deployed()
    await workspace.load('events', [...events(2), { at: 'never', path: '/bad' }])
    const deployer = deployerOf(api.deps)
    const text = `${PROJECT['events.datasource']!.replace('ENGINE_SORTING_KEY at', 'ENGINE_SORTING_KEY path')}FORWARD_QUERY >\n    SELECT *\n`
    const files = Object.entries({ ...PROJECT, 'events.datasource': text }).map(
      ([filename, content]) => ({ filename, text: content }),
    )
    const outcome = await deployer.deploy({
      workspaceId: workspace.id,
      kind: 'deploy',
      files,
      check: false,
      autoPromote: true,
      allowDestructive: false,
    })
    expect(outcome.result).toBe('success')
    const names = async (): Promise<string[]> =>
      (await workspace.objects()).filter(
        (each) =>
          /_1(_quarantine|_forward)?$/.test(each) &&
          each.startsWith(outcome.deployment!.map.dataSources['events']!.id),
      )
    expect(await names()).toHaveLength(3)
    // The last row of the log is somebody else's.
    const other = await deployed()
    await other.load('events', events(1))
    await deployer.idle({ cleanNow: true })
    expect(await names()).toEqual([])
    expect(
      await workspace.rows('SELECT c__error_column AS c, path FROM {events_quarantine}'),
    ).toEqual([{ c: ['at'], path: '/bad' }])
    await workspace.load('events', events(2))
    expect(await counts(workspace)).toEqual(['4', '8'])
    expect(
      (await workspace.call('GET', '/v1/deployments?include_deleted=true')).body['deployments'],
    ).toMatchObject([
      { id: '2', live: true },
      { id: '1', status: 'deleted' },
    ])
    await deployer.close()
  })
})

function formOf(files: Project): RequestInit {
  const form = new FormData()
  for (const [name, text] of Object.entries(files))
    form.append('data_project://', new Blob([text]), name)
  return { body: form }
}

describe('a replacement', () => {
  it('that fails at the last moment is never left for somebody to set live, and hinders no deployment', async () => {
    const workspace = await deployed()
    await workspace.load('events', events(3))
    const dataSourceId = (await workspace.map()).dataSources['events']!.id
    const job = { workspaceId: workspace.id, jobId: 'import 1' }
    const request = { ...job, dataSourceId, skipIncompatiblePartitionKey: true }
    const replacement = await api.deployer.replacements.begin(
      { ...request, condition: "path = '/1'" },
      AbortSignal.timeout(30_000),
    )
    const [staged] = await api.deps.catalog.listDeployments(workspace.id)
    const { scratch } = staged!.plan as { scratch: string[] }
    const name = `\`${databaseName(workspace.id)}\`.\`${scratch[0]!}\``
    await api.deps.clickhouse.command({ sql: `DROP TABLE ${name} SYNC` })
    await expect(replacement.finish({}, AbortSignal.timeout(30_000))).rejects.toThrow()
    // The process that would discard it may die now.
    const path = `/v1/deployments/${staged!.number}/set-live`
    expect((await workspace.call('POST', path)).status).toBe(409)
    await replacement.discard()
    expect(await api.deployer.replacements.finished(job)).toBeNull()
    await deploy(workspace, edited('to_daily.pipe', 'toUInt64(n)', 'toUInt64(n) * 10'))
    expect((await counts(workspace))[0]).toBe('3')
    expect(await api.deployer.replacements.finished(job)).toBeNull()
  })

  it('that was swapped in is known by its job, with what it came to, whatever is deployed afterwards', async () => {
    const workspace = await deployed()
    const dataSourceId = (await workspace.map()).dataSources['events']!.id
    const { replacements } = api.deployer
    const job = { workspaceId: workspace.id, jobId: 'copy 1' }
    const all = { condition: null, skipIncompatiblePartitionKey: false }
    const signal = AbortSignal.timeout(30_000)
    const replacement = await replacements.begin({ ...job, dataSourceId, ...all }, signal)
    expect(await replacements.finished(job)).toBeNull()
    await replacement.finish({ rows: 7 }, signal)
    expect(await replacements.finished(job)).toEqual({ rows: 7 })
    await deploy(workspace, edited('to_daily.pipe', 'toUInt64(n)', 'toUInt64(n) * 10'))
    await api.deployer.idle({ cleanNow: true })
    expect(await replacements.finished(job)).toEqual({ rows: 7 })
    expect(await replacements.finished({ ...job, jobId: 'copy 2' })).toBeNull()
    const elsewhere = { ...job, workspaceId: (await api.workspace()).id }
    expect(await replacements.finished(elsewhere)).toBeNull()
  })
})
