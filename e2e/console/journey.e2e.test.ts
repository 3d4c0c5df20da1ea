// The way of somebody who has never seen Sandpiper: from the first page to a dashboard of their own data that others see a part of, by what
// stands on the screens alone.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { SIGN_IN, startConsole, takeScreenshot, type RunningConsole } from './support/console.ts'

const CSV = [
  'at,tenant,page,hits',
  ...Array.from({ length: 400 }, (_, n) => {
    const at = `2026-11-01 ${String(n % 24).padStart(2, '0')}:00:00`
    return `${at},${n % 2 === 0 ? 'acme' : 'globex'},/page/${n % 7},${(n % 5) + 1}`
  }),
].join('\n')

let running: RunningConsole

beforeAll(async () => {
  running = await startConsole()
})
afterAll(() => running.stop())

/** Puts the whole text into a node, as somebody who pastes it. */
async function write(page: Page, node: string, sql: string): Promise<void> {
  await page.getByRole('textbox', { name: `SQL of node ${node}` }).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(sql)
  await page.keyboard.press('Escape')
}

async function dropFile(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Data sources', exact: true }).click()
  await page.getByRole('link', { name: 'Create', exact: true }).click()
  await page.locator('input[type=file]').setInputFiles({
    ...{ name: 'visits.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) },
  })
  await page.getByText('new: visits').waitFor()
  await page.getByRole('button', { name: 'Create and import' }).click()
  await page.getByText('400 rows are in.').waitFor()
}

async function writePipe(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Pipes', exact: true }).click()
  await page.getByRole('button', { name: 'New pipe' }).first().click()
  await page.getByLabel('Name').fill('hits_of')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.waitForURL(/pipes\/hits_of/)
  await write(
    page,
    'node_1',
    "%\nSELECT tenant, page, hits FROM visits WHERE tenant = {{ String(tenant, 'acme') }}",
  )
  await page.getByRole('button', { name: 'Add a node' }).click()
  await write(
    page,
    'node_2',
    'SELECT tenant, page, sum(hits) AS hits\nFROM node_1\nGROUP BY tenant, page\nORDER BY page',
  )
  const second = page.getByRole('region', { name: 'Node node_2' })
  await second.getByRole('button', { name: 'Run node_2' }).click()
  await second.getByText(/7 rows in/).waitFor()
  await second.getByRole('button', { name: 'More for node_2' }).click()
  await page.getByRole('menuitem', { name: 'Make it the endpoint' }).click()
  await page.getByText('Draft saved').waitFor()
  await page.getByRole('link', { name: 'Publish 1 draft' }).click()
  await page.getByRole('button', { name: 'Publish 1 file' }).click()
  await page.getByText('Published', { exact: true }).waitFor({ timeout: 30_000 })
}

async function makeDashboard(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Dashboards', exact: true }).click()
  await page.getByRole('button', { name: 'New dashboard' }).click()
  await page.getByLabel('Name').fill('Hits')
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('button', { name: 'Add a tile' }).click()
  const dialog = page.getByRole('dialog', { name: 'New tile' })
  await dialog.getByLabel('Title').fill('Pages')
  await dialog.getByLabel('Endpoint', { exact: true }).selectOption('hits_of')
  await dialog.getByLabel('Shown as').selectOption('table')
  await dialog.getByRole('button', { name: 'Keep in the draft' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor()
}

async function linkFor(page: Page, tenant: string): Promise<URL> {
  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('tenant', { exact: true }).fill(tenant)
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  return new URL(await dialog.getByLabel('The link', { exact: true }).inputValue())
}

test('from the first page to a shared dashboard of a dropped file', async () => {
  const page = await running.open('/', { signedIn: false })
  await page.getByRole('button', { name: SIGN_IN }).click()
  await page.waitForURL(/\/w\//)
  await dropFile(page)
  await writePipe(page)
  await makeDashboard(page)
  const tile = page.getByRole('region', { name: 'Pages' })
  await tile.getByRole('cell', { name: '/page/6' }).waitFor()
  await takeScreenshot(page, 'journey-dashboard')

  const link = await linkFor(page, 'globex')
  const stranger = await running.open(`${link.pathname}${link.hash}`, { signedIn: false })
  const theirs = stranger.getByRole('region', { name: 'Pages' })
  await theirs.getByRole('cell', { name: '/page/6' }).waitFor()
  expect(await theirs.getByRole('cell', { name: 'globex', exact: true }).count()).toBe(7)
  expect(await stranger.content()).not.toContain('acme')
})
