// A backup is taken from a server at work; another server starts on its copy and answers as the first did at that moment.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { eventually } from './support/eventually.ts'
import { createCaller, deployProject, type Caller } from './support/http.ts'
import { sandpiper } from './support/sandpiper-command.ts'

const PROJECT = {
  'visits.datasource':
    'SCHEMA >\n    `page` String `json:$.page`,\n    `n` Int64 `json:$.n`\n\nENGINE "MergeTree"\nENGINE_SORTING_KEY "n"\n',
  'hits.datasource':
    'SCHEMA >\n    `page` String,\n    `hits` AggregateFunction(count)\n\nENGINE "AggregatingMergeTree"\nENGINE_SORTING_KEY "page"\n',
  'to_hits.pipe':
    'NODE n\nSQL >\n    SELECT page, countState() AS hits FROM visits GROUP BY page\n\nTYPE materialized\nDATASOURCE hits\n',
  'top.pipe':
    'NODE n\nSQL >\n    SELECT page, countMerge(hits) AS hits FROM hits GROUP BY page ORDER BY page\n\nTYPE endpoint\n',
}

let home: string
let server: RunningSandpiper
let caller: Caller
let admin: Caller

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'backup-'))
  server = await startSandpiper({ bundled: true, dataDir: join(home, 'data') })
  caller = createCaller(server.url, server.tokens.workspace_admin_token)
  admin = createCaller(server.url, server.tokens.admin_token)
  await deployProject(caller, PROJECT)
})
afterAll(async () => {
  await server.stop()
  await rm(home, { recursive: true, force: true })
})

interface Backup {
  readonly id: string
  readonly path: string
}

/** Posts numbered events until told to stop. @returns numbers that were acknowledged, in order. */
function postEvents(): { readonly acknowledged: number[]; stop(): Promise<void> } {
  const acknowledged: number[] = []
  let goesOn = true
  const post = async (first: number, step: number): Promise<void> => {
    for (let n = first; goesOn; n += step) {
      const lines = `${JSON.stringify({ page: `/${n % 3}`, n })}\n{"page":"bad","n":"x${n}"}\n`
      const { status } = await caller.post('/v0/events?name=visits', lines, {
        'Idempotency-Key': `k${n}`,
      })
      expect(status).toBe(202)
      acknowledged.push(n)
    }
  }
  const posting = [post(0, 4), post(1, 4), post(2, 4), post(3, 4)]
  return {
    acknowledged,
    async stop() {
      goesOn = false
      await Promise.all(posting)
    },
  }
}

async function backupUnder(load: ReturnType<typeof postEvents>) {
  const sent = (): Promise<number> => Promise.resolve(load.acknowledged.length)
  await eventually(sent, (count) => count > 300)
  const before = [...load.acknowledged]
  const made = await sandpiper(server.url, home, [
    ...['backup', 'create', '--json'],
    ...['--token', server.tokens.user_token],
  ])
  expect(made.code, made.output).toBe(0)
  const after = await sent()
  await eventually(sent, (count) => count > after + 100)
  return { backup: JSON.parse(made.output) as Backup, before }
}

async function startRestored(backup: Backup, name: string): Promise<RunningSandpiper> {
  const dataDir = join(home, name)
  const restored = await sandpiper(server.url, home, ['restore', backup.path, dataDir, '--json'])
  expect(restored.code, restored.output).toBe(0)
  return startSandpiper({ bundled: true, dataDir })
}

