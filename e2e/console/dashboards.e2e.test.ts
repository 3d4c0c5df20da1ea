// Dashboards: made by hand, kept with revisions, moved as files, and shared by links that see one tenant only.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'

import { createCaller } from '../support/http.ts'
import { expectAccessible, takeScreenshot } from './support/console.ts'
import { openAs } from './support/open-as.ts'
import { tryReload } from './support/try-reload.ts'
import { startVisitsConsole } from './support/visits-console.ts'

const PATH = '/v0/console/dashboards'
const BOARD = {
  name: 'Board <b>of</b> visits',
  parameters: [{ name: 'tenant', label: 'Tenant', type: 'select', options: ['acme', 'globex'] }],
  tiles: [
    {
      ...{ id: 'rows', title: 'Visits', chart: { type: 'table' } },
      ...{ source: { pipe: 'visits_of' }, layout: { x: 0, y: 0, w: 8, h: 5 } },
    },
    {
      ...{ id: 'top', title: 'Tenants', chart: { type: 'bar', x: 'tenant', y: ['hits'] } },
      ...{ source: { pipe: 'top_tenants' }, layout: { x: 8, y: 0, w: 4, h: 5 } },
    },
  ],
}

/** Patience for what a busy machine does slowly. */
const SOON = { timeout: 15_000 }

const visits = startVisitsConsole('dashboards')
const { open } = visits

/** Puts a dashboard where the console keeps them. */
async function given(id: string, content: Record<string, unknown> = BOARD): Promise<void> {
  const { status, json } = await visits.running.api('PUT', `${PATH}/${id}`, {
    revision: 0,
    content,
  })
  expect(status, JSON.stringify(json)).toBe(200)
}

const tenants = (page: Page, tenant: string): Promise<number> =>
  page
    .getByRole('region', { name: 'Visits' })
    .getByRole('cell', { name: tenant, exact: true })
    .count()

async function addTile(page: Page, title: string, endpoint: string, look: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a tile' }).click()
  const dialog = page.getByRole('dialog', { name: 'New tile' })
  await dialog.getByLabel('Title').fill(title)
  await dialog.getByLabel('Endpoint', { exact: true }).selectOption(endpoint)
  await dialog.getByLabel('Shown as').selectOption(look)
  await dialog.getByText('hits').first().waitFor()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Keep in the draft' }).click()
}

test('is made by hand with two tiles, saved, and there after a reload', async () => {
  const page = await open('')
  await page.getByText('No dashboards yet').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'New dashboard' }).click()
  await page.getByLabel('Name').fill('By hand')
  await page.getByRole('button', { name: 'Create' }).click()
  await addTile(page, 'Visits', 'visits_of', 'table')
  await addTile(page, 'All hits', 'top_tenants', 'number')
  await page.getByRole('button', { name: 'Tile Visits: change' }).click()
  await page.getByRole('menuitem', { name: 'Wider' }).click()
  await expectAccessible(page)
  await takeScreenshot(page, 'dashboard-edit')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor()
  await page.reload()
  await page
    .getByRole('region', { name: 'Visits' })
    .getByRole('cell', { name: 'acme' })
    .first()
    .waitFor()
  await page.getByRole('region', { name: 'All hits' }).getByText('10', { exact: true }).waitFor()
  const id = page.url().split('/').at(-1)?.split('?')[0] ?? ''
  const { json } = await visits.running.api('GET', `${PATH}/${id}`)
  expect(json).toMatchObject({
    revision: 2,
    content: { tiles: [{ layout: { x: 0, y: 0, w: 7 } }, { title: 'All hits' }] },
  })
})

test('range and parameters stand in the address and reach every tile that takes them', async () => {
  await given('shown')
  const page = await open('/shown?v={"tenant":"globex"}&range=7d')
  await expect.poll(() => tenants(page, 'globex'), SOON).toBe(4)
  expect(await page.getByLabel('Time range').inputValue()).toBe('7d')
  await page.getByLabel('Tenant', { exact: true }).selectOption('acme')
  await expect.poll(() => tenants(page, 'acme'), SOON).toBe(4)
  expect(decodeURIComponent(page.url())).toContain('"tenant":"acme"')
  expect(await page.evaluate('window.ran')).toBeUndefined()
  await page.getByRole('button', { name: 'Full screen' }).click()
  await page.getByRole('button', { name: 'Leave full screen' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor()
})

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['dark', 390],
] as const)('reads in %s at %i pixels', async (colorScheme, width) => {
  await given(`look-${colorScheme}-${width}`)
  const viewport = { width, height: 844 }
  const page = await open(`/look-${colorScheme}-${width}`, { colorScheme, viewport })
  await expect.poll(() => tenants(page, 'acme'), SOON).toBe(4)
  await page.getByRole('img', { name: 'Tenants' }).waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  await expectAccessible(page)
  await takeScreenshot(page, `dashboard-${colorScheme}-${width}`)
})

