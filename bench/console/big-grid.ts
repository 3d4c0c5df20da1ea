// 100,000 rows in the grid of a result, scrolled from top to bottom: how long the slowest frame took. The baseline is the same grid with
// 100 rows.
import type { Page } from 'playwright-core'

import { PROJECT } from '../ingest/bench-project.ts'
import type { Ladder } from '../ingest/ladder.ts'
import { quantile } from '../machine.ts'
import { signedInPage, withConsole } from './browser.ts'

export const bigGrid: Ladder = async () => {
  await withConsole(async ({ url }, browser) => {
    const page = await signedInPage(browser, url)
    const base = await framesOf(page, 100)
    const frames = await framesOf(page, 100_000)
    const [p95, baseP95] = [quantile(frames, 0.95), quantile(base, 0.95)]
    console.log(
      `100,000 rows: frames p50 ${quantile(frames, 0.5).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, slowest ${Math.max(...frames).toFixed(0)} ms;` +
        ` 100 rows p95 ${baseP95.toFixed(1)} ms: x ${(p95 / baseP95).toFixed(2)}`,
    )
  }, PROJECT)
}

async function framesOf(page: Page, rows: number): Promise<number[]> {
  const sql = `SELECT number, toString(number) AS text, cityHash64(number) AS hash, now() AS at FROM numbers(${rows})`
  const place = /^.*\/w\/[^/]+/.exec(page.url())?.[0] ?? ''
  await page.goto(`${place}/playground`)
  const editor = page.getByRole('textbox', { name: 'SQL' })
  await editor.click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(sql)
  await editor.press('Control+Enter')
  await page.getByRole('table', { name: /result/i }).waitFor()
  const frames: number[] = await page.evaluate(
    `(${SCROLL_THROUGH})(document.querySelector('[role=table][aria-rowcount]'))`,
  )
  return frames
}

/** Runs in the page: 300 steps to the end, one per frame. */
const SCROLL_THROUGH = `async (element) => {
  const steps = 300
  const frames = []
  let last = performance.now()
  for (let each = 1; each <= steps; each += 1) {
    element.scrollTop = (element.scrollHeight * each) / steps
    const now = await new Promise((resolve) => requestAnimationFrame(resolve))
    frames.push(now - last)
    last = now
  }
  return frames
}`
