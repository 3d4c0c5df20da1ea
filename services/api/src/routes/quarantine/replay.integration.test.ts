// Replays on the real engine, Postgres, event log and writer, stopped at every step.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HealRequest } from '@sandpiper/contracts'
import { openLogReader } from '@sandpiper/eventlog'
import { type IdempotentLog, openKeyMemory } from '@sandpiper/idempotency'
import { replayQuarantine, type ReplayDeps, type ReplayResult } from '@sandpiper/quarantine'
import { ulid } from 'ulid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { PROJECT, deploy, edited } from '../../../test/deployed-project.ts'
import {
  startDeploymentApi,
  type DeploymentApi,
  type Workspace,
} from '../../../test/start-deployment-api.ts'

let api: DeploymentApi
let keys: IdempotentLog
let keysDir: string

beforeAll(async () => {
  api = await startDeploymentApi()
  keysDir = await mkdtemp(join(tmpdir(), 'sp-keys-'))
  const { logger, log } = api.deps
  const memory = await openKeyMemory({ dir: keysDir, logger, now: Date.now })
  const reader = openLogReader({ dir: api.logDir, onDamage: () => undefined })
  keys = await memory.follow(log, reader)
  await reader.close()
})
afterAll(async () => {
  await keys.close()
  await api.stop()
  await rm(keysDir, { recursive: true })
})

/** Rows whose `n` is a text: refused by PROJECT, fine when n is a String. */
const texts = (count: number, n = 'x'): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ at: '2026-11-21 10:00:00', path: `/${index}`, n: `${n}${index}` },
  }))

const WITH_TEXT = edited(
  'events.datasource',
  'n UInt32 `json:$.n` DEFAULT 1',
  "n UInt32 `json:$.n` DEFAULT 1,\n    label String `json:$.n` DEFAULT ''",
)

const counts = async (workspace: Workspace): Promise<[table: string, quarantine: string]> => {
  const [row] = await workspace.rows(
    `SELECT (SELECT count() FROM {events}) AS t, (SELECT count() FROM {events_quarantine}) AS q`,
  )
  return [String(row!['t']), String(row!['q'])]
}

async function workspaceWith(rows: readonly Record<string, unknown>[]): Promise<Workspace> {
  const workspace = await api.workspace()
  await deploy(workspace, PROJECT)
  await workspace.load('events', rows)
  return workspace
}

async function run(
  workspace: Workspace,
  options: { id?: string; request?: HealRequest; deps?: Partial<ReplayDeps> } = {},
): Promise<ReplayResult> {
  const { catalog, clickhouse, log } = api.deps
  const source = (await workspace.map()).dataSources['events']!
  return replayQuarantine(
    {
      ...{ catalog, clickhouse, log, keys, now: Date.now, newRequestId: ulid },
      ...options.deps,
    },
    {
      id: options.id ?? randomUUID(),
      workspaceId: workspace.id,
      dataSourceId: source.id,
      request: options.request ?? {},
    },
    { signal: AbortSignal.timeout(60_000), progress: () => undefined },
  )
}

/** Deploys another type for `n`: a new generation. */
async function replaceTable(workspace: Workspace): Promise<void> {
  const forwarded = edited(
    ...([
      'events.datasource',
      'TOKEN app APPEND\n',
      'FORWARD_QUERY >\n    SELECT at, path, toString(n) AS n\n',
    ] as const),
    { 'events.datasource': PROJECT['events.datasource']! },
  )
  const project = edited(
    'events.datasource',
    'n UInt32 `json:$.n` DEFAULT 1',
    "n String `json:$.n` DEFAULT ''",
    forwarded,
  )
  await deploy(workspace, project, 'auto_promote=true&allow_destructive_operations=true')
}

const TAKE_ANY: HealRequest = { mapping: { n: { constant: 7 } } }

class Cut extends Error {}