test('who saves second is told, and loses nothing without a choice', async () => {
  await given('contested')
  const page = await open('/contested?edit=true')
  await page.getByRole('button', { name: 'Name, parameters, refresh' }).click()
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).first().fill('Mine')
  await page.getByRole('button', { name: 'Keep in the draft' }).click()
  const theirs = { revision: 1, content: { ...BOARD, name: 'Theirs' } }
  expect((await visits.running.api('PUT', `${PATH}/contested`, theirs)).status).toBe(200)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Somebody changed this dashboard: it is at revision 2').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save mine, and lose theirs' }).click()
  await page.getByRole('heading', { name: 'Mine' }).waitFor()
  const { json } = await visits.running.api('GET', `${PATH}/contested`)
  expect(json).toMatchObject({ revision: 3, content: { name: 'Mine' } })
})

const MAP_SQL =
  "SELECT arrayJoin(['DE', 'usa', '404', 'Atlantis <b>']) AS country, length(country) AS hits"
const mapped = (sql: string): Record<string, unknown> => ({
  name: 'Where from',
  tiles: [
    {
      ...{ id: 'map', title: 'Countries', chart: { type: 'map' } },
      ...{ source: { sql }, layout: { x: 0, y: 0, w: 12, h: 7 } },
    },
  ],
})

test.each(['light', 'dark'] as const)(
  'a map shows values by country, and lists what is none, in %s',
  async (colorScheme) => {
    await given(`map-${colorScheme}`, mapped(MAP_SQL))
    const page = await open(`/map-${colorScheme}`, { colorScheme })
    await page.getByRole('img', { name: 'Countries' }).locator('canvas').waitFor()
    const numbers = page.getByRole('table', { name: 'Countries, as numbers' })
    const cells = await numbers.locator('tbody tr').allTextContents()
    expect(new Set(cells)).toEqual(new Set(['Germany2', 'United States of America3', 'Kenya3']))
    const others = page.getByRole('table', { name: 'Countries, not on the map' })
    await others.getByRole('cell', { name: 'Atlantis <b>' }).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, `dashboard-map-${colorScheme}`)
  },
)

test('a map of what names no country is a table, and one of no numbers says so', async () => {
  await given('map-none', mapped("SELECT 'Atlantis' AS country, 3 AS hits"))
  const page = await open('/map-none')
  await page.getByText('No row names a country').waitFor()
  await page.getByRole('cell', { name: 'Atlantis' }).waitFor()
  await given('map-text', mapped("SELECT 'DE' AS country"))
  await page.goto(`/w/${visits.place}/dashboards/map-text`)
  await page.getByText('Nothing to draw').waitFor()
})

