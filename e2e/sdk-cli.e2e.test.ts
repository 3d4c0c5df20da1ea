// The commands of the unmodified `tinybird` CLI, each in a git repository as its users have one.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { createCaller, type Caller } from './support/http.ts'
import { startProduct, type Product } from './support/product.ts'
import { createSdkProject, type SdkProject } from './support/sdk-project.ts'

const DEFINITIONS = `
import { defineDatasource, defineEndpoint, defineMaterializedView, node, t, p, engine } from '@tinybirdco/sdk'

export const hits = defineDatasource('hits', {
  schema: { at: t.dateTime(), path: t.string(), ms: t.uint32().nullable() },
  engine: engine.mergeTree({ sortingKey: ['path', 'at'] }),
})

export const daily = defineDatasource('daily', {
  jsonPaths: false,
  schema: {
    day: t.date(),
    path: t.string(),
    hits: t.simpleAggregateFunction('sum', t.uint64()),
  },
  engine: engine.aggregatingMergeTree({ sortingKey: ['day', 'path'] }),
})

export const dailyMv = defineMaterializedView('daily_mv', {
  datasource: daily,
  nodes: [node({
    name: 'fold',
    sql: 'SELECT toDate(at) AS day, path, count() AS hits FROM hits GROUP BY day, path',
  })],
})

export const topPaths = defineEndpoint('top_paths', {
  params: { limit: p.int32().optional(3) },
  nodes: [node({
    name: 'endpoint',
    sql: \`SELECT path, sum(hits) AS total FROM daily GROUP BY path ORDER BY total DESC, path LIMIT {{Int32(limit, 3)}}\`,
  })],
  output: { path: t.string(), total: t.uint64() },
})
`
const ROWS = ['/a', '/a', '/b']
  .map((path) => JSON.stringify({ at: '2026-01-15 10:00:00', path, ms: 5 }))
  .join('\n')

let product: Product
let main: Caller
let project: SdkProject

beforeAll(async () => {
  // The CLI's LOCAL mode knows no other port.
  product = await startProduct(7181)
  main = createCaller(product.url, product.tokens.workspace_admin_token)
})
afterAll(() => product.stop())

beforeEach(async () => {
  project = await createSdkProject({
    'src/tinybird.ts': DEFINITIONS,
    'tinybird.config.json': JSON.stringify({
      include: ['src/tinybird.ts'],
      token: '${TINYBIRD_TOKEN}',
      baseUrl: product.url,
    }),
    '.env.local': `TINYBIRD_TOKEN=${product.tokens.workspace_admin_token}\n`,
  })
})
afterEach(() => project.remove())

test('`tinybird build --local` builds into a workspace of its own, and again without changes', async () => {
  await project.git('checkout', '-qb', 'feature/local')
  const built = await project.tinybird(['build', '--local'])
  expect(built, built.output).toMatchObject({ code: 0 })
  expect(built.output).toContain('✓ hits.datasource created')
  expect(built.output).toContain('✓ top_paths.pipe created')

  const again = await project.tinybird(['build', '--local'])
  expect(again.output).toContain('No changes')

  const local = await workspaceNamed('feature_local')
  await ingestAndRead(local)
})

test('`tinybird build` on a feature branch makes the branch and leaves main alone', async () => {
  await project.git('checkout', '-qb', 'feature/build-it')
  const built = await project.tinybird(['build'])
  expect(built, built.output).toMatchObject({ code: 0 })
  await ingestAndRead(await branchNamed('feature_build_it'))
  expect((await main.get('/v0/pipes/top_paths.json')).status).toBe(404)
})

test('`tinybird dev` syncs a changed file and a broken one says where', async () => {
  await project.git('checkout', '-qb', 'feature/dev')
  const dev = project.startTinybird(['dev'])
  try {
    await dev.until(/Watching for changes/)
    const branch = await branchNamed('feature_dev')
    await ingestAndRead(branch)

    project.write(
      'src/tinybird.ts',
      DEFINITIONS.replace('AS total', 'AS sum_of_hits').replaceAll('total', 'sum_of_hits'),
    )
    await dev.until(/top_paths\.pipe changed/)
    await dev.until(/Rebuild completed/)
    const answer = await branch.get('/v0/pipes/top_paths.json')
    expect(answer.json).toMatchObject({ data: [{ path: '/a', sum_of_hits: 2 }, { path: '/b' }] })

    project.write('src/tinybird.ts', DEFINITIONS.replace('FROM daily', 'FROM nowhere'))
    await dev.until(/top_paths[\s\S]*nowhere[\s\S]*Rebuild failed/)
    expect((await branch.get('/v0/pipes/top_paths.json')).json).toEqual(
      expect.objectContaining({ data: (answer.json as { data: unknown }).data }),
    )
  } finally {
    await dev.end()
  }
})