test('of a server under load: no event that was acknowledged before is missing or doubled, in tables, views and quarantine', async () => {
  const load = postEvents()
  const { backup, before } = await backupUnder(load).finally(() => load.stop())
  const restored = await startRestored(backup, 'restored')
  try {
    // The tokens of the server it was taken of.
    expect(restored.tokens).toEqual(server.tokens)
    const there = createCaller(restored.url, server.tokens.workspace_admin_token)
    const rows = async (): Promise<number[]> =>
      (await there.sql('SELECT n FROM visits ORDER BY n')).map(({ n }) => Number(n))
    // What it has in its log is loaded once an event behind it is. 503 until its writer runs: then nothing was stored.
    await eventually(
      () => there.post('/v0/events?name=visits&wait=true', '{"page":"/new","n":-1}'),
      ({ status }) => status === 200,
    )
    const [added, ...found] = await rows()
    expect(added).toBe(-1)
    expect(new Set(found).size).toBe(found.length)
    expect(before.filter((n) => !found.includes(n))).toEqual([])
    // What nobody had sent yet when it was made is not in it.
    expect(found.length).toBeLessThan(load.acknowledged.length)
    await eventually(
      async () => Number((await there.sql('SELECT count() AS c FROM visits_quarantine'))[0]?.['c']),
      (count) => count === found.length,
    )
    const perPage = (await there.get('/v0/pipes/top.json')).json as {
      data: { page: string; hits: string }[]
    }
    const model = [0, 1, 2].map((page) => ({
      page: `/${page}`,
      hits: found.filter((n) => n % 3 === page).length,
    }))
    expect(perPage.data.map(({ page, hits }) => ({ page, hits: Number(hits) }))).toEqual([
      ...model,
      { page: '/new', hits: 1 },
    ])
    // A client that sends again what it had sent before is known.
    const [first = 0] = before
    const again = await there.post(
      '/v0/events?name=visits',
      `${JSON.stringify({ page: `/${first % 3}`, n: first })}\n{"page":"bad","n":"x${first}"}\n`,
      { 'Idempotency-Key': `k${first}` },
    )
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    // And it can be deployed to and started again.
    await deployProject(there, {
      ...PROJECT,
      'all.pipe': 'NODE n\nSQL >\n    SELECT count() AS c FROM visits\n\nTYPE endpoint\n',
    })
  } finally {
    await restored.stop()
  }
  const second = await startSandpiper({ bundled: true, dataDir: join(home, 'restored') })
  try {
    const there = createCaller(second.url, server.tokens.workspace_admin_token)
    expect((await there.get('/v0/pipes/all.json')).status).toBe(200)
  } finally {
    await second.stop()
  }
})

test('merges, removals and replacements of the server afterwards change nothing in it', async () => {
  await caller.post('/v0/events?name=visits&wait=true', '{"page":"/kept","n":-5}')
  const { json } = await admin.post('/v0/backups')
  const backup = json as Backup
  expect((await caller.post('/v0/datasources/visits/truncate')).status).toBeLessThan(300)
  await caller.post('/v0/events?name=visits&wait=true', '{"page":"/late","n":-6}')
  const restored = await startRestored(backup, 'second')
  try {
    const there = createCaller(restored.url, server.tokens.workspace_admin_token)
    expect(await there.sql("SELECT page FROM visits WHERE n < 0 AND page != '/new'")).toEqual([
      { page: '/kept' },
    ])
  } finally {
    await restored.stop()
  }
})

test('is for who rules the server alone; listed and removed; what a kill left half done is none', async () => {
  for (const caller of [
    createCaller(server.url, server.tokens.workspace_admin_token),
    createCaller(server.url, ''),
  ]) {
    expect((await caller.post('/v0/backups')).status).toBe(403)
    expect((await caller.get('/v0/backups')).status).toBe(403)
    expect((await caller.delete('/v0/backups/..%2F..%2Flog')).status).toBe(403)
  }
  const folder = join(server.dataDir, 'backups')
  mkdirSync(join(folder, 'making', 'engine'), { recursive: true })
  writeFileSync(join(folder, 'making', 'rest'), '')
  const { json } = await admin.post('/v0/backups')
  const { id } = json as Backup
  expect(readdirSync(folder)).not.toContain('making')
  const { backups } = (await admin.get('/v0/backups')).json as { backups: Backup[] }
  expect(backups[0]?.id).toBe(id)
  expect((await admin.delete('/v0/backups/..')).status).toBe(404)
  expect((await admin.delete(`/v0/backups/${encodeURIComponent('../log')}`)).status).toBe(404)
  expect((await admin.delete(`/v0/backups/${id}`)).status).toBe(204)
  expect((await admin.delete(`/v0/backups/${id}`)).status).toBe(404)
  expect(existsSync(join(folder, id))).toBe(false)
  expect(existsSync(join(server.dataDir, 'log'))).toBe(true)
})

test('one that is not whole, or a place that is not empty, is refused and nothing is written', async () => {
  const { json } = await admin.post('/v0/backups')
  const { path } = json as Backup
  const full = join(home, 'full')
  mkdirSync(full)
  writeFileSync(join(full, 'mine'), 'x')
  const onto = await sandpiper(server.url, home, ['restore', path, full])
  expect([onto.code, onto.output]).toEqual([1, expect.stringMatching(/is not empty/)])
  expect(readdirSync(full)).toEqual(['mine'])
  const none = await sandpiper(server.url, home, ['restore', full, join(home, 'none')])
  expect([none.code, none.output]).toEqual([1, expect.stringMatching(/no backup.json/)])
  // Cut off behind its note, as a copy over a bad line is.
  const cut = join(home, 'cut')
  await sandpiper(server.url, home, ['restore', path, cut])
  const catalog = join(cut, 'restore', 'catalog.ndjson')
  rmSync(catalog)
  writeFileSync(catalog, '{"format":1,"migrations":[]}\n')
  await expect(startSandpiper({ bundled: true, dataDir: cut })).rejects.toThrow(/not whole/)
})
