// Deployments, jobs, logs, tokens and settings: what works, what the server refuses, what a token may not see.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { eventually } from '../support/eventually.ts'
import { createCaller, projectForm, type Caller } from '../support/http.ts'
import {
  expectAccessible,
  startConsole,
  takeScreenshot,
  type RunningConsole,
} from './support/console.ts'
import { openAs } from './support/open-as.ts'
import { deployVisits, placeOf } from './support/visits-project.ts'

let running: RunningConsole
let admin: Caller
let place: string
/** Answers with the head of a file and then with nothing, until it is closed; `/gone.csv` is not there. */
let stalling: Server

beforeAll(async () => {
  vi.stubEnv('SANDPIPER_IMPORT_PRIVATE_HOSTS', '127.0.0.1')
  running = await startConsole()
  const { url, tokens } = running.product
  admin = createCaller(url, tokens.workspace_admin_token)
  await deployVisits(running.product)
  place = await placeOf(running.product)
  stalling = createServer((request, response) => {
    if (request.url === '/gone.csv') response.writeHead(404).end()
    else response.writeHead(200).write('at,tenant,page,hits\n')
  })
  await new Promise<void>((resolve) => stalling.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  stalling.closeAllConnections()
  stalling.close()
  await running.stop()
  vi.unstubAllEnvs()
})

const open = (path: string, options?: Parameters<RunningConsole['open']>[1]): Promise<Page> =>
  running.open(`/w/${place}/${path}`, options)

const row = (page: Page, name: string | RegExp) => page.getByRole('row', { name })

const PHONE_AND_DARK = [
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 } }],
] as const

/** A deployment that is made and not live, with what the live one has and one more data source. @returns its number. */
async function stage(name: string): Promise<string> {
  const datafile = async (kind: string, each: string): Promise<[string, string]> => [
    `${each}.${kind}`,
    (await admin.get(`/v0/${kind}s/${each}.${kind}`)).text,
  ]
  const listed = async (kind: string, member: string): Promise<[string, string][]> => {
    const all = (await admin.get(`/v0/${kind}s`)).json as Record<string, { name: string }[]>
    return Promise.all((all[member] ?? []).map((each) => datafile(kind, each.name)))
  }
  const files = Object.fromEntries([
    ...(await listed('datasource', 'datasources')),
    ...(await listed('pipe', 'pipes')),
    [`${name}.datasource`, 'SCHEMA >\n    `x` String `json:$.x`\nENGINE "MergeTree"\n'],
  ])
  const answer = await admin.post('/v1/deploy', projectForm(files))
  const { result, deployment } = answer.json as { result: string; deployment: { id: string } }
  if (result !== 'success') throw new Error(answer.text)
  return deployment.id
}

describe('deployments', () => {
  test('one that is staged becomes live by a click, and its data source is there', async () => {
    const id = await stage('first_more')
    const page = await open('deployments')
    await row(page, new RegExp(`#${id}.*Staged.*1 new`)).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, 'deployments')
    await page.getByRole('link', { name: `#${id}` }).click()
    await page.getByRole('list', { name: 'Changed resources' }).getByText('first_more').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Promote' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click()
    await page.getByRole('heading', { name: new RegExp(`#${id}.*Live`) }).waitFor()
    expect((await admin.get('/v0/datasources/first_more')).status).toBe(200)
    await page.getByRole('link', { name: 'first_more' }).waitFor()
  })

  test('one is discarded by its number only; a refusal is shown in the server’s words', async () => {
    const id = await stage('second_more')
    const page = await open(`deployments/${id}`)
    const late = await open(`deployments/${id}`)
    await late.getByRole('button', { name: 'Promote' }).click()
    await page.getByRole('button', { name: 'Discard' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByRole('button', { name: 'Discard' }).isDisabled()).toBe(true)
    await dialog.getByLabel(`Type #${id} to confirm`).fill(`#${id}`)
    await dialog.getByRole('button', { name: 'Discard' }).click()
    await page
      .getByRole('heading', { name: new RegExp(`#${id}.*(Being removed|Removed)`) })
      .waitFor()
    await late.getByRole('dialog').getByRole('button', { name: 'Promote' }).click()
    await late.getByText(/cannot be set live/).waitFor()
    expect((await admin.get('/v0/datasources/second_more')).status).toBe(404)
  })

  test('a number that is none says so', async () => {
    const page = await open('deployments/4711')
    await page.getByText('There is no deployment #4711').waitFor()
  })
})

