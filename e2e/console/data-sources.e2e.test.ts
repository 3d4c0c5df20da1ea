// Data sources in the console: made of a file and of an event, looked at, healed, emptied and deleted; and that what events hold is only ever text.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createCaller, deployProject, type Caller } from '../support/http.ts'
import {
  expectAccessible,
  expectNoProblems,
  startConsole,
  takeScreenshot,
  type RunningConsole,
} from './support/console.ts'
import { placeOf } from './support/visits-project.ts'

const ATTACK = `<img src=x onerror="window.ran=1"><script>window.ran=1</script>{{7*7}}`
const ORDERS = `DESCRIPTION >
    ${ATTACK}

SCHEMA >
    \`at\` DateTime \`json:$.at\`,
    \`order_id\` UInt32 \`json:$.order\`,
    \`product\` LowCardinality(String) \`json:$.product\`,
    \`price\` Float64 \`json:$.price\`,
    \`note\` Nullable(String) \`json:$.note\`

ENGINE "MergeTree"
ENGINE_PARTITION_KEY "toYYYYMM(at)"
ENGINE_SORTING_KEY "at"
`
const TOP = `TOKEN "shop window" READ

NODE top
SQL >
    SELECT product, count() AS c FROM orders GROUP BY product

TYPE endpoint
`
const ROWS = 5_000

let running: RunningConsole
let admin: Caller
let place: string

beforeAll(async () => {
  running = await startConsole()
  const { url, tokens } = running.product
  admin = createCaller(url, tokens.workspace_admin_token)
  place = await placeOf(running.product)
  await deployProject(admin, { 'orders.datasource': ORDERS, 'top.pipe': TOP })
  const rows = Array.from({ length: ROWS }, (_, n) => ({
    at: new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString().slice(0, 19).replace('T', ' '),
    ...{ order: n, product: ['tea', 'coffee', ATTACK][n % 3], price: (n % 90) / 4 },
    note: n % 4 === 0 ? ATTACK : null,
  }))
  const refused = [
    { at: '15/01/2026 10:00', order: 7_000_001, product: ATTACK, price: 12 },
    { at: '2026-01-15 10:00:00', order: 7_000_002, product: 'tea', price: '1,250.00' },
  ]
  const lines = [...rows, ...refused].map((row) => JSON.stringify(row)).join('\n')
  await admin.post('/v0/datasources?mode=append&name=orders&format=ndjson', lines)
})
afterAll(() => running.stop())

const at = (path: string): string => `/w/${place}/data-sources${path}`

/** Nothing that events hold became anything but text. */
async function expectOnlyText(page: Page): Promise<void> {
  expect(await page.evaluate('window.ran')).toBeUndefined()
  expect(await page.locator('img[src="x"], script:not([src])').count()).toBe(0)
}

