import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import {
  expectAccessible,
  startConsole,
  takeScreenshot,
  type RunningConsole,
} from './support/console.ts'

let running: RunningConsole
let place: string

beforeAll(async () => {
  running = await startConsole()
  const { name } = (await running.api('GET', '/v1/workspace')).json as { name: string }
  place = `/w/${encodeURIComponent(name)}`
})
afterAll(() => running.stop())

async function write(page: Page, sql: string): Promise<void> {
  await page.getByRole('textbox', { name: 'SQL' }).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(sql)
}

const SQL = "SELECT number AS n, concat('<img onerror=1>', toString(n)) AS text FROM numbers(3)"

test('a query runs, is drawn, saved by Ctrl-S, shared by its link and exported', async () => {
  const page = await running.open(`${place}/playground`)
  await write(page, SQL)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('cell', { name: '<img onerror=1>2' }).waitFor()
  await page.getByLabel('Show the result as').selectOption('bar')
  await page.getByLabel('Along').waitFor()
  await page.getByRole('textbox', { name: 'SQL' }).press('Control+s')
  await page.getByLabel('Name').fill('Three numbers')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(/playground\/.+/)
  await page.getByText(/Saved .* by/).waitFor()
  await takeScreenshot(page, 'playground')
  await expectAccessible(page)

  const shared = await running.open(new URL(page.url()).pathname, {
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
  })
  await shared.getByRole('textbox', { name: 'SQL' }).getByText('numbers').waitFor()
  await shared.getByRole('button', { name: 'Run', exact: true }).click()
  await shared.getByText(/3 rows in/).waitFor()
  await takeScreenshot(shared, 'playground-phone-dark')
  await expectAccessible(shared)
  await shared.getByRole('button', { name: 'Export' }).click()
  const [file] = await Promise.all([
    shared.waitForEvent('download'),
    shared.getByRole('menuitem', { name: 'CSV' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('Three_numbers.csv')
  expect(readFileSync(await file.path(), 'utf8')).toBe(
    '"n","text"\n0,"<img onerror=1>0"\n1,"<img onerror=1>1"\n2,"<img onerror=1>2"\n',
  )
  const exported = async (label: string): Promise<Buffer> => {
    await shared.getByRole('button', { name: 'Export' }).click()
    const [made] = await Promise.all([
      shared.waitForEvent('download'),
      shared.getByRole('menuitem', { name: label }).click(),
    ])
    expect(made.suggestedFilename()).toBe(`Three_numbers.${label.toLowerCase()}`)
    return readFileSync(await made.path())
  }
  expect(JSON.parse((await exported('JSON')).toString())).toMatchObject({
    rows: 3,
    data: [{ n: 0 }, { n: 1 }, { n: 2, text: '<img onerror=1>2' }],
  })
  const parquet = await exported('Parquet')
  expect([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()]).toEqual([
    'PAR1',
    'PAR1',
  ])
})

test('what is typed stays in its tab when another is looked at, and a failure is in the server’s words', async () => {
  const page = await running.open(`${place}/playground`)
  await write(page, 'SELECT nosuch')
  await page.keyboard.press('Control+Enter')
  await page
    .getByText(/nosuch/)
    .nth(1)
    .waitFor()
  await page.getByRole('link', { name: 'Three numbers' }).click()
  await page.getByText('numbers(').waitFor()
  await page.getByRole('button', { name: /^New query •/ }).click()
  await page.getByText('SELECT nosuch').waitFor()
})

test('a token that sees no saved queries asks what it may read, and is refused the rest', async () => {
  const made = await running.api('POST', '/v0/tokens?name=narrow&scope=DATASOURCES:CREATE')
  const { token } = made.json as { token: string }
  const page = await running.open('/sign-in', { signedIn: false })
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => url.pathname.startsWith('/w/'))
  await page.goto(`${place}/playground`)
  await write(page, 'SELECT 1')
  await page.keyboard.press('Control+Enter')
  await page.getByText(/it needs DATASOURCES:READ/).waitFor()
  expect(await page.getByText('Saved queries').count()).toBe(0)
})
