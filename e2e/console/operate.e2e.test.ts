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

  test('are looked at closer by dragging over the bars, and back', async () => {
    const page = await open('logs?source=endpoint_errors&range=24h')
    const bars = page.getByRole('img', { name: 'Rows over time' })
    const rows = page.getByRole('table', { name: 'Rows of the log' })
    await rows.waitFor()
    await bars.locator('canvas').waitFor()
    const drag = async (from: number, to: number): Promise<void> => {
      const box = await bars.boundingBox()
      if (box === null) throw new Error('there are no bars')
      const y = box.y + box.height / 2
      await page.mouse.move(box.x + box.width * from, y)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * to, y, { steps: 4 })
      await page.mouse.up()
    }
    const span = (): number[] => {
      const { searchParams } = new URL(page.url())
      return ['from', 'to'].map((name) => Date.parse(`${searchParams.get(name) ?? ''}Z`))
    }
    // All errors are of this minute: there are none in the morning of the span.
    await drag(0.2, 0.5)
    await page.waitForURL(/from=/)
    await page.getByText('Nothing was noted').waitFor()
    const [from = 0, to = 0] = span()
    expect(to - from).toBeGreaterThan(4 * 3_600_000)
    expect(to - from).toBeLessThan(12 * 3_600_000)
    expect(to).toBeLessThan(Date.now())
    await expectAccessible(page)
    await page.goBack()
    await rows.waitFor()
    expect(page.url()).not.toContain('from=')
    await drag(0.99, 0.6)
    await page.waitForURL(/from=/)
    await rows.waitFor()
    await page.getByLabel('Time', { exact: true }).selectOption('24h')
    await page.waitForURL((url) => !url.search.includes('from='))
  })

  test('live shows what comes without being asked again, and stops when it is turned off', async () => {
    const page = await open('logs?source=pipe_stats_rt&range=15m&q=live_probe')
    await page.getByText('Nothing was noted').waitFor()
    await page.getByRole('button', { name: 'Live' }).click()
    await page.waitForURL(/live=true/)
    await admin.get('/v0/pipes/top_tenants.json?from=live_probe')
    const rows = page.getByRole('table', { name: 'Rows of the log' }).getByRole('row')
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(2)
    await page.getByRole('button', { name: 'Live' }).click()
    await page.waitForURL((url) => !url.search.includes('live=true'))
    expect(await page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed')).toBe(
      'false',
    )
  })

  test('are read page by page as the end comes near', async () => {
    const calls = Array.from({ length: 130 }, (_, at) => at)
    for (const at of calls) await admin.get(`/v0/pipes/top_tenants.json?from=paged_${at}`)
    await eventually(
      () =>
        admin.sql(
          "SELECT count() AS c FROM tinybird.pipe_stats_rt WHERE position(url, 'paged_') > 0",
        ),
      (found) => Number(found[0]?.['c']) === calls.length,
    )
    const page = await open('logs?source=pipe_stats_rt&range=1h&q=paged_')
    await page.getByText('100 rows, more below').waitFor()
    const rows = page.getByRole('table', { name: 'Rows of the log' })
    await rows.hover()
    await page.mouse.wheel(0, 100_000)
    await page.getByText('130 rows', { exact: true }).waitFor()
    await page.mouse.wheel(0, 100_000)
    await rows.getByText('paged_0', { exact: false }).first().waitFor()
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
    // Behind an open dialog nothing counts as a row.
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => row(page, /for the site/).count()).toBe(0)
    expect((await asReader.get('/v0/pipes/visits_of.json')).status).toBe(403)
  })

  test('one is changed: its rights, name, description and limits, and its value stays', async () => {
    const made = await running.api('POST', '/v0/tokens', {
      ...{ name: 'to change', scopes: [{ type: 'PIPES:READ', resource: 'visits_of' }] },
      limits: { rps: 50 },
    })
    const holder = createCaller(running.product.url, (made.json as { token: string }).token)
    const page = await open('tokens')
    await page.getByRole('button', { name: 'Actions for to change' }).click()
    await page.getByRole('menuitem', { name: 'Change' }).click()
    const dialog = page.getByRole('dialog', { name: 'Change to change' })
    expect(await dialog.getByLabel('On which pipe (right 1)').inputValue()).toBe('visits_of')
    await dialog.getByLabel('Name', { exact: true }).fill('site_reader')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByRole('alert').getByText('site_reader').waitFor()
    await dialog.getByLabel('Name', { exact: true }).fill('changed <b>')
    await dialog.getByLabel('Description').fill('for the shop')
    await dialog.getByLabel('On which pipe (right 1)').selectOption('top_tenants')
    await dialog.getByLabel('Requests per second').fill('')
    await dialog.getByText('Limits of its queries').click()
    await dialog.getByLabel('Rows a query may read').fill('3')
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await row(
      page,
      /changed <b>.*for the shop.*PIPES:READ:top_tenants.*max_rows_to_read 3/,
    ).waitFor()
    await expect.poll(() => row(page, /rps 50/).count()).toBe(0)
    expect((await holder.get('/v0/pipes/visits_of.json')).status).toBe(403)
    const limited = await holder.get('/v0/pipes/top_tenants.json')
    expect(limited.text).toContain('max_rows_to_read')
  })

  test('one of a file keeps the rights of its file, and takes limits', async () => {
    const page = await open('tokens')
    await page.getByRole('button', { name: 'Actions for top_reader' }).click()
    await page.getByRole('menuitem', { name: 'Change' }).click()
    const dialog = page.getByRole('dialog', { name: 'Change top_reader' })
    await dialog.getByText('stand in a datafile').waitFor()
    expect(await dialog.getByLabel('Name', { exact: true }).count()).toBe(0)
    await dialog.getByLabel('Requests per second').fill('9')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await row(page, /top_reader.*rps 9/).waitFor()
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
