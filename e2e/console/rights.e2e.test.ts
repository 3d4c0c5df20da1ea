// What a token may not do has no button; what is asked for all the same the server refuses, and the page says so.
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'

import { expectAccessible } from './support/console.ts'
import { openAs } from './support/open-as.ts'
import { startVisitsConsole } from './support/visits-console.ts'

const visits = startVisitsConsole('')

beforeAll(async () => {
  const content = { name: 'Board', tiles: [] }
  await visits.running.api('PUT', '/v0/console/dashboards/board', { revision: 0, content })
})

async function openWith(scopes: readonly string[], path: string): Promise<Page> {
  const query = scopes.map((each) => `&scope=${encodeURIComponent(each)}`).join('')
  const { json } = await visits.running.api('POST', `/v0/tokens?name=t${scopes.join('')}${query}`)
  const { token } = json as { token: string }
  return openAs(visits.running, token, `/w/${visits.place}${path}`)
}

/** How many buttons and links there are of these names. */
async function shown(page: Page, names: readonly string[]): Promise<Record<string, number>> {
  const counts = names.map(async (name): Promise<[string, number]> => [
    name,
    (await page.getByRole('button', { name, exact: true }).count()) +
      (await page.getByRole('link', { name, exact: true }).count()),
  ])
  return Object.fromEntries(await Promise.all(counts))
}

test('who only reads is offered to change nothing, and told so where an address asks for it', async () => {
  const page = await openWith(['WORKSPACE:READ_ALL'], '/data-sources')
  await page.getByRole('link', { name: 'visits', exact: true }).waitFor()
  expect(await shown(page, ['Create'])).toEqual({ Create: 0 })
  await page.goto(`/w/${visits.place}/data-sources/visits`)
  await page.getByRole('tab', { name: 'Columns' }).waitFor()
  expect(await shown(page, ['Append a file', 'Change'])).toEqual({ 'Append a file': 0, Change: 0 })
  await page.goto(`/w/${visits.place}/dashboards/board`)
  await page.getByRole('button', { name: 'Full screen' }).waitFor()
  expect(await shown(page, ['Edit', 'Share'])).toEqual({ Edit: 0, Share: 0 })
  await page.goto(`/w/${visits.place}/playground`)
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
  expect(await shown(page, ['Save'])).toEqual({ Save: 0 })
  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: 'New query' }).waitFor()
  expect(await page.getByRole('option', { name: 'New pipe' }).count()).toBe(0)
  await page.goto(`/w/${visits.place}/dashboards?create=true`)
  await page.getByLabel('Name', { exact: true }).fill('Mine')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByText('it needs ADMIN').first().waitFor()
})

test('who may append to one data source may append there, and nowhere else', async () => {
  const scopes = ['DATASOURCES:READ:visits', 'DATASOURCES:APPEND:visits', 'DATASOURCES:READ:daily']
  const page = await openWith(scopes, '/data-sources/visits')
  await page.getByRole('button', { name: 'Append a file' }).waitFor()
  expect(await shown(page, ['Change'])).toEqual({ Change: 0 })
  await expectAccessible(page)
  await page.goto(`/w/${visits.place}/data-sources/daily`)
  await page.getByRole('tab', { name: 'Columns' }).waitFor()
  await page.getByRole('heading', { name: 'daily' }).waitFor()
  expect(await shown(page, ['Append a file', 'Change'])).toEqual({ 'Append a file': 0, Change: 0 })
})

test('who may remove rows of one data source is offered that, not the data source', async () => {
  const scopes = ['DATASOURCES:READ:visits', 'DATASOURCES:DROP:visits']
  const page = await openWith(scopes, '/data-sources/visits')
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Truncate' }).waitFor()
  expect(await page.getByRole('menuitem').allTextContents()).toEqual([
    'Delete rows by a condition',
    'Truncate',
  ])
})
