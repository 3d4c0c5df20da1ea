// Going anywhere by name and by keys; and names that look like words of addresses.
import { beforeAll, expect, test } from 'vitest'

import { expectAccessible, takeScreenshot } from './support/console.ts'
import { startVisitsConsole } from './support/visits-console.ts'

const ENGINE = 'ENGINE "MergeTree"\nENGINE_SORTING_KEY "at"\n'
const visits = startVisitsConsole('', {
  'datasources/new.datasource': `SCHEMA >\n    \`at\` DateTime \`json:$.at\`\n\n${ENGINE}`,
  'endpoints/create.pipe': 'NODE n\nSQL >\n    SELECT 1 AS one\n\nTYPE endpoint\n',
})
const { open } = visits

beforeAll(async () => {
  const content = { name: 'Visits of <b>all</b>', tiles: [] }
  await visits.running.api('PUT', '/v0/console/dashboards/board', { revision: 0, content })
  const query = { name: 'Hits by tenant', sql: 'SELECT 41 + 1 AS answer' }
  await visits.running.api('PUT', '/v0/console/queries/new', { revision: 0, content: query })
})

test('the palette finds dashboards, saved queries, sources and pipes, and begins what is new', async () => {
  const page = await open('')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  const choose = async (typed: string, option: string): Promise<void> => {
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('Where to?').fill(typed)
    await page.getByRole('option', { name: option, exact: true }).waitFor()
    await page.keyboard.press('Enter')
  }
  await choose('visits of all', 'Dashboard Visits of <b>all</b>')
  await page.waitForURL((url) => url.pathname.endsWith('/dashboards/board'))
  await choose('by tenant', 'Query Hits by tenant')
  await page.waitForURL((url) => url.pathname.endsWith('/playground/new'))
  await page.getByRole('textbox', { name: 'SQL' }).getByText('41').waitFor()
  await choose('source visits', 'Data source visits')
  await page.waitForURL((url) => url.pathname.endsWith('/data-sources/visits'))
  await choose('new pipe', 'New pipe')
  await page.getByRole('dialog', { name: 'New pipe' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Where to?').fill('nothing is called so')
  await page.getByText('Nothing has that name.').waitFor()
  await expectAccessible(page)
})

test('keys lead to areas and into the search, all of them are shown, and none disturbs who writes', async () => {
  const page = await open('/pipes')
  await page.getByRole('heading', { name: 'Pipes' }).waitFor()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard' })
  await help.getByText('Go to anything by its name').waitFor()
  await expectAccessible(page)
  await takeScreenshot(page, 'keyboard')
  await page.keyboard.press('Escape')
  await page.keyboard.press('/')
  const search = page.getByRole('searchbox').first()
  await page.locator('input[type="search"]:focus').waitFor()
  await page.keyboard.type('g?d')
  expect(await search.inputValue()).toBe('g?d')
  expect(await help.count()).toBe(0)
  await search.blur()
  await page.keyboard.type('gd')
  await page.waitForURL((url) => url.pathname.endsWith('/data-sources'))
  await page.keyboard.press('?')
  await help.getByLabel(/Keys without Ctrl work/).uncheck()
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'hidden' })
  await page.keyboard.type('?gp')
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Where to?').waitFor()
  expect(await help.count()).toBe(0)
  expect(new URL(page.url()).pathname).toMatch(/data-sources$/)
})

test('what is named like a word of an address has its own page', async () => {
  const page = await open('/data-sources/new')
  await page.getByRole('heading', { name: 'new', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Append a file' }).waitFor()
  await page.goto(`/w/${visits.place}/pipes/create`)
  await page.getByRole('textbox', { name: 'SQL of node n' }).waitFor()
  await page.goto(`/w/${visits.place}/data-sources`)
  await page.getByRole('link', { name: 'Create', exact: true }).first().click()
  await page.getByRole('heading', { name: 'Create a data source' }).waitFor()
  // The query whose id is `new` is not the one that was never saved.
  await page.goto(`/w/${visits.place}/playground/new`)
  await page.getByRole('textbox', { name: 'SQL' }).getByText('41').waitFor()
  await page.getByRole('button', { name: 'New query', exact: true }).last().click()
  await page.waitForURL((url) => url.pathname.endsWith('/playground'))
  await expect
    .poll(() => page.getByRole('textbox', { name: 'SQL' }).textContent())
    .not.toContain('41')
})
