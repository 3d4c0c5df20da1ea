import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import {
  expectAccessible,
  startConsole,
  takeScreenshot,
  type RunningConsole,
} from './support/console.ts'
import { tryReload } from './support/try-reload.ts'

let running: RunningConsole
let place: string

const SALES = `SCHEMA >
    shop String,
    sold UInt32,
    at DateTime

ENGINE "MergeTree"
ENGINE_SORTING_KEY "shop, at"
`

beforeAll(async () => {
  running = await startConsole()
  const { name } = (await running.api('GET', '/v1/workspace')).json as { name: string }
  place = `/w/${encodeURIComponent(name)}`
  await deploy({ 'sales.datasource': SALES })
  const rows = [
    ...['a', 'a', 'b'].map((shop, sold) => ({ shop, sold: sold + 1, at: '2026-01-01 00:00:00' })),
  ]
  await running.api(
    'POST',
    '/v0/events?name=sales&wait=true',
    rows.map((row) => JSON.stringify(row)).join('\n'),
  )
})
afterAll(() => running.stop())

beforeEach(async () => {
  const { documents } = (await running.api('GET', '/v0/console/drafts')).json as {
    documents: { id: string }[]
  }
  for (const { id } of documents) await running.api('DELETE', `/v0/console/drafts/${id}`)
})

async function deploy(
  files: Readonly<Record<string, string>>,
  ...gone: readonly string[]
): Promise<void> {
  const form = new FormData()
  for (const [name, text] of Object.entries(files))
    form.append('data_project://', new Blob([text]), name)
  const { url, tokens } = running.product
  const removed = gone.map((file) => `&remove=${file}`).join('')
  const query = `auto_promote=true&onto=live&allow_destructive_operations=true${removed}`
  const answer = await fetch(`${url}/v1/deploy?${query}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${tokens.workspace_admin_token}` },
    body: form,
  })
  expect(((await answer.json()) as { result: string }).result).toBe('success')
}

const sqlOf = (page: Page, node: string) =>
  page.getByRole('textbox', { name: `SQL of node ${node}` })

/** Puts the whole text there, as somebody who pastes it. */
async function write(page: Page, node: string, sql: string): Promise<void> {
  await sqlOf(page, node).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(sql)
  // Closes what is proposed, then leaves the editor.
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
}

const saved = (page: Page) => page.getByText('Draft saved').waitFor()

test('two nodes are written, run, mended where they are wrong, published with their difference, and answer', async () => {
  const page = await running.open(`${place}/pipes`)
  await page.getByText('No pipes yet').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'New pipe' }).first().click()
  await page.getByLabel('Name').fill('top_shops')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL(/pipes\/top_shops/)

  await write(page, 'node_1', 'SELECT shop, sold\nFROM sales')
  await page.getByRole('button', { name: 'Add a node' }).click()
  const limited =
    "%\nSELECT shop,\n  sum(sould) AS sold\nFROM node_1\nGROUP BY shop\nHAVING sold >= {{Int32(least, 1, description='Sold at least')}}\nORDER BY shop"
  await write(page, 'node_2', limited)
  const second = page.getByRole('region', { name: 'Node node_2' })
  await second.getByText(/Line 3:.*sould/).waitFor()
  await second.getByRole('button', { name: 'Run node_2' }).click()
  await second.getByText('In node node_2, line 3.').waitFor()
  await expectAccessible(page)

  await write(page, 'node_2', limited.replace('sould', 'sold'))
  await sqlOf(page, 'node_2').press('Control+Enter')
  await second.getByRole('cell', { name: 'b' }).waitFor()
  await second.getByText(/2 rows in .* read 3 rows/).waitFor()
  await page.getByLabel('least').fill('3')
  await page.getByText('Int32 · Sold at least').waitFor()
  await second.getByRole('button', { name: 'Run node_2' }).click()
  await second.getByText(/2 rows in/).waitFor()
  await page.getByLabel('least').fill('4')
  await second.getByRole('button', { name: 'Run node_2' }).click()
  await second.getByText(/0 rows in/).waitFor()
  expect(page.url()).toContain('least')
  await page.getByLabel('least').fill('')
  await second.getByRole('button', { name: 'Run node_2' }).click()
  await second.getByText(/2 rows in/).waitFor()

  await second.getByRole('button', { name: 'More for node_2' }).click()
  await page.getByRole('menuitem', { name: 'Make it the endpoint' }).click()
  await second.getByText('Endpoint', { exact: true }).waitFor()
  await saved(page)
  await takeScreenshot(page, 'pipe')
  await expectAccessible(page)

  await page.getByRole('link', { name: 'Publish 1 draft' }).click()
  await page.getByText('It fits. Nothing has been changed yet.').waitFor()
  await page.getByText('New:').waitFor()
  await page.getByText('HAVING sold').last().waitFor()
  await takeScreenshot(page, 'publish')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Publish 1 file' }).click()
  await page.getByText('Published', { exact: true }).waitFor({ timeout: 30_000 })
  const answer = await running.api('GET', '/v0/pipes/top_shops.json?least=3')
  expect(answer.json).toMatchObject({
    data: [
      { shop: 'a', sold: 3 },
      { shop: 'b', sold: 3 },
    ],
  })
  await page.getByRole('link', { name: 'pipes', exact: true }).click()
  await page.getByRole('link', { name: 'top_shops.json' }).waitFor()
  await takeScreenshot(page, 'pipes')
})

