// What a first visit costs: bytes over the wire, paints, time that the page could not be used. The baseline is the same browser opening a
// file of 400 bytes from the same server.
import type { Browser, Page } from 'playwright-core'

import { PROJECT } from '../ingest/bench-project.ts'
import type { Ladder } from '../ingest/ladder.ts'
import { quantile } from '../machine.ts'
import { withConsole } from './browser.ts'

const VISITS = 9

interface Visit {
  readonly scriptBytes: number
  readonly allBytes: number
  readonly firstPaintMs: number
  readonly largestPaintMs: number
  readonly blockedMs: number
}

export const firstScreen: Ladder = async () => {
  await withConsole(async ({ url }, browser) => {
    const visits: Visit[] = []
    const bare: number[] = []
    for (let each = 0; each < VISITS; each += 1) {
      visits.push(await visit(browser, url))
      bare.push(await bareLoad(browser, url))
    }
    const middle = (of: (each: Visit) => number): number => quantile(visits.map(of), 0.5)
    const paint = middle((each) => each.largestPaintMs)
    console.log(
      `scripts ${kb(middle((each) => each.scriptBytes))}, everything ${kb(middle((each) => each.allBytes))}, packed`,
    )
    console.log(
      `first paint p50 ${middle((each) => each.firstPaintMs).toFixed(0)} ms, largest paint p50 ${paint.toFixed(0)} ms,` +
        ` blocked for ${middle((each) => each.blockedMs).toFixed(0)} ms`,
    )
    console.log(
      `a bare file p50 ${quantile(bare, 0.5).toFixed(0)} ms: x ${(paint / quantile(bare, 0.5)).toFixed(1)}`,
    )
  }, PROJECT)
}

async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.addInitScript(OBSERVE)
  await page.goto(url)
  await page.getByRole('button', { name: 'Sign in to this machine' }).waitFor()
  const measured = await page.evaluate<Visit>(READ_OBSERVED)
  await context.close()
  return measured
}

async function bareLoad(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext()
  const page: Page = await context.newPage()
  const begun = performance.now()
  await page.goto(`${url}/favicon.svg`)
  const took = performance.now() - begun
  await context.close()
  return took
}

/** Runs in the page, before anything of it. */
const OBSERVE = `
  globalThis.seen = { largest: 0, blocked: 0 }
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.largest = entry.startTime
  }).observe({ type: 'largest-contentful-paint', buffered: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.blocked += Math.max(0, entry.duration - 50)
  }).observe({ type: 'longtask', buffered: true })
`

/** Runs in the page. */
const READ_OBSERVED = `(() => {
  const files = performance.getEntriesByType('resource')
  const sum = (kept) => files.filter(kept).reduce((all, each) => all + each.encodedBodySize, 0)
  return {
    scriptBytes: sum(({ name }) => name.endsWith('.js')),
    allBytes: sum(() => true),
    firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    largestPaintMs: seen.largest,
    blockedMs: seen.blocked,
  }
})()`

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`
}
