// Every screen, in both themes and both widths, with content, without any, to a token that may not, and while the server fails: accessible,
// no wider than the window, and whatever people and events name their things it is only ever text.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createCaller, type Caller } from '../support/http.ts'
import { accessibilityProblems } from './support/accessibility.ts'
import { startConsole, takeScreenshot, type RunningConsole } from './support/console.ts'
import { openAs } from './support/open-as.ts'
import { deployVisits, placeOf, PROJECT_TOKENS } from './support/visits-project.ts'

/** A name of a screen, its path below the workspace, and what is there once it has content. */
type Screen = readonly [name: string, path: string]

const LISTS: readonly Screen[] = [
  ['overview', ''],
  ['data-sources', 'data-sources'],
  ['pipes', 'pipes'],
  ['endpoints', 'endpoints'],
  ['playground', 'playground'],
  ['dashboards', 'dashboards'],
  ['lineage', 'lineage'],
  ['deployments', 'deployments'],
  ['jobs', 'jobs'],
  ['logs', 'logs'],
  ['tokens', 'tokens'],
  ['publish', 'publish'],
  ...['workspace', 'secrets', 'branches', 'limits', 'connections', 'metrics'].map((tab): Screen => [
    `settings-${tab}`,
    `settings?tab=${tab}`,
  ]),
]
const PAGES: readonly Screen[] = [
  ['new-file', 'data-sources/new'],
  ['data-source', 'data-sources/visits'],
  ['pipe', 'pipes/visits_of'],
  ['pipe-history', 'pipes/top_tenants?tab=history'],
  ['endpoint', 'endpoints/top_tenants'],
  ['saved-query', 'playground/odd'],
  ['dashboard', 'dashboards/odd'],
  ['deployment', 'deployments/1'],
]
/** What has nothing of its own to say to whom it is forbidden, or when the server fails. Other tabs of a data source: data-sources.e2e.test.ts. */
const TABS: readonly Screen[] = [
  ['new-event', 'data-sources/new?from=event'],
  ['data-source-quarantine', 'data-sources/visits?tab=quarantine'],
  ['pipe-file', 'pipes/visits_of?tab=file'],
  ['pipe-changes', 'pipes/visits_of?tab=changes'],
  ...['use', 'openapi', 'performance', 'settings', 'tokens', 'jwt'].map((tab): Screen => [
    `endpoint-${tab}`,
    `endpoints/top_tenants?tab=${tab}`,
  ]),
  ['dashboard-edit', 'dashboards/odd?edit=true'],
  ['lineage-table', 'lineage?view=table'],
  ['not-there', 'data-sources/nothing_of_this_name'],
]
/** Pictures are kept of these, and of states that no other test shows. */
const PICTURED = new Set([
  ...['pipes', 'deployments', 'jobs', 'logs', 'playground', 'tokens', 'publish'],
  ...['settings-workspace', 'pipe-history', 'saved-query'],
])
const LOOKS = [
  ['light', 'light', 1280],
  ['dark', 'dark', 1280],
  ['phone', 'dark', 390],
] as const

const ATTACK = `<img src=x onerror="window.ran=1">"'><script>window.ran=1</script>`
const layout = (n: number) => ({ x: (n % 3) * 4, y: Math.floor(n / 3) * 4, w: 4, h: 4 })
const tile = (n: number, chart: object, source: object) => ({
  ...{ id: `t${n}`, title: `${n} ${ATTACK}`, description: ATTACK, chart, source },
  layout: layout(n),
})
const PAGES_SQL = 'SELECT page, hits, at, 52.5 AS latitude, 13.4 AS longitude FROM visits'
const BOARD = {
  ...{ name: ATTACK, description: ATTACK },
  parameters: [
    { name: 'tenant', label: ATTACK, type: 'select', options: [ATTACK, 'acme'], default: 'acme' },
  ],
  tiles: [
    tile(0, { type: 'table' }, { pipe: 'visits_of' }),
    tile(1, { type: 'pie', x: 'page', y: ['hits'] }, { sql: PAGES_SQL }),
    tile(2, { type: 'map', x: 'page', y: ['hits'] }, { sql: PAGES_SQL }),
    tile(3, { type: 'bar', x: 'page', y: ['hits'] }, { sql: PAGES_SQL }),
    tile(4, { type: 'line', x: 'at', y: ['hits'], series: 'page' }, { sql: PAGES_SQL }),
    tile(5, { type: 'funnel', x: 'page', y: ['hits'] }, { sql: PAGES_SQL }),
    tile(6, { type: 'number', y: ['page'] }, { sql: PAGES_SQL }),
  ],
}
const SHARED_BOARD = { ...BOARD, tiles: [tile(0, { type: 'table' }, { pipe: 'visits_of' })] }

let running: RunningConsole
let admin: Caller
let place: string

beforeAll(async () => {
  running = await startConsole()
  const { url, tokens } = running.product
  admin = createCaller(url, tokens.workspace_admin_token)
  place = await placeOf(running.product)
})
afterAll(() => running.stop())

/** What is wrong with the page, for each look of it. */
async function problemsIn(
  page: Page,
  name: string,
  looks: typeof LOOKS | readonly [(typeof LOOKS)[number]],
  picture: boolean,
): Promise<string[]> {
  const problems: string[] = []
  for (const [look, colorScheme, width] of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 844 })
    const said = (each: string): string => `${name} ${look}: ${each}`
    problems.push(...(await accessibilityProblems(page)).map(said))
    const wide: number = await page.evaluate('document.documentElement.scrollWidth')
    if (wide > width) problems.push(said(`is ${wide} pixels wide`))
    if (picture) await takeScreenshot(page, `screens/${name}-${look}`)
  }
  const ran: unknown = await page.evaluate('window.ran')
  const made = await page.locator('img[src="x"], script:not([src])').count()
  if (ran !== undefined || made > 0) problems.push(`${name}: what was text became markup`)
  return problems
}

