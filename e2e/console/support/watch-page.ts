// What goes wrong in a page without anybody seeing it: errors in the console, exceptions, and what the content policy refused.
import type { Page } from 'playwright-core'

const PROBLEMS = new WeakMap<Page, string[]>()

/** Must be called before the page goes anywhere. */
export async function watchPage(page: Page): Promise<void> {
  const problems: string[] = []
  PROBLEMS.set(page, problems)
  page.on('console', (message) => {
    // A refused request is told of by the page itself; the browser's own line has nothing to add.
    const isOfRequest = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isOfRequest) problems.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (err) => problems.push(`exception: ${err.stack ?? err.message}`))
  await page.exposeBinding('tellPolicyViolation', (_, text: string) => {
    problems.push(`content policy: ${text}`)
  })
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) => {
    tellPolicyViolation(event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber)
  })`)
}

/** What went wrong in the page so far, oldest first. */
export function problemsOf(page: Page): readonly string[] {
  const problems = PROBLEMS.get(page)
  if (problems === undefined) throw new Error('nobody watches this page')
  return problems
}