describe('a file', () => {
  const CSV = 'Order Id;day;product;price\n1;2026-10-30;tea;2.50\n2;2026-11-01;"<b>x</b>";3.20\n'

  test('is read, its schema changed, deployed and imported, and its rows are there', async () => {
    const page = await running.open(at('/-/new'))
    await page.locator('input[type=file]').setInputFiles({
      ...{ name: 'shop 2026.csv', mimeType: 'text/csv' },
      buffer: Buffer.from(CSV),
    })
    await page.getByLabel('Name of column 1').fill('order_number')
    await page.getByLabel('Type of column 1').fill('UInt64')
    await page.getByLabel('Name of the data source').fill('shop')
    await page.getByText('new: shop').waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, 'data-source-new')
    await page.getByRole('button', { name: 'Create and import' }).click()
    await page.getByText('2 rows are in.').waitFor()
    await page.getByRole('link', { name: 'Open shop' }).click()
    await page.getByRole('cell', { name: '<b>x</b>' }).waitFor()
    expect(await admin.sql('SELECT order_number, price FROM shop ORDER BY order_number')).toEqual([
      { order_number: 1, price: 2.5 },
      { order_number: 2, price: 3.2 },
    ])
    expectNoProblems(page)
  })

  test('of Parquet is read with its own types, and imported', async () => {
    const sql = `SELECT toUInt64(18446744073709551615 - number) AS id, 'tea <b>' AS product, [1, 2] AS sizes FROM numbers(3) FORMAT Parquet`
    const made = await fetch(`${running.product.url}/v0/sql`, {
      ...{ method: 'POST', body: sql },
      headers: { Authorization: `Bearer ${running.product.tokens.workspace_admin_token}` },
    })
    expect(made.status).toBe(200)
    const page = await running.open(at('/-/new'))
    await page.locator('input[type=file]').setInputFiles({
      ...{ name: 'packed.parquet', mimeType: '' },
      buffer: Buffer.from(await made.arrayBuffer()),
    })
    await page.getByText('new: packed').waitFor()
    expect(await page.getByLabel('Type of column 1').inputValue()).toBe('UInt64')
    await page.getByRole('button', { name: 'Create and import' }).click()
    await page.getByText('3 rows are in.').waitFor()
    await page.getByRole('link', { name: 'Open packed' }).click()
    await page.getByRole('cell', { name: '18446744073709551615' }).waitFor()
    expect(await admin.sql('SELECT product, sizes, count() AS n FROM packed GROUP BY ALL')).toEqual(
      [{ product: 'tea <b>', sizes: [1, 2], n: 3 }],
    )
    expectNoProblems(page)
  })

  test('that is none is refused in the words of the server, and so is a type that does not exist', async () => {
    const page = await running.open(at('/-/new'))
    const choose = page.locator('input[type=file]')
    await choose.setInputFiles({
      ...{ name: 'broken.parquet', mimeType: '' },
      buffer: Buffer.from('this is no parquet'),
    })
    await page.getByRole('alert').waitFor()
    expect((await page.getByRole('alert').innerText()).length).toBeGreaterThan(10)
    await page.getByRole('button', { name: 'Try again' }).click()
    await choose.setInputFiles({
      ...{ name: 'other.csv', mimeType: '' },
      buffer: Buffer.from('a,b\n1,2\n'),
    })
    await page.getByLabel('Type of column 1').fill('Strng')
    await page.getByRole('alert').filter({ hasText: 'Strng' }).first().waitFor()
    await page.getByRole('button', { name: 'Create and import' }).click()
    await page.getByText('Nothing was made.').waitFor()
    expect((await admin.get('/v0/datasources/other')).status).toBe(404)
  })

  test('appended to a data source is followed to its end, and rows that do not fit are told', async () => {
    const page = await running.open(at('/shop'))
    await page.getByRole('button', { name: 'Append a file' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('input[type=file]').setInputFiles({
      ...{ name: 'more.csv', mimeType: '' },
      buffer: Buffer.from(
        'order_number,day,product,price\n3,2026-11-02,milk,1.1\nx,2026-11-02,y,2\n',
      ),
    })
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Append', exact: true }).click()
    await dialog.getByText('1 row is in.').waitFor()
    await dialog.getByRole('link', { name: 'quarantine' }).click()
    await page.getByText('rows in quarantine').waitFor()
  })
})

test('a pasted event becomes a data source with that event in it, digit for digit', async () => {
  const page = await running.open(at('/-/new?from=event'))
  await page.getByLabel('Event', { exact: true }).fill('{"id": ')
  await page.getByRole('button', { name: 'Read the schema' }).click()
  await page.getByText('a } is missing').waitFor()
  await page.getByLabel('Event', { exact: true }).fill(JSON.stringify({ '<script>': ATTACK }))
  await page.getByRole('button', { name: 'Read the schema' }).click()
  await page.getByRole('cell', { name: ATTACK }).waitFor()
  await expectOnlyText(page)
  await page.getByRole('button', { name: 'Back' }).click()
  await page
    .getByLabel('Event', { exact: true })
    .fill(
      '{\n "at": "2026-01-15 10:00:00",\n "id": 9007199254740993, "who": {"city": "<i>"}, "Order Id": "seven", "a.b": 1\n}',
    )
  await page.getByRole('button', { name: 'Read the schema' }).click()
  // What no path can name is told; a space in a key is no reason.
  await page.getByRole('note').getByText('$.a.b', { exact: true }).waitFor()
  await expectAccessible(page)
  await page.getByLabel('Name of the data source').fill('visits')
  await page.getByRole('button', { name: 'Create and append the event' }).click()
  await page.getByText('1 row appended.').waitFor()
  await page.getByRole('link', { name: 'Open visits' }).click()
  await page.getByRole('cell', { name: '9007199254740993' }).waitFor()
  await page.getByRole('cell', { name: 'seven' }).waitFor()
  expectNoProblems(page)
})

describe('the page of a data source', () => {
  test('lists it with its rows, found and sorted by the address', async () => {
    const page = await running.open(at('?q=ord&sort=rows&desc=true'))
    const row = page.getByRole('row').filter({ hasText: 'orders' })
    await row.getByText('5,000').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Search data sources').fill('no such name')
    await page.getByText('No data source has that name').waitFor()
    expect(new URL(page.url()).searchParams.get('q')).toContain('no such name')
    await page.getByLabel('Search data sources').fill('')
    await takeScreenshot(page, 'data-sources')
    await page.getByRole('link', { name: 'orders', exact: true }).click()
    await page.getByRole('table', { name: 'Rows of orders' }).waitFor()
    await expectOnlyText(page)
  })

  test('sorts and filters by the engine, scrolls through all rows, and holds few of them at once', async () => {
    const page = await running.open(at('/orders'))
    const grid = page.getByRole('table', { name: 'Rows of orders' })
    await grid.getByRole('button', { name: /order_id/ }).click()
    await grid.getByRole('cell', { name: '0', exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.getByLabel('Column', { exact: true }).selectOption('product')
    await page.getByLabel('Value', { exact: true }).fill('COFF')
    await page.getByRole('button', { name: 'Add the filter' }).click()
    await page.getByText('1,667 rows').waitFor()
    // The address alone makes the same screen.
    await page.reload()
    await page.getByText('1,667 rows').waitFor()
    await grid.getByRole('cell', { name: '4', exact: true }).first().waitFor()
    const last = grid.getByRole('cell', { name: '4999', exact: true })
    await expect
      .poll(async () => {
        await page.evaluate(
          `for (const each of document.querySelectorAll('[role=table]')) each.scrollTop = each.scrollHeight`,
        )
        return last.count()
      })
      .toBe(1)
    expect(await grid.getByRole('row').count()).toBeLessThan(80)
    await grid.getByRole('row').last().focus()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('order_id').waitFor()
    await expectAccessible(page)
    expectNoProblems(page)
  })

  const TABS = ['data', 'columns', 'log', 'storage', 'quarantine', 'use', 'tokens', 'lineage']
  const LOOKS = [
    ['light', 1280],
    ['dark', 390],
  ] as const

  test.each(LOOKS)(
    'is accessible in every tab, %s and %i wide, and shows attacks as text',
    async (colorScheme, width) => {
      const page = await running.open(at('/orders'), {
        ...{ colorScheme, viewport: { width, height: 800 } },
      })
      for (const tab of TABS) {
        await page.locator(`[role=tab][id$=-${tab}]`).click()
        await page.locator(`[role=tabpanel][data-state=active][id$=-${tab}] > *`).first().waitFor()
        await page
          .locator('main')
          .getByRole('status', { name: 'Loading' })
          .first()
          .waitFor({ state: 'detached' })
        await expectOnlyText(page)
        await expectAccessible(page)
        if (['data', 'columns', 'quarantine'].includes(tab))
          await takeScreenshot(page, `data-source-${tab}-${colorScheme}`)
      }
      expectNoProblems(page)
    },
  )

  test('says what each column is like', async () => {
    const page = await running.open(at('/orders?tab=columns'))
    await page.getByRole('img', { name: /Spread of price, from 0 to 22/ }).waitFor()
    const values = page.getByRole('list', { name: 'Most frequent values of product' })
    await values.getByText('tea').waitFor()
    await values.getByText('<img src=x').waitFor()
    await page.getByText('3,750 (75 %)').waitFor()
  })
})

test('rows in quarantine are previewed under a mapping, replayed, and then in the data source', async () => {
  const page = await running.open(at('/orders?tab=quarantine'))
  await page.getByRole('button', { name: /rows refused at at$/ }).click()
  await page.getByLabel('Change', { exact: true }).selectOption('date')
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.getByText(/not a date format/).waitFor()
  await page.getByLabel('Date format').fill('DD/MM/YYYY HH:mm')
  await page.getByRole('button', { name: 'Preview' }).click()
  await page.getByText('1 of 1 rows come in, 0 stay.').waitFor()
  await expectAccessible(page)
  await takeScreenshot(page, 'quarantine-preview')
  await page.getByRole('button', { name: 'Replay 1 row' }).click()
  await page.getByText('1 row came in, 0 stay.').waitFor()
  await expectOnlyText(page)
  expect(await admin.sql('SELECT toString(at) AS at FROM orders WHERE order_id = 7000001')).toEqual(
    [{ at: '2026-01-15 10:00:00' }],
  )
  expectNoProblems(page)
})

test('a live tail shows what arrives, marks what is refused, and holds still when told', async () => {
  const page = await running.open(at('/orders?tab=live'))
  await page.getByText('live', { exact: true }).waitFor()
  const post = (row: object) => admin.post('/v0/events?name=orders', JSON.stringify(row))
  await post({ at: '2026-01-20 10:00:00', order: 8_000_001, product: ATTACK, price: 1 })
  await post({ at: 'soon', order: 8_000_002, product: 'tea', price: 1 })
  const events = page.getByRole('region', { name: 'Events of orders' })
  await events.getByText('8000001').waitFor()
  await events.getByText('refused', { exact: true }).waitFor()
  await events.getByText("'soon'").waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await post({ at: '2026-01-20 10:00:00', order: 8_000_003, product: 'tea', price: 1 })
  await page.getByRole('button', { name: 'Go on, 1 newer' }).waitFor()
  expect(await events.getByText('8000003').count()).toBe(0)
  await expectAccessible(page)
  await expectOnlyText(page)
  await takeScreenshot(page, 'live-tail')
  await page.getByRole('button', { name: 'Go on, 1 newer' }).click()
  await events.getByText('8000003').waitFor()
  await page.getByLabel('Find in events').fill('soon')
  await expect.poll(() => events.getByText('8000003').count()).toBe(0)
  expectNoProblems(page)
})

describe('what cannot be taken back', () => {
  async function choose(page: Page, change: string): Promise<void> {
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByRole('menuitem', { name: change }).click()
  }

  test('a condition deletes only the rows that were counted, after the name was typed', async () => {
    const page = await running.open(at('/shop'))
    await choose(page, 'Delete rows by a condition')
    await page.getByLabel('Condition').fill('nosuchcolumn = 1')
    await page.getByRole('button', { name: 'Count' }).click()
    await page.getByRole('alert').getByText('nosuchcolumn').waitFor()
    await page.getByLabel('Condition').fill('order_number = 1')
    await page.getByRole('button', { name: 'Count' }).click()
    await page.getByText('1 row will be deleted.').waitFor()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    const confirm = page.getByRole('button', { name: 'Delete the rows' })
    expect(await confirm.isDisabled()).toBe(true)
    await page.getByLabel('Type shop to confirm').fill('shop')
    await expectAccessible(page)
    await confirm.click()
    await page.getByText('The rows are deleted.').waitFor()
    expect(await admin.sql('SELECT order_number FROM shop ORDER BY order_number')).toEqual([
      { order_number: 2 },
      { order_number: 3 },
    ])
  })

  test('truncating empties it, deleting removes it, and what others need stays', async () => {
    const page = await running.open(at('/shop'))
    await choose(page, 'Truncate')
    await page.getByLabel('Type shop to confirm').fill('shop')
    await page.getByRole('button', { name: 'Truncate' }).click()
    await page.getByText('shop is empty.').first().waitFor()
    expect(await admin.sql('SELECT 1 FROM shop')).toEqual([])

    await page.goto(at('/orders'))
    await choose(page, 'Delete the data source')
    await page.getByText('cannot be deleted while something needs it: top').waitFor()
    await expectAccessible(page)

    await page.goto(at('/shop'))
    await choose(page, 'Delete the data source')
    await page.getByLabel('Type shop to confirm').fill('shop')
    await page.getByRole('button', { name: 'Delete the data source' }).click()
    await page.waitForURL((url) => url.pathname.endsWith('/data-sources'))
    expect((await admin.get('/v0/datasources/shop')).status).toBe(404)
    expect((await admin.get('/v0/datasources/orders')).status).toBe(200)
    expectNoProblems(page)
  })
})

test('a token that may only append does that, and is told of the rest that it may not', async () => {
  const made = await admin.post('/v0/tokens?name=tills&scope=DATASOURCES:APPEND:orders')
  const { token } = made.json as { token: string }
  const page = await running.open('/sign-in', { signedIn: false })
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  await page.goto(at(''))
  await page.getByRole('link', { name: 'orders', exact: true }).click()
  for (const tab of ['data', 'live', 'log', 'quarantine', 'tokens']) {
    await page.locator(`[role=tab][id$=-${tab}]`).click()
    await page.getByText('Your token may not see this').first().waitFor()
    await expectAccessible(page)
  }
  await page.locator('[role=tab][id$=-use]').click()
  await page.getByText('<token with DATASOURCES:APPEND>').waitFor()
  await page.getByRole('button', { name: 'Append a file' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('input[type=file]').setInputFiles({
    ...{ name: 'more.ndjson', mimeType: '' },
    buffer: Buffer.from('{"at":"2026-03-01 00:00:00","order":9000001,"product":"tea","price":1}\n'),
  })
  await dialog.getByRole('button', { name: 'Append', exact: true }).click()
  await dialog.getByText('1 row is in.').waitFor()
  await page.goto(at('/-/new'))
  await page.locator('input[type=file]').setInputFiles({
    ...{ name: 'mine.csv', mimeType: '' },
    buffer: Buffer.from('a\n1\n'),
  })
  await page.getByText('Your token may not see this').waitFor()
  expectNoProblems(page)
})