test('`tinybird deploy` on main goes live, keeps rows over a second one and refuses to delete unasked', async () => {
  const checked = await project.tinybird(['deploy', '--check'])
  expect(checked, checked.output).toMatchObject({ code: 0 })
  expect((await main.get('/v0/pipes/top_paths.json')).status).toBe(404)

  const deployed = await project.tinybird(['deploy'])
  expect(deployed, deployed.output).toMatchObject({ code: 0 })
  expect(deployed.output).toMatch(/Deployment #\d+ is live/)
  await ingestAndRead(main)

  const column = "ms: t.uint32().nullable(), country: t.string().default('')"
  project.write('src/tinybird.ts', DEFINITIONS.replace('ms: t.uint32().nullable()', column))
  const second = await project.tinybird(['deploy'])
  expect(second, second.output).toMatchObject({ code: 0 })
  expect(
    await main.sql("SELECT count() AS rows, countIf(country = '') AS empty FROM hits"),
  ).toEqual([{ rows: 3, empty: 3 }])

  const without = DEFINITIONS.slice(0, DEFINITIONS.indexOf('export const topPaths'))
  project.write('src/tinybird.ts', without.replace('ms: t.uint32().nullable()', column))
  const refused = await project.tinybird(['deploy'])
  expect(refused.code, refused.output).toBe(1)
  expect(refused.output).toContain('top_paths')
  const allowed = await project.tinybird(['deploy', '--allow-destructive-operations'])
  expect(allowed, allowed.output).toMatchObject({ code: 0 })
  expect((await main.get('/v0/pipes/top_paths.json')).status).toBe(404)
})

test('`tinybird build` refuses main, `tinybird branch` lists and deletes branches', async () => {
  expect((await project.tinybird(['build'])).output).toContain("Use 'tinybird deploy'")
  await project.git('checkout', '-qb', 'feature/short')
  expect((await project.tinybird(['build'])).code).toBe(0)
  expect((await project.tinybird(['branch', 'list'])).output).toContain('feature_short')
  const removed = await project.tinybird(['branch', 'delete', 'feature_short'])
  expect(removed, removed.output).toMatchObject({ code: 0 })
  expect((await project.tinybird(['branch', 'list'])).output).not.toContain('feature_short')
})

test('`tinybird info` and `tinybird pull` know the workspace and give back its datafiles', async () => {
  const info = await project.tinybird(['info', '--json'])
  expect(info, info.output).toMatchObject({ code: 0 })
  const pulled = await project.tinybird(['pull', '--output-dir', 'pulled'])
  expect(pulled, pulled.output).toMatchObject({ code: 0 })
  expect(project.read('pulled/hits.datasource')).toContain('ENGINE_SORTING_KEY')
})

/** Posts three rows and reads them back through view and endpoint. */
async function ingestAndRead(workspace: Caller): Promise<void> {
  const sent = await workspace.post('/v0/events?name=hits&wait=true', ROWS)
  expect(sent, sent.text).toMatchObject({
    status: 200,
    json: { successful_rows: 3, quarantined_rows: 0 },
  })
  const answer = await eventually(
    () => workspace.get('/v0/pipes/top_paths.json?limit=2'),
    ({ json }) => (json as { rows?: number }).rows === 2,
  )
  expect(answer.json).toMatchObject({
    data: [
      { path: '/a', total: 2 },
      { path: '/b', total: 1 },
    ],
  })
}

async function branchNamed(name: string): Promise<Caller> {
  const branch = await main.get(`/v0/environments/${name}?with_token=true`)
  expect(branch.status, branch.text).toBe(200)
  return createCaller(product.url, (branch.json as { token: string }).token)
}

async function workspaceNamed(name: string): Promise<Caller> {
  const user = createCaller(product.url, product.tokens.admin_token)
  const { json } = await user.get('/v1/user/workspaces')
  const { workspaces } = json as { workspaces: { name: string; token: string }[] }
  const found = workspaces.find((each) => each.name === name)
  expect(workspaces.map((each) => each.name)).toContain(name)
  return createCaller(product.url, found!.token)
}
