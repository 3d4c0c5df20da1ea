// The overview: what to do in an empty workspace, then what it does, live; and what a token sees that may not.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createCaller } from '../support/http.ts'
import {
  expectAccessible,
  startConsole,
  takeScreenshot,
  type RunningConsole,
} from './support/console.ts'
import { openAs } from './support/open-as.ts'
import { deployVisits, placeOf } from './support/visits-project.ts'

let running: RunningConsole
let place: string

beforeAll(async () => {
  running = await startConsole()
  place = await placeOf(running.product)
})
afterAll(() => running.stop())

const tile = (page: Page, label: RegExp) => page.getByRole('link', { name: label })

describe('an empty workspace', () => {
  test('says what to do next, and shows its figures as soon as the command was run', async () => {
    const page = await running.open(`/w/${place}/`)
    await page.getByRole('heading', { name: 'Drop a file' }).waitFor()
    expect(
      await page.getByRole('link', { name: 'Choose or drop a file' }).getAttribute('href'),
    ).toBe(`/w/${place}/data-sources/-/new`)
    await expectAccessible(page)
    await takeScreenshot(page, 'overview-first-run')
    const command = (await page.getByLabel('curl command', { exact: true }).textContent()) ?? ''
    expect(command).not.toContain(running.product.tokens.workspace_admin_token)
    const [, url = '', body = ''] = /'(http[^']+)'[^]*-d '([^']+)'/.exec(command) ?? []
    const admin = createCaller(running.product.url, running.product.tokens.workspace_admin_token)
    const sent = await admin.post(url, body, { 'Content-Type': 'application/x-ndjson' })
    expect(sent.json).toMatchObject({ successful_rows: 1 })
    await tile(page, /Events per second/).waitFor()
  })
})

describe('a workspace at work', () => {
  beforeAll(async () => {
    const { url, tokens } = running.product
    const admin = createCaller(url, tokens.workspace_admin_token)
    // Beside what the command made: a deployment is the whole project.
    const made = await admin.get('/v0/datasources/events.datasource')
    await deployVisits(running.product, { 'events.datasource': made.text })
  })

  test('shows what was asked, what failed and what was refused, each leading to where it comes from', async () => {
    const { url, tokens } = running.product
    const admin = createCaller(url, tokens.workspace_admin_token)
    await admin.post('/v0/events?name=visits&wait=true', '{"at":"never","tenant":"acme"}')
    await admin.get('/v0/pipes/visits_of.json')
    await admin.get('/v0/pipes/visits_of.json?most=many')
    const page = await running.open(`/w/${place}/`)
    await expect
      .poll(() => tile(page, /Error rate/).textContent(), WAIT)
      .toMatch(/[1-9]\d* of \d+ failed/)
    await expect.poll(() => tile(page, /quarantine/).textContent(), WAIT).toContain('in visits')
    await expect.poll(() => tile(page, /Freshness/).textContent(), WAIT).toContain('Newest rows')
    await expect
      .poll(() => tile(page, /Storage/).textContent(), WAIT)
      .toMatch(/[1-9]\d* rows in \d data sources/)
    await page.getByRole('link', { name: 'visits_of' }).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, 'overview-light')
    await tile(page, /Error rate/).click()
    await page.getByRole('heading', { name: 'Logs' }).waitFor()
    await page.getByText("'many' to type Int32").first().waitFor()
    expect(new URL(page.url()).searchParams.get('source')).toBe('endpoint_errors')
  })

  test.each([
    ['overview-dark', { colorScheme: 'dark' }],
    ['overview-phone', { viewport: { width: 390, height: 844 } }],
  ] as const)('is readable in %s', async (name, options) => {
    const page = await running.open(`/w/${place}/?range=24h`, options)
    await tile(page, /Error rate, last 24 hours/).waitFor()
    await page.getByRole('img', { name: 'Requests over time', exact: true }).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, name)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
  })
})

test('a token that may only append is told so, and sees no number of the workspace', async () => {
  const made = await running.api('POST', '/v0/tokens', {
    name: 'tracker',
    scopes: [{ type: 'DATASOURCES:APPEND', resource: 'visits' }],
  })
  const page = await openAs(running, (made.json as { token: string }).token, `/w/${place}/`)
  await page.getByText('Your token may not see this').waitFor()
  expect(await tile(page, /Events per second/).count()).toBe(0)
  await expectAccessible(page)
})

test('a server that is away is said to be, with a way to try again', async () => {
  const page = await running.open(`/w/${place}/jobs`)
  await page.route('**/v0/datasources*', (route) => route.abort())
  await page.getByRole('link', { name: 'Overview', exact: true }).click()
  await page.getByText('The server cannot be reached').first().waitFor()
  await page.unroute('**/v0/datasources*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await tile(page, /Events per second/).waitFor()
})

/** Rows about requests come a second after them, the page asks every five. */
const WAIT = { timeout: 20_000 }
