// Links to dashboards are listed, and each is ended by itself: whoever has one sees his tenant until then, and nothing afterwards.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createCaller } from '../support/http.ts'
import { expectAccessible, startConsole, type RunningConsole } from './support/console.ts'
import { deployVisits, placeOf } from './support/visits-project.ts'

const PATH = '/v0/console/dashboards/board'
const TILE = { chart: { type: 'table' }, layout: { x: 0, y: 0, w: 8, h: 5 } }
const BOARD = {
  name: 'Board',
  tiles: [{ ...TILE, id: 'rows', title: 'Visits', source: { pipe: 'visits_of' } }],
}
const SOON = { timeout: 15_000 }

let running: RunningConsole
let place: string

beforeAll(async () => {
  running = await startConsole()
  await deployVisits(running.product)
  place = await placeOf(running.product)
  await running.api('PUT', PATH, { revision: 0, content: BOARD })
})
afterAll(() => running.stop())

async function makeLink(page: Page, tenant: string): Promise<{ path: string; jwt: string }> {
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('tenant', { exact: true }).fill(tenant)
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const link = new URL(await dialog.getByLabel('The link', { exact: true }).inputValue())
  await dialog.getByText(`tenant = ${tenant}`).waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()
  return { path: `${link.pathname}${link.hash}`, jwt: link.hash.slice(1) }
}

const openLink = (path: string): Promise<Page> => running.open(path, { signedIn: false })
const tenants = (page: Page, tenant: string): Promise<number> =>
  page.getByRole('cell', { name: tenant, exact: true }).count()
const rowsFor = (jwt: string): Promise<{ status: number }> =>
  createCaller(running.product.url, jwt).get('/v0/pipes/visits_of.json')

test('one that was ended opens nothing, in the window that has it too; the other goes on', async () => {
  const page = await running.open(`/w/${place}/dashboards/board`)
  const acme = await makeLink(page, 'acme')
  const globex = await makeLink(page, 'globex')
  const [ofAcme, ofGlobex] = [await openLink(acme.path), await openLink(globex.path)]
  await expect.poll(() => tenants(ofAcme, 'acme'), SOON).toBe(4)
  await expect.poll(() => tenants(ofGlobex, 'globex'), SOON).toBe(4)
  expect([await tenants(ofAcme, 'globex'), await tenants(ofGlobex, 'acme')]).toEqual([0, 0])

  await page.getByRole('button', { name: 'Share', exact: true }).click()
  const list = page.getByRole('region', { name: 'Links that work now' })
  const row = list.getByRole('listitem').filter({ hasText: 'tenant = acme' })
  await row.getByText('By workspace admin token').waitFor()
  expect(await list.getByRole('listitem').count()).toBe(2)
  await row.getByRole('button', { name: 'End this link' }).click()
  await row.getByText('Whoever has it sees nothing from then on').waitFor()
  await expectAccessible(page)
  await row.getByRole('button', { name: 'End it', exact: true }).click()
  await expect.poll(() => list.getByRole('listitem').count(), SOON).toBe(1)

  expect([(await rowsFor(acme.jwt)).status, (await rowsFor(globex.jwt)).status]).toEqual([403, 200])
  await ofAcme.reload()
  await ofAcme.getByText('This link to a dashboard was ended').waitFor()
  expect(await tenants(ofAcme, 'acme')).toBe(0)
  await expectAccessible(ofAcme)
  const anew = await openLink(acme.path)
  await anew.getByText('This link to a dashboard was ended').waitFor()
  await ofGlobex.reload()
  await expect.poll(() => tenants(ofGlobex, 'globex'), SOON).toBe(4)

  // Deleting the dashboard ends what is left.
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByLabel('Type Board to confirm').fill('Board')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.waitForURL((url) => url.pathname.endsWith('/dashboards'))
  expect((await rowsFor(globex.jwt)).status).toBe(403)
  await ofGlobex.reload()
  await ofGlobex.getByText('This link to a dashboard was ended').waitFor()
})
