// A staged deployment adds its columns to the very table that is live. Until it is promoted nobody sees them who does not ask for it.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { deploy, edited, events, PROJECT, type Project } from '../../test/deployed-project.ts'
import {
  startDeploymentApi,
  type DeploymentApi,
  type Workspace,
} from '../../test/start-deployment-api.ts'

const endpoint = (sql: string): string => `NODE n\nSQL >\n    ${sql}\n\nTYPE endpoint\n`
const LIVE: Project = {
  ...PROJECT,
  'all.pipe': endpoint('SELECT * FROM events'),
  'states.datasource': `SCHEMA >
    at DateTime \`json:$.at\`,
    path String \`json:$.path\`,
    n UInt32 \`json:$.n\`

ENGINE ReplacingMergeTree
ENGINE_SORTING_KEY path
`,
  'final.pipe': endpoint('SELECT e.* FROM states AS e FINAL ORDER BY e.path'),
  // A new column of the left side would make this one ambiguous.
  'joined.pipe': endpoint(
    'SELECT extra FROM events AS e JOIN (SELECT path, n AS extra FROM events) AS o USING (path)',
  ),
  'first.pipe': endpoint("SELECT path FROM events PREWHERE n = 2 WHERE _part != ''"),
}
const wider = (file: string, base: Project): Project =>
  edited(file, 'n UInt32', 'extra Nullable(String),\n    n UInt32', base)
const STAGED = wider('states.datasource', wider('events.datasource', LIVE))
const QUERIES = [
  'SELECT * FROM events',
  "SELECT COLUMNS('.*') FROM events WHERE (at, path, n) IN events",
  'SELECT * FROM (SELECT * FROM events_quarantine)',
  'SELECT * FROM all',
  // What only sounds like something that a subquery cannot say.
  "SELECT *, 'prewhere' AS p /* _row_exists */ FROM events",
  'WITH events_too AS (SELECT * FROM events) SELECT * FROM events_too LIMIT 1 BY path',
]

let api: DeploymentApi
let workspace: Workspace

beforeAll(async () => {
  api = await startDeploymentApi()
  workspace = await api.workspace()
  await deploy(workspace, LIVE)
  await workspace.load('events', [...events(3), { at: 'never', path: '/bad' }])
  for (const n of [1, 2]) await workspace.load('states', events(3, { n }))
})
afterAll(() => api.stop())

const ask = async (path: string): Promise<string> => {
  const { status, text, body } = await workspace.call('GET', path)
  if (status !== 200) return `${status} ${text}`
  const names = (body['meta'] as { name: string }[]).map(({ name }) => name)
  return `${names.join(' ')}: ${String(body['rows'])}`
}
const pathsOf = (deployment: string): string[] => [
  ...['all', 'final', 'joined', 'first'].map((name) => `/v0/pipes/${name}.json?${deployment}`),
  ...QUERIES.map((q) => `/v0/sql?q=${encodeURIComponent(`${q} FORMAT JSON`)}&${deployment}`),
]
const askAll = (deployment = ''): Promise<string[]> => Promise.all(pathsOf(deployment).map(ask))

test('all that reads the live map shows what it showed before something was staged, and after that is gone', async () => {
  const before = await askAll()
  expect(before.slice(0, 5)).toEqual([
    'at path n: 3',
    'at path n: 3',
    'extra: 3',
    'path: 3',
    'at path n: 3',
  ])
  const id = await deploy(workspace, STAGED, '')
  // They are there.
  expect(await workspace.rows("SELECT '' AS at FROM {events} WHERE isNull(extra)")).toHaveLength(3)
  expect(await askAll()).toEqual(before)
  const [, , , , sql] = await askAll('__tb__deployment=staging')
  expect(sql).toBe('at path extra n: 3')
  await workspace.load('events', events(3))
  expect(await ask('/v0/pipes/all.json')).toBe('at path n: 6')
  await workspace.call('DELETE', `/v1/deployments/${id}`)
  expect(await ask('/v0/pipes/all.json')).toBe('at path n: 6')
})

test('a token for the data source does not get them by asking for what only a table has', async () => {
  const made = await workspace.call('POST', '/v0/tokens?name=reader&scope=DATASOURCES:READ:events')
  const headers = { Authorization: `Bearer ${String(made.body['token'])}` }
  const asReader = async (sql: string): Promise<string> => {
    const answer = await api.app.request(`/v0/sql?q=${encodeURIComponent(sql)}`, { headers })
    return `${answer.status} ${await answer.text()}`
  }
  const id = await deploy(workspace, STAGED, '')
  expect(await asReader('SELECT * FROM events LIMIT 0 FORMAT CSVWithNames')).toBe(
    '200 "at","path","n"\n',
  )
  const asked = await Promise.all(
    [
      'SELECT extra FROM events PREWHERE n >= 0',
      'SELECT * FROM events ORDER BY _part',
      'SELECT extra, _block_number FROM events',
    ].map(asReader),
  )
  expect(asked.filter((answer) => !answer.startsWith('400 '))).toEqual([])
  await workspace.call('DELETE', `/v1/deployments/${id}`)
  // The map that was read before may be a second old.
  const again = () => asReader('SELECT n FROM events PREWHERE n >= 0')
  await expect.poll(again, { timeout: 10_000 }).toMatch(/^200 /)
})

test('once it is live its columns are seen, and nothing is stored of what was hidden', async () => {
  const id = await deploy(workspace, STAGED, '')
  expect((await workspace.map()).hidden).toMatchObject({ events: [{ name: 'extra' }] })
  await workspace.call('POST', `/v1/deployments/${id}/set-live`)
  expect(await ask('/v0/pipes/all.json')).toBe('at path extra n: 6')
  const deployments = await api.deps.catalog.listDeployments(workspace.id, { includeDeleted: true })
  expect(deployments.flatMap(({ map }) => Object.keys(map)).includes('hidden')).toBe(false)
  expect((await workspace.map()).hidden).toBeUndefined()
})
