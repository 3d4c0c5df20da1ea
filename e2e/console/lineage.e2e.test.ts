// Where rows come from and go to: as a graph, and as a table for keyboards and phones.
import { beforeAll, expect, test } from 'vitest'

import { expectAccessible, takeScreenshot } from './support/console.ts'
import { openAs } from './support/open-as.ts'
import { startVisitsConsole } from './support/visits-console.ts'
import { deployVisits, PROJECT_TOKENS } from './support/visits-project.ts'

const PIPES = 300
const many = Object.fromEntries(
  Array.from({ length: PIPES }, (_, at) => [
    `endpoints/many_${at}.pipe`,
    `NODE n\nSQL >\n    SELECT count() AS c FROM ${at === 0 ? 'visits' : `many_${Math.floor((at - 1) / 3)}`}\n\nTYPE endpoint\n`,
  ]),
)

const visits = startVisitsConsole('lineage')
const { open } = visits

beforeAll(async () => {
  await visits.running.api('PUT', '/v0/console/dashboards/board', {
    revision: 0,
    content: {
      name: 'Board',
      tiles: [
        {
          ...{ id: 'a', title: 'A', chart: { type: 'table' } },
          ...{ source: { pipe: 'visits_of' }, layout: { x: 0, y: 0, w: 6, h: 4 } },
        },
      ],
    },
  })
})

test.each(['light', 'dark'] as const)(
  'leads from tables to dashboards, in %s',
  async (colorScheme) => {
    const page = await open('', { colorScheme })
    for (const name of [
      'Data source visits',
      'Materialization to_daily',
      'Endpoint visits_of',
      'Dashboard Board',
    ])
      await page.getByRole('link', { name }).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, `lineage-${colorScheme}`)
    await page.getByRole('link', { name: 'Endpoint visits_of' }).click()
    await page.waitForURL((url) => url.pathname.endsWith('/endpoints/visits_of'))
  },
)

test('shows only what is around one, by its address', async () => {
  const page = await open('?focus=to_daily')
  await page.getByRole('link', { name: 'Data source daily' }).waitFor()
  expect(await page.getByRole('link', { name: 'Endpoint visits_of' }).count()).toBe(0)
  await page.getByLabel('Only around').selectOption({ label: 'everything' })
  await page.getByRole('link', { name: 'Endpoint visits_of' }).waitFor()
})

test('as a table it says the same, on a phone from the start', async () => {
  const page = await open('', { viewport: { width: 390, height: 844 } })
  const row = page
    .getByRole('row')
    .filter({ has: page.getByRole('cell', { name: 'to_daily Materialization' }) })
  await row.getByRole('link', { name: 'visits', exact: true }).waitFor()
  await row.getByRole('link', { name: 'daily', exact: true }).waitFor()
  await expectAccessible(page)
  await takeScreenshot(page, 'lineage-phone')
  await page.getByLabel('Find').fill('nothing like that')
  await page.getByText('Nothing has that name').waitFor()
})

test('rows that came in stand on their way', async () => {
  const figure = `SELECT count() AS c FROM tinybird.datasources_ops_log WHERE event_type = 'append-hfi'`
  await expect
    .poll(async () => (await visits.running.api('POST', '/v0/sql', `${figure} FORMAT JSON`)).json, {
      timeout: 15_000,
      interval: 250,
    })
    .toMatchObject({ data: [{ c: 1 }] })
  const page = await open('?view=table')
  await page.getByText('8 rows/day').waitFor()
  await page.getByRole('cell', { name: 'Events API Source' }).waitFor()
})

test('a token that may read one endpoint sees that one, no figures, and nothing of what it reads', async () => {
  const { json } = await visits.running.api('GET', '/v0/tokens')
  const { tokens } = json as { tokens: { name: string; token: string }[] }
  const narrow = tokens.find(({ name }) => name === PROJECT_TOKENS.narrow)?.token ?? ''
  const path = `/w/${visits.place}/lineage?view=table`
  const page = await openAs(visits.running, narrow, path)
  await page.getByText('the figures are left out').waitFor()
  await page.getByRole('link', { name: 'top_tenants', exact: true }).waitFor()
  await expectAccessible(page)
  const seen = await page.content()
  for (const hidden of ['visits_of', 'to_daily', 'daily']) expect(seen).not.toContain(hidden)
})

test('three hundred pipes are drawn and searched without waiting', async () => {
  await deployVisits(visits.running.product, many)
  const page = await open('')
  await page.getByLabel('Find').fill('many_299')
  await page.getByRole('link', { name: 'Endpoint many_299' }).waitFor()
  // Only what is in sight is in the document.
  expect(await page.locator('.react-flow__node').count()).toBeLessThan(PIPES)
})