test('is not left with changes that were not saved before somebody said so', async () => {
  await given('unsaved')
  const page = await open('/unsaved?edit=true')
  const rename = async (name: string): Promise<void> => {
    await page.getByRole('button', { name: 'Name, parameters, refresh' }).click()
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).first().fill(name)
    await page.getByRole('button', { name: 'Keep in the draft' }).click()
    await page.getByText('Not saved', { exact: true }).waitFor()
  }
  const asked = page.getByRole('dialog', { name: 'Leave without saving?' })
  await rename('Kept')
  // What is looked at may change: the editor stays.
  await page.getByLabel('Time range').selectOption('7d')
  await page.waitForURL(/range=7d/)
  expect(await asked.count()).toBe(0)
  await page.getByRole('link', { name: 'Pipes', exact: true }).click()
  await asked.waitFor()
  await expectAccessible(page)
  await asked.getByRole('button', { name: 'Stay here' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await asked.getByRole('button', { name: 'Stay here' }).click()
  // Loading anew is asked about by the browser.
  expect(await tryReload(page)).toBe('beforeunload')
  await page.getByText('Not saved', { exact: true }).waitFor()
  await page.keyboard.press('Control+s')
  await page.getByRole('heading', { name: 'Kept' }).waitFor()
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await rename('Lost')
  await page.getByRole('button', { name: 'Discard' }).click()
  await asked.getByRole('button', { name: 'Leave, and lose the changes' }).click()
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor()
  const { json } = await visits.running.api('GET', `${PATH}/unsaved`)
  expect(json).toMatchObject({ revision: 2, content: { name: 'Kept' } })
  // Nothing is lost, nobody is asked.
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByRole('link', { name: 'Pipes', exact: true }).click()
  await page.waitForURL((url) => url.pathname.endsWith('/pipes'))
})

test('goes out as a file and comes in again; what is no dashboard is refused', async () => {
  await given('filed')
  const page = await open('/filed')
  await page.getByRole('button', { name: 'More' }).click()
  const downloaded = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Export as a file' }).click()
  const file = readFileSync(await (await downloaded).path())
  expect(JSON.parse(file.toString())).toMatchObject(BOARD)
  await page.goto(`/w/${visits.place}/dashboards`)
  const send = (name: string, buffer: Buffer): Promise<void> =>
    page.getByLabel('Dashboard file').setInputFiles({ name, mimeType: 'application/json', buffer })
  await send('bad.json', Buffer.from('no JSON'))
  await page.getByText('bad.json is no JSON').waitFor()
  await send('other.json', Buffer.from('{"name": "x", "tiles": 7}'))
  await page.getByText('Nothing was made').waitFor()
  await send('good.json', file)
  await page.waitForURL((url) => url.pathname.includes('/dashboards/'))
  await page.getByRole('heading', { name: BOARD.name }).waitFor()
})

test('is deleted by its name, which is asked for', async () => {
  await given('doomed', { ...BOARD, name: 'Doomed' })
  const page = await open('/doomed')
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  const sure = page.getByRole('dialog').getByRole('button', { name: 'Delete' })
  expect(await sure.isDisabled()).toBe(true)
  await page.getByLabel('Type Doomed to confirm').fill('Doomed')
  await sure.click()
  await page.waitForURL((url) => url.pathname.endsWith('/dashboards'))
  expect((await visits.running.api('GET', `${PATH}/doomed`)).status).toBe(404)
})

describe('a link', () => {
  test('opens in a private window, sees its tenant, and nothing else', async () => {
    await given('given')
    await given('other')
    const page = await open('/given')
    await page.getByRole('button', { name: 'Share' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('tenant', { exact: true }).fill('acme')
    // Rows of visits_of would be chosen by nobody: the server asks whether that is meant.
    await dialog.getByLabel('least', { exact: true }).fill('1')
    await dialog.getByRole('button', { name: 'Make the link' }).click()
    await dialog.getByRole('alert').getByText('visits_of').waitFor()
    await dialog.getByLabel('least', { exact: true }).fill('')
    await dialog.getByRole('button', { name: 'Make the link' }).click()
    const link = await dialog.getByLabel('The link', { exact: true }).inputValue()
    await expectAccessible(page)

    const [address = '', jwt = ''] = link.split('#')
    const stranger = await visits.running.open(`${new URL(address).pathname}#${jwt}`, {
      signedIn: false,
    })
    await expect.poll(() => tenants(stranger, 'acme'), SOON).toBe(4)
    expect(await stranger.content()).not.toContain('globex')
    await stranger.waitForURL((url) => url.hash === '')
    expect(stranger.url()).not.toContain('#')
    expect(await stranger.getByRole('navigation').count()).toBe(0)
    // What the link fixes is nothing to choose.
    expect(await stranger.getByLabel('Tenant', { exact: true }).count()).toBe(0)
    await expectAccessible(stranger)
    await takeScreenshot(stranger, 'dashboard-shared')
    await stranger.goto(`${address}?v={"tenant":"globex"}`)
    await expect.poll(() => tenants(stranger, 'acme'), SOON).toBe(4)
    expect(await tenants(stranger, 'globex')).toBe(0)
    await stranger.goto(`/w/${visits.place}`)
    await stranger.waitForURL((url) => url.pathname === '/sign-in')
    await stranger.goto(`/shared/other#${jwt}`)
    await stranger.getByText('This token may not read this dashboard').waitFor()

    const holder = createCaller(visits.running.product.url, jwt)
    const asked = await holder.get('/v0/pipes/visits_of.json?tenant=globex')
    expect(asked.text).not.toContain('globex')
    for (const path of [PATH, '/v0/pipes', '/v0/tokens', '/v0/sql?q=SELECT+1+FROM+visits'])
      expect((await holder.get(path)).status, path).toBe(403)
  })

  test('is refused where its JWT reads only a part of the dashboard, or where there is none', async () => {
    await given('partly')
    const exp = Math.floor(Date.now() / 1_000) + 600
    const { json } = await visits.running.api('POST', `/v0/tokens?expiration_time=${exp}`, {
      name: 'narrow',
      scopes: [{ type: 'PIPES:READ', resource: 'visits_of' }],
    })
    const { token } = json as { token: string }
    const page = await visits.running.open(`/shared/partly#${token}`, { signedIn: false })
    await page.getByText('This token may not read this dashboard').waitFor()
    expect(await page.content()).not.toContain('Board')
    await expectAccessible(page)
    const none = await visits.running.open('/shared/partly', { signedIn: false })
    await none.getByText('Open the whole link').waitFor()
  })
})

test('a token that sees some endpoints only is told that it may not list dashboards', async () => {
  const tokens = (await visits.running.api('GET', '/v0/tokens')).json as {
    tokens: { name: string; token: string }[]
  }
  const narrow = tokens.tokens.find(({ name }) => name === 'top_reader')?.token ?? ''
  const page = await openAs(visits.running, narrow, `/w/${visits.place}/dashboards`)
  await page.getByText('Your token may not see this').waitFor()
})
