import type { Page } from 'playwright-core'

/** Loads the page anew as its reader would, and stays when the browser asks. @returns the kind of dialog that asked. */
export async function tryReload(page: Page): Promise<string> {
  const asked = page.waitForEvent('dialog')
  await page.evaluate('void setTimeout(() => location.reload())')
  const dialog = await asked
  await dialog.dismiss()
  return dialog.type()
}