test('a draft that cannot be saved is not left unasked; one that can is saved on the way', async () => {
  await deploy({ 'kept.pipe': 'NODE only\nSQL >\n    SELECT 1 AS one\n' })
  const page = await running.open(`${place}/pipes/kept`)
  const drafts = '**/v0/console/drafts/kept.pipe'
  const asked = page.getByRole('dialog', { name: 'Leave without saving?' })
  await page.route(drafts, (route) => route.abort())
  await write(page, 'only', 'SELECT 2 AS two')
  await page.getByRole('link', { name: 'Data sources', exact: true }).click()
  await asked.waitFor()
  await expectAccessible(page)
  await asked.getByRole('button', { name: 'Stay here' }).click()
  expect(await tryReload(page)).toBe('beforeunload')
  await page.unroute(drafts)
  await page.getByRole('link', { name: 'Data sources', exact: true }).click()
  await page.waitForURL((url) => url.pathname.endsWith('/data-sources'))
  expect(await asked.count()).toBe(0)
  const { json } = await running.api('GET', '/v0/console/drafts/kept.pipe')
  expect(JSON.stringify(json)).toContain('SELECT 2 AS two')
})

test('another tab sees the draft, what both change is decided by somebody, and undo brings a node back', async () => {
  await deploy({
    'both.pipe': 'NODE one\nSQL >\n    SELECT 1 AS x\n\nNODE two\nSQL >\n    SELECT * FROM one\n',
  })
  const page = await running.open(`${place}/pipes/both`)
  await write(page, 'one', 'SELECT 2 AS x')
  await saved(page)
  const other = await page.context().newPage()
  await other.goto(`${place}/pipes/both`)
  await other.getByText('SELECT 2 AS x').waitFor()
  await write(other, 'one', 'SELECT 3 AS x')
  await saved(other)

  await write(page, 'one', 'SELECT 4 AS x')
  await page.getByText('Changed in another tab').waitFor()
  await page.getByRole('button', { name: 'Save mine over it' }).click()
  await saved(page)
  await other.reload()
  await other.getByText('SELECT 4 AS x').waitFor()
  await other.close()

  await page.getByRole('button', { name: 'More for two' }).click()
  await page.getByRole('menuitem', { name: 'Delete node' }).click()
  expect(await sqlOf(page, 'two').count()).toBe(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await sqlOf(page, 'two').waitFor()

  // Somebody publishes the same pipe in between.
  await deploy({ 'both.pipe': 'NODE one\nSQL >\n    SELECT 5 AS x\n' })
  await page.reload()
  await page.getByText('Somebody published another version').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Take the published one' }).click()
  await page.getByText('SELECT 5 AS x').waitFor()
})

test('what a node is promoted to stands in its file: a copy, a materialization with a new data source', async () => {
  await deploy({
    'kept.pipe':
      'NODE states\nSQL >\n    SELECT shop, sumState(sold) AS sold FROM sales GROUP BY shop\n',
  })
  const page = await running.open(`${place}/pipes/kept`)
  await page.getByRole('button', { name: 'More for states' }).click()
  await page.getByRole('menuitem', { name: 'Explain' }).click()
  await page.getByRole('cell', { name: 'sales' }).waitFor()
  await page.getByRole('button', { name: 'Close' }).click()

  await page.getByRole('button', { name: 'More for states' }).click()
  await page.getByRole('menuitem', { name: 'Materialize it…' }).click()
  await page.getByText('Suggested: the node gives states of aggregates.').waitFor()
  await takeScreenshot(page, 'materialize')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Materialize', exact: true }).click()
  await page.getByText('into states_mv').waitFor()
  await page.getByRole('link', { name: 'Publish 2 drafts' }).click()
  await page.getByText('It fits. Nothing has been changed yet.').waitFor()
  await page.getByRole('button', { name: 'Publish 2 files' }).click()
  await page.getByText('Published', { exact: true }).waitFor({ timeout: 30_000 })
  const sources = (await running.api('GET', '/v0/datasources')).json as {
    datasources: { name: string; engine: { engine: string } }[]
  }
  expect(sources.datasources.find(({ name }) => name === 'states_mv')?.engine.engine).toBe(
    'AggregatingMergeTree',
  )
})

const KEPT = `SCHEMA >
    shop String,
    sold UInt64

ENGINE "MergeTree"
ENGINE_SORTING_KEY "shop"
`

test('a node is formatted, made a copy and edited as a file, and the live project is downloaded', async () => {
  await deploy({
    'kept_sales.datasource': KEPT,
    'copying.pipe':
      'NODE one\nSQL >\n    select shop, sum(sold) as sold from sales group by shop\n',
  })
  const page = await running.open(`${place}/pipes/copying`)
  const one = page.getByRole('region', { name: 'Node one' })
  await one.getByRole('button', { name: 'Format one' }).click()
  await one.getByText('GROUP BY shop', { exact: true }).waitFor()

  await one.getByRole('button', { name: 'More for one' }).click()
  await page.getByRole('menuitem', { name: 'Copy its rows…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Into').selectOption('kept_sales')
  await dialog.getByLabel('Schedule').fill('0 * * * *')
  await dialog.getByLabel('Rows that are there').selectOption('replace')
  await dialog.getByRole('button', { name: 'Make it a copy' }).click()
  await one.getByText('into kept_sales, 0 * * * *').waitFor()

  await page.getByRole('tab', { name: 'File' }).click()
  await page.waitForURL(/tab=file/)
  const file = page.getByRole('textbox', { name: 'The datafile' })
  for (const line of [
    'TYPE copy',
    'TARGET_DATASOURCE kept_sales',
    'COPY_SCHEDULE 0 * * * *',
    'COPY_MODE replace',
  ])
    await file.getByText(line, { exact: true }).waitFor()
  await file.click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText('DESCRIPTION >\n    Sales that are kept.\n\n')
  await saved(page)
  await page.getByRole('tab', { name: 'Changes' }).click()
  await page.getByText('Sales that are kept.').first().waitFor()
  await page.getByRole('link', { name: 'Publish 1 draft' }).click()
  await page.getByText('It fits. Nothing has been changed yet.').waitFor()

  await page.goto(`${place}/pipes`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download project' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/\.zip$/)
  // Names stand in a zip as they are.
  const packed = await readFile(await download.path(), 'latin1')
  for (const path of ['datasources/sales.datasource', 'pipes/copying.pipe'])
    expect(packed).toContain(path)
})

test('a pipe that was removed shows what it was, and comes back as a draft', async () => {
  const file = 'bygone.pipe'
  await deploy({ [file]: 'NODE one\nSQL >\n    SELECT 17 AS bygone_number\n' })
  await deploy({ 'beside.pipe': 'NODE one\nSQL >\n    SELECT 1 AS a\n' }, file)
  const page = await running.open(`${place}/pipes/bygone`)
  await page.getByText('There is no pipe bygone').waitFor()
  await page.getByRole('button', { name: 'See what it was' }).click()
  await page.getByText('SELECT 17 AS bygone_number').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Take into my draft' }).click()
  await saved(page)
  await page.goto(`${place}/pipes/bygone`)
  await sqlOf(page, 'one').getByText('SELECT 17 AS bygone_number').waitFor()
})

test('what a pipe was in past deployments is compared with what is live, and taken back', async () => {
  const version = (number: number) => ({
    'aged.pipe': `NODE one\nSQL >\n    SELECT ${number} AS version_of_it\n`,
  })
  for (const number of [1, 2, 3]) await deploy(version(number))
  const page = await running.open(`${place}/pipes/aged`)
  await page.getByRole('tab', { name: 'History' }).click()
  const versions = page.getByRole('list', { name: 'Versions' }).getByRole('button')
  await versions.nth(2).waitFor()
  expect(await versions.count()).toBe(3)
  await page.getByText('This is what is live.').waitFor()
  await versions.nth(2).click()
  await page.waitForURL(/tab=history.*version=\d+/)
  await page.getByText('SELECT 1 AS version_of_it').waitFor()
  await page.getByText('SELECT 3 AS version_of_it').waitFor()
  await takeScreenshot(page, 'pipe-history')
  await expectAccessible(page)
  await page.reload()
  await page.getByText('SELECT 1 AS version_of_it').waitFor()
  await page.getByRole('button', { name: 'Take into my draft' }).click()
  await saved(page)
  await page.getByText('What you have now').waitFor()
  await page.getByRole('tab', { name: 'Nodes' }).click()
  await sqlOf(page, 'one').getByText('SELECT 1 AS version_of_it').waitFor()
})

test('the server suggests what fits a published node, or says why it cannot be materialized', async () => {
  const select = 'SELECT shop, count() AS n FROM sales GROUP BY shop'
  await deploy({ 'counted.pipe': `NODE counts\nSQL >\n    ${select}\n` })
  const page = await running.open(`${place}/pipes/counted`)
  const open = async (): Promise<void> => {
    await page.getByRole('button', { name: 'More for counts' }).click()
    await page.getByRole('menuitem', { name: 'Materialize it…' }).click()
  }
  await open()
  await page.getByText('The SQL of the node becomes').waitFor()
  const reading = page.getByLabel('the SQL that reads it', { exact: true })
  await reading.filter({ hasText: 'countMerge' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Materialize', exact: true }).click()
  await page.getByText('into counts_mv').waitFor()
  await sqlOf(page, 'counts').getByText('countState()').waitFor()
  await page.getByRole('link', { name: 'Publish 2 drafts' }).click()
  await page.getByText('It fits. Nothing has been changed yet.').waitFor()

  await deploy({ 'summed.pipe': `NODE counts\nSQL >\n    ${select} HAVING n > 1\n` })
  await page.goto(`${place}/pipes/summed`)
  await open()
  await page.getByText(/cannot be materialized: HAVING/).waitFor()
})

test('a removal is named and confirmed before it is published', async () => {
  await deploy({ 'going.pipe': 'NODE one\nSQL >\n    SELECT 1 AS x\nTYPE endpoint\n' })
  const page = await running.open(`${place}/pipes/going`)
  await page.getByRole('button', { name: 'More for the pipe' }).click()
  await page.getByRole('menuitem', { name: 'Remove the pipe…' }).click()
  await page.getByLabel('Type going to confirm').fill('going')
  await page.getByRole('button', { name: 'Remove with the next publication' }).click()
  await page.getByText('going is to be removed').waitFor()
  await page.getByRole('link', { name: 'Publish 1 draft' }).click()
  await page.getByText(/would be removed/).waitFor()
  await page.getByRole('button', { name: 'Publish 1 file' }).click()
  const lose = page.getByRole('button', { name: 'Publish and lose it' })
  expect(await lose.isDisabled()).toBe(true)
  await page.getByLabel('Type going to confirm').fill('going')
  await lose.click()
  await page.getByText('Published', { exact: true }).waitFor({ timeout: 30_000 })
  expect((await running.api('GET', '/v0/pipes/going.json')).status).toBe(404)
})

test('what cannot be published says why, at the file, and nothing of it is live', async () => {
  const page = await running.open(`${place}/pipes`)
  await page.getByRole('button', { name: 'New pipe' }).first().click()
  await page.getByLabel('Name').fill('broken')
  await page.getByRole('button', { name: 'Create' }).click()
  await write(page, 'node_1', 'SELECT nosuch FROM sales')
  await saved(page)
  await page.getByRole('link', { name: 'Publish 1 draft' }).click()
  await page.getByText('It cannot be published as it is.').waitFor()
  await page
    .getByRole('list', { name: 'Remarks of the server' })
    .getByText(/nosuch/)
    .first()
    .waitFor()
  expect(await page.getByRole('button', { name: 'Publish 1 file' }).isDisabled()).toBe(true)
})

test('a token that only reads sees pipes, has no drafts, and is told what it may not do', async () => {
  const made = await running.api('POST', '/v0/tokens?name=reader&scope=WORKSPACE:READ_ALL')
  const { token } = made.json as { token: string }
  const page = await running.open('/sign-in', {
    signedIn: false,
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
  })
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => url.pathname.startsWith('/w/'))
  await page.goto(`${place}/pipes/top_shops`)
  await sqlOf(page, 'node_1').waitFor()
  await page
    .getByText(/PIPES:CREATE/)
    .first()
    .waitFor()
  for (const name of ['Run node_1', 'More for node_1', 'Add a node'])
    expect(await page.getByRole('button', { name }).count()).toBe(0)
  expect(await sqlOf(page, 'node_1').getAttribute('contenteditable')).toBe('false')
  await takeScreenshot(page, 'pipe-phone-dark')
  await expectAccessible(page)
})