describe('jobs', () => {
  test('one is followed from its list, cancelled, and stays with its log', async () => {
    const { port } = stalling.address() as AddressInfo
    const url = encodeURIComponent(`http://127.0.0.1:${port}/visits.csv`)
    const asked = `/v0/datasources?mode=append&name=visits&format=csv&url=${url}`
    const started = await admin.post(asked)
    expect(started.status, started.text).toBe(200)
    const page = await open('jobs')
    await row(page, /import.*visits.*(waiting|working)/).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, 'jobs')
    await page.getByRole('link', { name: /^import/ }).click()
    await page.getByRole('button', { name: 'Cancel job' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click()
    await expect
      .poll(() => page.getByRole('definition').first().textContent(), { timeout: 20_000 })
      .toContain('cancelled')
    await page.getByRole('heading', { name: /^Log/ }).waitFor()
    await expectAccessible(page)
  })

  test('one that failed shows why; the filter stands in the address', async () => {
    const { port } = stalling.address() as AddressInfo
    const url = encodeURIComponent(`http://127.0.0.1:${port}/gone.csv`)
    const asked = `/v0/datasources?mode=append&name=visits&format=csv&url=${url}`
    await admin.post(asked)
    const page = await open('jobs?status=error')
    await row(page, /import/).waitFor({ timeout: 60_000 })
    expect(await row(page, /cancelled/).count()).toBe(0)
    await page
      .getByRole('link', { name: /^import/ })
      .first()
      .click()
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('404')
    await page.goBack()
    await page.getByLabel('Status').selectOption('done')
    await expect.poll(() => page.url()).toContain('status=done')
  })

  test('one that is none is not found', async () => {
    const page = await open('jobs/00000000-0000-4000-8000-00000000dead')
    await page.getByRole('alert').getByText('Job not found').waitFor()
  })
})

describe('logs', () => {
  const ERRORS = 'logs?source=endpoint_errors&range=1h'

  beforeAll(async () => {
    await admin.get('/v0/pipes/visits_of.json')
    await admin.get('/v0/pipes/visits_of.json?most=many')
    await admin.get('/v0/pipes/top_tenants.json?most=plenty')
    await eventually(
      () => admin.sql('SELECT request_id FROM tinybird.endpoint_errors'),
      (rows) => rows.length === 2,
    )
  })

  test('are searched, filtered and opened by keyboard, all in the address', async () => {
    const page = await open(ERRORS)
    const rows = page.getByRole('table', { name: 'Rows of the log' })
    await expect.poll(() => rows.getByRole('row').count()).toBe(3)
    await page.getByRole('img', { name: 'Rows over time' }).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, 'logs')
    await page.getByRole('searchbox', { name: 'Search' }).fill('PLENTY')
    await page.keyboard.press('Enter')
    await expect.poll(() => rows.getByRole('row').count()).toBe(2)
    await rows.getByRole('button').first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Endpoint errors' }).waitFor()
    await expectAccessible(page)
    await page.reload()
    const dialog = page.getByRole('dialog', { name: 'Endpoint errors' })
    await dialog.getByText("'plenty' to type Int32").waitFor()
    await dialog.getByRole('button', { name: 'Only rows with this pipe_name' }).click()
    await page.getByText('pipe_name is').waitFor()
    expect(new URL(page.url()).searchParams.get('filters')).toContain('top_tenants')
  })

  test.each(PHONE_AND_DARK)('are readable: %s', async (name, options) => {
    const page = await open('logs?source=pipe_stats_rt&failed=true', options)
    await page.getByRole('table', { name: 'Rows of the log' }).waitFor()
    await page.getByRole('img', { name: 'Rows over time' }).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, `logs-${name}`)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
  })

  test('every log there is can be read', async () => {
    const page = await open('logs?range=24h')
    const choice = page.getByLabel('Log', { exact: true })
    await choice.waitFor()
    const names = await choice
      .locator('option')
      .evaluateAll((all) => all.map((each) => (each as unknown as { value: string }).value))
    expect(names).toHaveLength(7)
    for (const name of names) {
      await choice.selectOption(name)
      await expect.poll(() => page.url(), { message: name }).toContain(`source=${name}`)
      const found = page.getByRole('table', { name: 'Rows of the log' })
      await found.or(page.getByText('Nothing was noted')).waitFor()
      expect(await page.getByRole('alert').count(), name).toBe(0)
    }
  })

  test('a column that the address made up is the server’s to refuse', async () => {
    const filters = JSON.stringify([{ column: 'no_such', op: 'is', value: '1' }])
    const page = await open(`${ERRORS}&filters=${encodeURIComponent(filters)}`)
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('no_such')
  })
})

