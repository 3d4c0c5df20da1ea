// Endpoints as people use them: try, use, watch, and give away by a JWT that sees its own rows only.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'

import { createCaller } from '../support/http.ts'
import { openAs } from './support/open-as.ts'
import { startVisitsConsole } from './support/visits-console.ts'
import { PROJECT_TOKENS } from './support/visits-project.ts'
import { expectAccessible, takeScreenshot } from './support/console.ts'

/** Patience for what a busy machine does slowly. */
const SOON = { timeout: 15_000 }

const visits = startVisitsConsole('endpoints')
const { open } = visits

async function runWith(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(values))
    await page.getByLabel(name, { exact: true }).fill(value)
  await page.getByRole('button', { name: 'Run', exact: true }).click()
}

describe('the list', () => {
  test.each(['light', 'dark'] as const)('is found by its search, in %s', async (colorScheme) => {
    const page = await open('', { colorScheme })
    await page.getByRole('link', { name: 'visits_of' }).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, `endpoints-${colorScheme}`)
    await page.getByLabel('Find an endpoint').fill('12')
    await page.getByText('No endpoint has that name').waitFor()
    await page.reload()
    await page.getByText('No endpoint has that name').waitFor()
    await page.getByLabel('Find an endpoint').fill('visits')
    await page.getByRole('link', { name: 'visits_of' }).click()
    await page.getByRole('heading', { name: 'visits_of' }).waitFor()
  })
})

describe('try it', () => {
  test('a wrong parameter gets the server’s own words, a right one rows, and the address keeps them', async () => {
    const page = await open('/visits_of')
    await runWith(page, { tenant: 'acme', most: 'many' })
    await expect
      .poll(() => page.getByRole('alert').textContent(), SOON)
      .toContain("'many' to type Int32")
    await expectAccessible(page)
    await runWith(page, { most: '2' })
    const rows = page.getByRole('table', { name: 'Rows of visits_of' })
    await expect
      .poll(() => rows.getByRole('cell', { name: 'acme', exact: true }).count(), SOON)
      .toBe(2)
    await expect.poll(() => page.getByRole('status').textContent(), SOON).toContain('2 rows')
    await expectAccessible(page)
    await takeScreenshot(page, 'endpoint-try')
    await page.getByRole('tab', { name: 'JSON' }).click()
    await page.getByText('"rows": 2').waitFor()
    await page.reload()
    expect(await page.getByLabel('most', { exact: true }).inputValue()).toBe('2')
  })

  test('other formats come as text, and rows of strangers are only text', async () => {
    const page = await open('/visits_of?params={"tenant":"acme"}&format=csv')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByText('<img src=x onerror=').first().waitFor()
    expect(await page.evaluate('window.ran')).toBeUndefined()
  })
})

test('snippets hold what was chosen, and no token before somebody asks', async () => {
  const page = await open('/visits_of?tab=use&params={"tenant":"it\'s"}')
  const code = page.getByLabel('curl', { exact: true }).last()
  await expect.poll(() => code.textContent(), SOON).toContain('tenant=it%27s')
  const token = await createCaller(
    visits.running.product.url,
    visits.running.product.tokens.workspace_admin_token,
  )
    .get('/v0/tokens')
    .then(({ json }) => (json as { tokens: { name: string; token: string }[] }).tokens)
    .then((tokens) => tokens.find(({ name }) => name === PROJECT_TOKENS.reader)?.token ?? '')
  expect(await page.content()).not.toContain(token)
  await page.getByRole('button', { name: 'Show the token' }).click()
  await expect.poll(() => code.textContent(), SOON).toContain(`Bearer ${token}`)
  await expectAccessible(page)
})

test('performance shows requests, errors with their cause, and leads to the log', async () => {
  const admin = createCaller(
    visits.running.product.url,
    visits.running.product.tokens.workspace_admin_token,
  )
  await admin.get('/v0/pipes/top_tenants.json?most=2')
  await admin.get('/v0/pipes/top_tenants.json?most=few')
  await expect
    .poll(
      () =>
        admin.sql(
          `SELECT count() AS c FROM tinybird.endpoint_errors WHERE pipe_name = 'top_tenants'`,
        ),
      { timeout: 15_000, interval: 250 },
    )
    .toEqual([{ c: 1 }])
  const page = await open('/top_tenants?tab=performance&range=1h')
  const failed = page.getByRole('table', { name: 'Failed requests' })
  await failed.getByText("'few' to type Int32").waitFor()
  await page.getByRole('img', { name: 'Latency of top_tenants' }).waitFor()
  await expectAccessible(page)
  await takeScreenshot(page, 'endpoint-performance')
  await failed.getByRole('link').first().click()
  await page.waitForURL(
    (url) => url.pathname.endsWith('/logs') && url.search.includes('endpoint_errors'),
  )
})