describe('a replay', () => {
  it('brings valid rows in once, also into views, and leaves the others', async () => {
    const workspace = await workspaceWith([...texts(5), { at: 'never', path: '/bad', n: 1 }])
    expect(await counts(workspace)).toEqual(['0', '6'])
    expect(await run(workspace, { request: TAKE_ANY })).toEqual({
      ...{ recovered: 5, remaining: 1, viewFailure: null },
    })
    expect(await counts(workspace)).toEqual(['5', '1'])
    expect(await workspace.rows('SELECT toString(sumMerge(hits)) AS s FROM {daily}')).toEqual([
      { s: '35' },
    ])
    const statistics = await workspace.call('GET', '/v0/datasources/events')
    expect(statistics.body).toMatchObject({ quarantine_rows: 1 })
    expect(await run(workspace, { request: TAKE_ANY })).toMatchObject({ recovered: 0 })
    expect(await counts(workspace)).toEqual(['5', '1'])
  })

  it.each(['begun', 'appended', 'loaded', 'removed', 'ended'] as const)(
    'that is cut off when a chunk was %s doubles and loses nothing, run again with the same id or another',
    async (step) => {
      for (const isSameId of [true, false]) {
        const workspace = await workspaceWith([...texts(3), ...texts(3)])
        const id = randomUUID()
        const cut = run(workspace, {
          ...{ id, request: TAKE_ANY },
          deps: {
            reached: (at) => {
              if (at === step) throw new Cut(at)
            },
          },
        })
        await expect(cut).rejects.toThrow(Cut)
        await run(workspace, { request: TAKE_ANY, ...(isSameId && { id }) })
        expect(await counts(workspace)).toEqual(['6', '0'])
      }
    },
  )

  it('whose process forgot the answer of the log asks the log, not its memory', async () => {
    const workspace = await workspaceWith(texts(4))
    // The append is durable; whoever waited for it never heard so.
    const deaf: ReplayDeps['keys'] = {
      async claim(keyed, signal) {
        const claim = await keys.claim(keyed, signal)
        if (claim.kind === 'replayed') return claim
        return {
          ...claim,
          async append(frame) {
            await claim.append(frame)
            throw new Cut('gone')
          },
        }
      },
    }
    const id = randomUUID()
    const first = run(workspace, { id, request: TAKE_ANY, deps: { keys: deaf } })
    await expect(first).rejects.toThrow(Cut)
    await run(workspace, { id, request: TAKE_ANY })
    expect(await counts(workspace)).toEqual(['4', '0'])
  })

  it('that runs twice at the same time, as when a job is thought dead, brings each row in once', async () => {
    const workspace = await workspaceWith(texts(2_000))
    const id = randomUUID()
    const [one, other] = await Promise.all([
      run(workspace, { id, request: TAKE_ANY }),
      run(workspace, { id, request: TAKE_ANY }),
    ])
    expect([one.recovered, other.recovered]).toEqual([2_000, 2_000])
    expect(await counts(workspace)).toEqual(['2000', '0'])
  })

  it('that was given up and is still reading when another one is through takes nothing more', async () => {
    const workspace = await workspaceWith(texts(3))
    const { catalog } = api.deps
    const slow: ReplayDeps['catalog'] = {
      ...catalog,
      async beginReplayChunk(record, chunk) {
        await run(workspace, { request: TAKE_ANY })
        return catalog.beginReplayChunk(record, chunk)
      },
    }
    await run(workspace, { request: TAKE_ANY, deps: { catalog: slow } })
    expect(await counts(workspace)).toEqual(['3', '0'])
  })

  it('takes equal lines for as many rows, and only those of the causes and times that were asked for', async () => {
    const same = { at: '2026-11-21 10:00:00', path: '/same', n: 'x' }
    const workspace = await workspaceWith([same, same, same, { path: '/late', n: 1 }])
    const shown = await workspace.call('GET', '/v1/quarantine/events?samples=0')
    const causes = shown.body['causes'] as { id: string; column: string; rows: number }[]
    expect(causes).toMatchObject([
      { column: 'n', rows: 3 },
      { column: 'at', rows: 1 },
    ])
    const everything: HealRequest = {
      mapping: { n: { constant: 7 }, at: { default: '2026-11-21 10:00:00' } },
    }
    const past = { ...everything, to: '2020-01-01' }
    expect(await run(workspace, { request: past })).toMatchObject({ recovered: 0, remaining: 0 })
    const only = { ...everything, causes: [causes[0]!.id] }
    expect(await run(workspace, { request: only })).toMatchObject({ recovered: 3, remaining: 0 })
    expect(await counts(workspace)).toEqual(['3', '1'])
  })

  it('finds rows that still stand in the quarantine of the replaced generation, before it is carried over and after', async () => {
    for (const isCleaned of [false, true]) {
      const workspace = await workspaceWith(texts(3))
      await replaceTable(workspace)
      if (isCleaned) await api.deployer.idle({ cleanNow: true })
      const preview = await workspace.call('POST', '/v1/quarantine/events/preview')
      expect(preview.body).toMatchObject({ rows: 3, examined: 3, recovered: 3, remaining: 0 })
      expect(await run(workspace)).toMatchObject({ recovered: 3 })
      await api.deployer.idle({ cleanNow: true })
      expect(await counts(workspace)).toEqual(['3', '0'])
    }
  })

  it('finds nothing after a truncate, which empties the quarantine of the replaced generation too', async () => {
    const workspace = await workspaceWith(texts(3))
    await replaceTable(workspace)
    const path = '/v0/datasources/events_quarantine/truncate'
    expect((await workspace.call('POST', path)).status).toBe(205)
    await api.deployer.idle({ cleanNow: true })
    expect(await counts(workspace)).toEqual(['0', '0'])
    expect(await run(workspace)).toMatchObject({ recovered: 0, remaining: 0 })
  })

  it('goes on under the columns that are live when they change between a note and its append', async () => {
    const workspace = await workspaceWith(texts(3))
    const id = randomUUID()
    const cut = run(workspace, {
      ...{ id, request: TAKE_ANY },
      deps: {
        reached: (at) => {
          if (at === 'begun') throw new Cut(at)
        },
      },
    })
    await expect(cut).rejects.toThrow(Cut)
    await deploy(workspace, WITH_TEXT)
    await run(workspace, { id, request: TAKE_ANY })
    expect(await counts(workspace)).toEqual(['3', '0'])
    expect(await workspace.rows('SELECT label FROM {events} ORDER BY label')).toEqual([
      { label: 'x0' },
      { label: 'x1' },
      { label: 'x2' },
    ])
  })

  it('reads what the engine refused by column name, as it was kept', async () => {
    const workspace = await api.workspace()
    await deploy(workspace, edited('events.datasource', '`json:$.path`', '`json:$.page.path`'))
    const source = (await workspace.map()).dataSources['events']!
    const rows = [
      { at: '2026-11-21 10:00:00', path: '/kept', n: 'seven' },
      { at: '2026-11-21 10:00:00', path: '/fine', n: 1 },
    ].map((row) => `${JSON.stringify(row)}\n`)
    const sequence = await api.deps.log.append({
      ...{
        workspaceId: workspace.id,
        dataSourceId: source.id,
        schemaVersion: source.schemaVersion,
      },
      ...{ requestId: 'test', arrivedAtMs: Date.now(), idempotencyHash: null },
      ...{
        rows: Buffer.from(rows.join('')),
        rowCount: 2,
        refused: Buffer.alloc(0),
        refusedCount: 0,
      },
    })
    await workspace.loaded('events', sequence)
    expect(await counts(workspace)).toEqual(['1', '1'])
    // Read by JSONPath the line would lack its path.
    await run(workspace, { request: { mapping: { n: { constant: 14 } } } })
    expect(await counts(workspace)).toEqual(['2', '0'])
    expect(await workspace.rows('SELECT path FROM {events} ORDER BY path')).toEqual([
      { path: '/fine' },
      { path: '/kept' },
    ])
  })

  it('of another replay that a job still works on is refused', async () => {
    const workspace = await workspaceWith(texts(1))
    const id = randomUUID()
    const now = new Date().toISOString()
    await api.deps.catalog.putJob({
      ...{ id, workspaceId: workspace.id, kind: 'quarantine_replay', status: 'working' },
      ...{ error: null, details: {}, createdAt: now, updatedAt: now },
    })
    const source = (await workspace.map()).dataSources['events']!
    await api.deps.catalog.openReplay({
      ...{ id, workspaceId: workspace.id, dataSourceId: source.id, upTo: 2_000_000_000 },
    })
    await expect(run(workspace)).rejects.toMatchObject({ code: 'request.conflict' })
    expect(await counts(workspace)).toEqual(['0', '1'])
  })
})