describe('tokens', () => {
  test('one is made for one endpoint, copied without being shown, and deleted by name', async () => {
    const page = await open('tokens')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'New token' }).click()
    await page.getByLabel('Name', { exact: true }).fill('for the site')
    const create = page.getByRole('button', { name: 'Create' })
    expect(await create.isDisabled()).toBe(true)
    await page.getByLabel('On which pipe (right 1)').selectOption('visits_of')
    await page.getByLabel('Requests per second').fill('50')
    await expectAccessible(page)
    await create.click()
    await page.getByRole('button', { name: 'Done' }).click()
    await row(page, /for the site.*PIPES:READ:visits_of.*rps 50/).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, 'tokens')
    await page.getByRole('button', { name: 'Copy the value of for the site' }).click()
    const value = String(await page.evaluate('navigator.clipboard.readText()'))
    expect(await page.content()).not.toContain(value)
    const asReader = createCaller(running.product.url, value)
    expect((await asReader.get('/v0/pipes/visits_of.json')).status).toBe(200)
    expect((await asReader.get('/v0/pipes/top_tenants.json')).status).toBe(403)
    await page.getByRole('button', { name: 'Actions for for the site' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByLabel('Type for the site to confirm').fill('for the site')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await expect.poll(() => row(page, /for the site/).count()).toBe(0)
    expect((await asReader.get('/v0/pipes/visits_of.json')).status).toBe(403)
  })

  test('a name that is taken is refused in the server’s words', async () => {
    const page = await open('tokens')
    await page.getByRole('button', { name: 'New token' }).click()
    await page.getByLabel('Name', { exact: true }).fill('site_reader')
    await page.getByLabel('Right 1', { exact: true }).selectOption('WORKSPACE:READ_ALL')
    await page.getByRole('button', { name: 'Create' }).click()
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('site_reader')
  })

  test('those of files are not deleted here, those above the caller’s not touched at all', async () => {
    const page = await open('tokens')
    await page.getByRole('button', { name: 'Actions for site_reader' }).click()
    await page.getByRole('menuitem', { name: 'Refresh' }).waitFor()
    expect(await page.getByRole('menuitem', { name: 'Delete' }).count()).toBe(0)
    await page.keyboard.press('Escape')
    expect(await page.getByRole('button', { name: 'Actions for admin token' }).count()).toBe(0)
  })
})

