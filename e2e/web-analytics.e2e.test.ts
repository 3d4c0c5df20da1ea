// The example project: deployed from its files, its own tests/*.yaml over its fixtures, then its demo as users run it.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCaller, deployProject, type Caller } from './support/http.ts'
import { startProduct, type Product } from './support/product.ts'
import { run } from './support/run.ts'
import { sandpiper } from './support/sandpiper-command.ts'

const EXAMPLE = new URL('../examples/web-analytics/', import.meta.url)
const pipes = readdirSync(new URL('tests/', EXAMPLE)).map((file) => file.replace('.yaml', ''))

let product: Product
let admin: Caller
let reader: Caller

beforeAll(async () => {
  product = await startProduct()
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
  await deployProject(admin, projectFiles())
  reader = createCaller(product.url, await tokenNamed('dashboard'))
  const tracker = createCaller(product.url, await tokenNamed('tracker'))
  const fixture = readFileSync(new URL('fixtures/events.ndjson', EXAMPLE), 'utf8')
  const sent = await tracker.post('/v0/events?name=events&wait=true', fixture)
  expect(sent, sent.text).toMatchObject({
    status: 200,
    json: { successful_rows: fixture.trim().split('\n').length, quarantined_rows: 0 },
  })
})
afterAll(() => product.stop())

test("the project's own tests pass over its fixtures, as its users run them", async () => {
  const { code, output } = await sandpiper(product.url, fileURLToPath(EXAMPLE), [
    'test',
    'run',
    '--json',
  ])
  expect(code, output).toBe(0)
  const { passed, failed, tests } = JSON.parse(output) as Record<string, unknown>
  expect({ passed, failed }).toEqual({ passed: 12, failed: 0 })
  expect(new Set((tests as { pipe: string }[]).map(({ pipe }) => pipe))).toEqual(new Set(pipes))
})

test('the tokens of the project do what their lines say and no more', async () => {
  expect((await reader.post('/v0/events?name=events', '{}')).status).toBe(403)
  expect((await reader.post('/v0/sql', 'SELECT count() FROM events')).status).toBe(403)
})

test('a materialization holds what its SELECT over the rows gives', async () => {
  const [row] = await admin.sql(
    `SELECT
       (SELECT countMerge(hits) FROM sessions) AS sessions,
       (SELECT countMerge(hits) FROM pages_daily) AS pages,
       (SELECT countMerge(hits) FROM sources_daily) AS sources,
       (SELECT count() FROM events) AS events`,
  )
  expect(row).toEqual({ sessions: 12, pages: 12, sources: 12, events: 12 })
})

test('the demo runs twice on the same server: 200,000 events, none lost, none doubled', async () => {
  for (const runs of [1, 2]) {
    const demo = await run({
      command: process.execPath,
      args: [
        fileURLToPath(new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url)),
        'demo.ts',
      ],
      cwd: fileURLToPath(EXAMPLE),
      env: { SANDPIPER_URL: product.url },
      timeoutMs: 150_000,
    })
    expect(demo, demo.output).toMatchObject({ code: 0 })
    for (const pipe of pipes)
      expect(demo.output).toMatch(new RegExp(`^${pipe} .*rows, first call`, 'm'))
    expect(await admin.sql('SELECT count() AS events FROM events')).toEqual([
      { events: 12 + 100_000 * runs },
    ])
    expect(await admin.sql('SELECT countMerge(hits) AS hits FROM sources_daily')).toEqual([
      { hits: 12 + 100_000 * runs },
    ])
  }
})

test('the demo without a server says so in one line', async () => {
  const demo = await run({
    command: process.execPath,
    args: [fileURLToPath(new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url)), 'demo.ts'],
    cwd: fileURLToPath(EXAMPLE),
    env: { SANDPIPER_URL: 'http://127.0.0.1:9' },
  })
  expect(demo.code).toBe(1)
  expect(demo.output.trim()).toBe(
    'No server at http://127.0.0.1:9. Start it with `npm start`, or set SANDPIPER_URL.',
  )
})

function projectFiles(): Record<string, string> {
  const folders = ['datasources', 'materializations', 'endpoints']
  const names = folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, EXAMPLE)).map((file) => `${folder}/${file}`),
  )
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(new URL(name, EXAMPLE), 'utf8')]),
  )
}

async function tokenNamed(name: string): Promise<string> {
  const { tokens } = (await admin.get('/v0/tokens')).json as {
    tokens: { name: string; token: string }[]
  }
  const found = tokens.find((each) => each.name === name)
  if (!found) throw new Error(`no token ${name}`)
  return found.token
}
