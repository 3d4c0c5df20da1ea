import type { Page } from 'playwright-core'

import type { RunningConsole } from './console.ts'

/** Opens a path signed in by this token, as somebody does elsewhere than on the server's machine. */
export async function openAs(running: RunningConsole, token: string, path: string): Promise<Page> {
  const page = await running.open('/sign-in', { signedIn: false })
  await page.getByLabel('Token', { exact: true }).fill(token)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  await page.goto(path)
  return page
}