test('settings show the line that sets them, and OpenAPI what the endpoint takes', async () => {
  const page = await open('/top_tenants?tab=settings')
  await page.getByText('An answer is kept for 5 s.').waitFor()
  await expectAccessible(page)
  await page.getByRole('tab', { name: 'OpenAPI' }).click()
  await page.getByLabel('OpenAPI document').getByText('"openapi": "3.0.3"').waitFor()
  await page.getByRole('tab', { name: 'Tokens', exact: true }).click()
  await page.getByText(PROJECT_TOKENS.reader).waitFor()
  await expectAccessible(page)
})

describe('the JWT builder', () => {
  test('makes a JWT whose preview, and whose holder, sees its own rows only', async () => {
    const page = await open('/visits_of?tab=jwt')
    await page.getByLabel('Name', { exact: true }).fill('acme only')
    await page.getByLabel('tenant', { exact: true }).fill('acme')
    await page.getByLabel('Add a data source, with a row filter').selectOption('visits')
    await page.getByLabel('Rows of visits where').fill("tenant = 'acme'")
    const signed = page.waitForResponse((each) =>
      each.url().includes('/v0/tokens?expiration_time='),
    )
    await page.getByRole('button', { name: 'Sign the JWT' }).click()
    const { token } = (await (await signed).json()) as { token: string }
    await page.getByRole('button', { name: 'Call with the JWT' }).click()
    const rows = page.getByRole('table', { name: 'Rows that the JWT sees' })
    await rows.getByRole('cell', { name: 'acme', exact: true }).first().waitFor()
    expect(await rows.getByRole('cell', { name: 'globex' }).count()).toBe(0)
    await expectAccessible(page)
    await takeScreenshot(page, 'jwt-builder')
    await page.getByLabel('Read as its holder').selectOption({ label: 'data source visits' })
    await page.getByRole('button', { name: 'Call with the JWT' }).click()
    await page.getByText('4 rows are what it sees.').waitFor()
    const holder = createCaller(visits.running.product.url, token)
    const asked = await holder.get('/v0/pipes/visits_of.json?tenant=globex')
    expect(
      new Set((asked.json as { data: { tenant: string }[] }).data.map((row) => row.tenant)),
    ).toEqual(new Set(['acme']))
    expect((await holder.get('/v0/pipes/top_tenants.json')).status).toBe(403)
  })

  test('a filter that is no condition is refused with the server’s words', async () => {
    const page = await open('/visits_of?tab=jwt')
    await page.getByLabel('Name', { exact: true }).fill('wrong')
    await page.getByLabel('Add a data source, with a row filter').selectOption('visits')
    await page.getByLabel('Rows of visits where').fill('1; DROP TABLE visits')
    await page.getByRole('button', { name: 'Sign the JWT' }).click()
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toContain('not one plain SQL condition')
  })
})

test('a narrow token sees its own endpoint, no figures of others, and no page of an endpoint that it may not call', async () => {
  const tokens = await visits.running.api('GET', '/v0/tokens')
  const narrow = (tokens.json as { tokens: { name: string; token: string }[] }).tokens.find(
    ({ name }) => name === PROJECT_TOKENS.narrow,
  )
  const page = await openAs(visits.running, narrow?.token ?? '', `/w/${visits.place}/endpoints`)
  await page.getByRole('link', { name: 'top_tenants' }).waitFor()
  expect(await page.getByRole('link', { name: 'visits_of' }).count()).toBe(0)
  await page.getByText('may not read tinybird.pipe_stats_rt').waitFor()
  await page.goto(`/w/${visits.place}/endpoints/visits_of`)
  await page.getByText('There is no such endpoint').waitFor()
  await page.goto(`/w/${visits.place}/endpoints/top_tenants?tab=performance`)
  await page.getByText('Your token may not see this').first().waitFor()
  await expectAccessible(page)
})

test('reads on a phone', async () => {
  const page = await open('/visits_of', {
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
  })
  await runWith(page, { tenant: 'globex' })
  await page.getByRole('table', { name: 'Rows of visits_of' }).waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  await expectAccessible(page)
  await takeScreenshot(page, 'endpoint-phone')
})