/** Waits until nothing loads any more. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('main').waitFor()
  await page.waitForLoadState('networkidle')
  await expect.poll(() => page.getByRole('status', { name: /^(Loading|Reading)/ }).count()).toBe(0)
}

/** All of them in two windows. @param open a window that is signed in. */
async function walk(
  screens: readonly Screen[],
  open: () => Promise<Page>,
  look: (page: Page, screen: Screen) => Promise<string[]>,
): Promise<string[]> {
  const problems: string[] = []
  const waiting = screens.values()
  const walker = async (): Promise<void> => {
    const page = await open()
    for (const screen of waiting) {
      await page.goto(`/w/${place}/${screen[1]}`)
      await settled(page)
      problems.push(...(await look(page, screen)))
    }
  }
  await Promise.all([walker(), walker()])
  return problems
}

const signedIn = (): Promise<Page> => running.open(`/w/${place}/settings`)

test('an empty workspace is readable everywhere', async () => {
  expect(
    await walk(LISTS, signedIn, (page, [name]) =>
      problemsIn(page, `empty-${name}`, [LOOKS[2]], ['pipes', 'dashboards'].includes(name)),
    ),
  ).toEqual([])
}, 300_000)

test('every screen is readable with content, and names are only ever text', async () => {
  await givenContent()
  expect(
    await walk([...LISTS, ...PAGES, ...TABS], signedIn, (page, [name]) =>
      problemsIn(page, name, LOOKS, PICTURED.has(name)),
    ),
  ).toEqual([])
}, 300_000)

test('so are the sign-in, a shared dashboard, a link that ended and an address that is none', async () => {
  const made = await running.api('POST', '/v0/console/dashboards/shared/shares', {
    ...{ expiration_time: Math.floor(Date.now() / 1_000) + 600, fixed_params: { tenant: 'acme' } },
  })
  const { token, id } = made.json as { token: string; id: string }
  const problems: string[] = []
  const look = async (name: string, path: string): Promise<void> => {
    const page = await running.open(path, { signedIn: false })
    await settled(page)
    problems.push(...(await problemsIn(page, name, LOOKS, true)))
  }
  await look('sign-in', '/sign-in')
  await look('shared', `/shared/shared#${token}`)
  await running.api('DELETE', `/v0/console/dashboards/shared/shares/${id}`)
  await look('shared-ended', `/shared/shared#${token}`)
  await look('no-such-page', '/no/such/page')
  expect(problems).toEqual([])
}, 300_000)

test('a token that may read one endpoint is told on every screen what it may not, readably', async () => {
  const { json } = await running.api('GET', '/v0/tokens')
  const { tokens } = json as { tokens: { name: string; token: string }[] }
  const narrow = tokens.find(({ name }) => name === PROJECT_TOKENS.narrow)?.token ?? ''
  const open = (): Promise<Page> => openAs(running, narrow, `/w/${place}/endpoints`)
  expect(
    await walk([...LISTS, ...PAGES], open, (page, [name]) =>
      problemsIn(page, `forbidden-${name}`, [LOOKS[0]], ['tokens', 'publish'].includes(name)),
    ),
  ).toEqual([])
}, 300_000)

test('a server that fails is told of on every screen, in its words', async () => {
  const broken = 'The engine is away, tried <b>twice</b>.'
  const open = async (): Promise<Page> => {
    const page = await running.open(`/w/${place}/settings`)
    await page.route(/\/(v[01]\/|metrics$)/, (route) =>
      route.fulfill({ status: 500, json: { error: broken } }),
    )
    return page
  }
  const silent = new Set(['new-file', 'playground'])
  const problems = await walk([...LISTS, ...PAGES], open, async (page, [name]) => {
    const isTold = (await page.getByText(broken).count()) > 0 || silent.has(name)
    const found = await problemsIn(page, `failing-${name}`, [LOOKS[2]], name === 'jobs')
    return [...(isTold ? [] : [`${name}: says nothing`]), ...found]
  })
  expect(problems).toEqual([])
}, 300_000)

async function givenContent(): Promise<void> {
  await deployVisits(running.product)
  const put = (path: string, content: unknown) =>
    running.api('PUT', `/v0/console/${path}`, { revision: 0, content })
  const statuses = [
    await put('dashboards/odd', BOARD),
    await put('dashboards/shared', SHARED_BOARD),
    await put('queries/odd', { name: ATTACK, sql: PAGES_SQL, description: ATTACK }),
    await put('drafts/visits_of.pipe', {
      content: `NODE n\nSQL >\n    SELECT '${ATTACK}' AS a, 1 AS\n`,
      base: null,
    }),
    await running.api('POST', '/v0/tokens', {
      ...{ name: ATTACK, description: ATTACK },
      scopes: [{ type: 'PIPES:READ', resource: 'top_tenants' }],
    }),
    await running.api('POST', '/v0/variables', { name: 'password', value: 'x', type: 'secret' }),
  ].map(({ status }) => status)
  expect(statuses.filter((status) => status >= 300)).toEqual([])
  await admin.post(
    '/v0/events?name=visits&wait=true',
    JSON.stringify({ tenant: ATTACK, hits: ATTACK }),
  )
  await admin.post('/v0/datasources/visits/delete', 'delete_condition=hits%3D99')
  await admin.get(`/v0/pipes/top_tenants.json?least=${encodeURIComponent(ATTACK)}`)
}