describe('settings', () => {
  test('a secret goes in and is never shown again', async () => {
    const page = await open('settings?tab=secrets')
    await page.getByRole('button', { name: 'New secret' }).click()
    await page.getByLabel('Name', { exact: true }).fill('9 lives')
    await page.getByLabel('Value', { exact: true }).fill('hunter2')
    await page.getByRole('button', { name: 'Create' }).click()
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('"name" must be')
    await page.getByLabel('Name', { exact: true }).fill('smtp_password')
    await page.getByRole('button', { name: 'Create' }).click()
    await row(page, /smtp_password/).waitFor()
    expect(await page.content()).not.toContain('hunter2')
    await expectAccessible(page)
    await takeScreenshot(page, 'settings-secrets')
    await page.getByRole('button', { name: 'Replace the value of smtp_password' }).click()
    expect(await page.getByLabel('Value', { exact: true }).inputValue()).toBe('')
    await page.getByLabel('Value', { exact: true }).fill('hunter3')
    await page.getByRole('dialog').getByRole('button', { name: 'Replace' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Delete smtp_password' }).click()
    await page.getByLabel('Type smtp_password to confirm').fill('smtp_password')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No secrets yet').waitFor()
  })

  test('a branch is made, entered, and deleted by name', async () => {
    const page = await open('settings?tab=branches')
    await page.getByLabel('New branch').fill('no-dashes')
    await page.getByRole('button', { name: 'Create branch' }).click()
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('"name" must be')
    await page.getByLabel('New branch').fill('try_it')
    await page.getByRole('button', { name: 'Create branch' }).click()
    await page.getByRole('button', { name: 'Switch to try_it' }).click()
    await page.waitForURL((url) => decodeURIComponent(url.pathname) === `/w/${place}@try_it`)
    await page.getByRole('heading', { name: 'Drop a file' }).waitFor()
    await page.goto(`/w/${place}/settings?tab=branches`)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Delete try_it' }).click()
    await page.getByLabel('Type try_it to confirm').fill('try_it')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No branches').waitFor()
  })

  test('the workspace, its limits and its connections are told; metrics only to whoever rules the server', async () => {
    const page = await open('settings')
    await page.getByText(place, { exact: true }).last().waitFor()
    await expectAccessible(page)
    await page.getByRole('tab', { name: 'Limits' }).click()
    await row(page, /Time of a query.*the server/).waitFor()
    await expectAccessible(page)
    await takeScreenshot(page, 'settings-limits')
    await page.getByRole('tab', { name: 'Connections' }).click()
    await page.getByText('No connections').waitFor()
    await page.getByRole('tab', { name: 'Metrics' }).click()
    await page.getByText('it needs ADMIN_USER').waitFor()
    const ruler = await openAs(
      running,
      running.product.tokens.admin_token,
      `/w/${place}/settings?tab=metrics`,
    )
    await ruler.getByLabel('Search metrics').fill('sandpiper_up')
    await row(ruler, /sandpiper_up.*engine.*1/).waitFor()
    await expectAccessible(ruler)
  })
})

test('a token that reads all sees what it may, and is told of the rest', async () => {
  const made = await running.api('POST', '/v0/tokens', {
    name: 'auditor',
    scopes: [{ type: 'WORKSPACE:READ_ALL' }],
  })
  const page = await openAs(running, (made.json as { token: string }).token, `/w/${place}/logs`)
  await page.getByRole('table', { name: 'Rows of the log' }).waitFor()
  for (const path of ['deployments', 'jobs', 'tokens', 'settings?tab=secrets']) {
    await page.goto(`/w/${place}/${path}`)
    await page.getByText('Your token may not see this').waitFor()
    await expectAccessible(page)
  }
})

test('who refreshes the token that they are signed in with stays signed in', async () => {
  const page = await open('tokens')
  await page.getByRole('button', { name: 'Actions for workspace admin token' }).click()
  await page.getByRole('menuitem', { name: 'Refresh' }).click()
  await page.getByLabel('Type workspace admin token to confirm').fill('workspace admin token')
  await page.getByRole('dialog').getByRole('button', { name: 'Refresh' }).click()
  await page.getByText('workspace admin token has a new value.').first().waitFor()
  expect((await admin.get('/v0/jobs')).status).toBe(403)
  await page.goto(`/w/${place}/jobs`)
  await row(page, /import/)
    .first()
    .waitFor()
})
