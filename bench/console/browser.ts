// A real Chromium for the figures of the console.
import { chromium, type Browser, type Page } from 'playwright-core'

import { withProduct } from '../ingest/bench-product.ts'
import type { BenchProduct } from '../ingest/bench-product.ts'

/** Where Debian's package puts it. */
const CHROMIUM = '/usr/bin/chromium'

/** Runs `work` with a product and a browser; both end with it. @param project datafiles by name. */
export async function withConsole(
  work: (product: BenchProduct, browser: Browser) => Promise<void>,
  project: Readonly<Record<string, string>>,
): Promise<void> {
  await withProduct(async (product) => {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    try {
      await work(product, browser)
    } finally {
      await browser.close()
    }
  }, project)
}

/** A page with an empty cache, signed in to this machine's workspace. */
export async function signedInPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.goto(`${url}/sign-in`)
  await page.getByRole('button', { name: 'Sign in to this machine' }).click()
  await page.waitForURL(/\/w\//)
  return page
}
