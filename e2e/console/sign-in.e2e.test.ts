import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  expectAccessible,
  expectNoProblems,
  SIGN_IN,
  startConsole,
  takeScreenshot,
  type RunningConsole,
} from './support/console.ts'

let running: RunningConsole

beforeAll(async () => {
  running = await startConsole()
})
afterAll(() => running.stop())

test('the page loads under its content policy and signs in on this machine by one click', async () => {
  const page = await running.open('/sign-in', { signedIn: false })
  await page.getByRole('button', { name: SIGN_IN }).waitFor()
  await expectAccessible(page)
  await takeScreenshot(page, 'sign-in')
  await page.getByRole('button', { name: SIGN_IN }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  await page.getByRole('navigation').first().waitFor()
  await expectAccessible(page)
  expectNoProblems(page)
})

describe('the tokens of this machine', () => {
  test('are for the console’s own page, not for one of another origin on this machine', async () => {
    const own = await running.open('/sign-in', { signedIn: false })
    const status = `fetch('/tokens').then((answer) => answer.status)`
    expect(await own.evaluate(status)).toBe(200)
    // The same server by another name is another origin, and so another site's page to it.
    const other = running.product.url.replace('127.0.0.1', 'localhost')
    const asked = `fetch('${other}/tokens').then(() => 'read', () => 'refused')`
    const stranger = await running.browser.newPage()
    await stranger.goto(`${running.product.url}/metrics`)
    expect(await stranger.evaluate(asked)).toBe('refused')
    await stranger.close()
  })

  test('are shown in no frame and in no tab: there is the screen', async () => {
    const page = await running.open('/sign-in', { signedIn: false })
    const answer = await page.goto('/tokens')
    expect(answer?.headers()['content-type']).toBe('text/html; charset=utf-8')
    expect(await answer?.text()).not.toContain(running.product.tokens.admin_token)
  })
})

test('the page stands in no frame of another site', async () => {
  const stranger = await running.browser.newPage()
  await stranger.goto(`${running.product.url}/metrics`)
  await stranger.evaluate(
    `document.body.append(Object.assign(document.createElement('iframe'), { src: '/sign-in' }))`,
  )
  const frame = await (await stranger.waitForSelector('iframe')).contentFrame()
  await frame?.waitForLoadState()
  expect(await frame?.locator('button').count()).toBe(0)
  await stranger.close()
})

test('a script that gets into the page does not run, and sends nothing to anybody', async () => {
  const page = await running.open('/sign-in', { signedIn: false, expectsNoProblems: false })
  await page.getByRole('button', { name: SIGN_IN }).waitFor()
  const refused = await page.evaluate(`(async () => {
    const told = []
    addEventListener('securitypolicyviolation', (event) => told.push(event.effectiveDirective))
    document.body.insertAdjacentHTML('beforeend', '<img src="https://evil.example/x.png" onerror="window.ran = 1"><a href="javascript:window.ran=1">x</a>')
    document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }))
    await fetch('https://evil.example/').catch(() => undefined)
    document.querySelector('a[href^="javascript"]').click()
    while (told.length < 5) await new Promise(requestAnimationFrame)
    return { told: [...new Set(told)].sort(), ran: window.ran }
  })()`)
  expect(refused).toEqual({
    told: ['connect-src', 'img-src', 'script-src-attr', 'script-src-elem'],
    ran: undefined,
  })
})
