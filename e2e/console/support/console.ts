// The console as people have it: the built product, a real browser, a page that is signed in.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'

import { startProduct, type Product } from '../../support/product.ts'
import { accessibilityProblems } from './accessibility.ts'
import { ensureConsoleBuilt, startBrowser } from './browser.ts'
import { problemsOf, watchPage } from './watch-page.ts'

/** How a page is opened. */
interface PageOptions {
  /** Default 1280 x 800. */
  readonly viewport?: { readonly width: number; readonly height: number }
  /** Default light. */
  readonly colorScheme?: 'light' | 'dark'
  /** Default true: by a click on the button of the sign-in page. */
  readonly signedIn?: boolean
  /** Default true: stop() fails when the page had problems. False where they are what the test is about. */
  readonly expectsNoProblems?: boolean
}

/** A running product with a browser before it. */
export interface RunningConsole {
  readonly product: Product
  readonly browser: Browser
  /** Opens a path in a window of its own that shares nothing with others (no storage, no sign-in of another's). */
  open(path: string, options?: PageOptions): Promise<Page>
  /** One request to the API. @param token default: the workspace admin's. */
  api(method: string, path: string, body?: unknown, token?: string): Promise<ApiAnswer>
  /** @throws when a page that should have none had problems. */
  stop(): Promise<void>
}

interface ApiAnswer {
  readonly status: number
  readonly json: unknown
}

/** Starts product and browser; builds the console when it changed. Takes about 5 s. */
export async function startConsole(): Promise<RunningConsole> {
  ensureConsoleBuilt()
  const [product, browser] = await Promise.all([startProduct(), startBrowser()])
  const pages: Page[] = []
  return {
    product,
    browser,
    async open(path, options = {}) {
      const page = await newPage(browser, product, options)
      if (options.expectsNoProblems ?? true) pages.push(page)
      if (options.signedIn ?? true) await signIn(page)
      await page.goto(path)
      return page
    },
    async api(method, path, body, token = product.tokens.workspace_admin_token) {
      const response = await fetch(`${product.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}` },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, json: text === '' ? null : (JSON.parse(text) as unknown) }
    },
    async stop() {
      const problems = pages.flatMap((page) => problemsOf(page))
      await browser.close()
      await product.stop()
      expect(problems).toEqual([])
    },
  }
}

/** What the button of the sign-in page says where the server runs on this machine. */
export const SIGN_IN = 'Sign in to this machine'

/** Signs in as somebody does on the machine that the server runs on. */
async function signIn(page: Page): Promise<void> {
  await page.goto('/sign-in')
  await page.getByRole('button', { name: SIGN_IN }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
}

/** No error in the console, no exception, nothing that the content policy refused. */
export function expectNoProblems(page: Page): void {
  expect(problemsOf(page)).toEqual([])
}

/** WCAG 2.2 AA, as far as axe can tell. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await accessibilityProblems(page)).toEqual([])
}

/**
 * Takes a picture of the page for docs/console/<name>.png. One that is there stays as it is, so that a run of the tests changes nothing;
 * all are made anew with SANDPIPER_SCREENSHOTS=1. @returns its bytes.
 */
export async function takeScreenshot(page: Page, name: string): Promise<Buffer> {
  const path = join(SCREENSHOTS, `${name}.png`)
  const isWanted = process.env['SANDPIPER_SCREENSHOTS'] === '1' || !existsSync(path)
  return page.screenshot({
    ...{ animations: 'disabled', caret: 'hide', scale: 'css' },
    ...(isWanted ? { path } : {}),
  })
}
const SCREENSHOTS = fileURLToPath(new URL('../../../docs/console', import.meta.url))

async function newPage(
  browser: Browser,
  { url }: Product,
  { viewport = { width: 1280, height: 800 }, colorScheme = 'light' }: PageOptions,
): Promise<Page> {
  const context: BrowserContext = await browser.newContext({
    ...{ baseURL: url, viewport: { ...viewport }, colorScheme, reducedMotion: 'reduce' },
    ...{ locale: 'en-GB', timezoneId: 'UTC' },
  })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  await watchPage(page)
  return page
}
