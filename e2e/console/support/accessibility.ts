import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** WCAG 2.2, levels A and AA. */
const OPTIONS: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  resultTypes: ['violations'],
}

/** What axe finds wrong on the page as it is now, one line for each place; empty when all is well. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Colours fade in and out: axe would judge them half way.
  await page.evaluate(
    'Promise.all(document.getAnimations().filter((each) => each.effect?.getComputedTiming().iterations !== Infinity).map((each) => each.finished.catch(() => undefined)))',
  )
  // By the debugger, not as a script of the page: the content policy stays as strict as it is.
  await page.evaluate(`typeof axe === 'undefined' ? void eval(${JSON.stringify(AXE)}) : undefined`)
  const results: AxeResults = await page.evaluate(`axe.run(document, ${JSON.stringify(OPTIONS)})`)
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      [`${id}: ${help}`, target.join(' '), failureSummary ?? ''].join(' | ').replaceAll('\n', ' '),
    ),
  )
}
