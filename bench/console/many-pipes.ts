// A workspace with 300 pipes: from opening its address, signed in before, to the list of pipes being there to click. The baseline is the
// same with one pipe.
import { PROJECT } from '../ingest/bench-project.ts'
import type { Ladder } from '../ingest/ladder.ts'
import { quantile } from '../machine.ts'
import { signedInPage, withConsole } from './browser.ts'

const PIPES = 300
const VISITS = 7

export const manyPipes: Ladder = async () => {
  const one = await openingTimes(1)
  const many = await openingTimes(PIPES)
  const [p50, base] = [quantile(many, 0.5), quantile(one, 0.5)]
  console.log(
    `${PIPES} pipes: p50 ${p50.toFixed(0)} ms, worst ${Math.max(...many).toFixed(0)} ms;` +
      ` one pipe p50 ${base.toFixed(0)} ms: x ${(p50 / base).toFixed(2)}`,
  )
}

async function openingTimes(pipes: number): Promise<number[]> {
  const times: number[] = []
  await withConsole(async ({ url }, browser) => {
    const page = await signedInPage(browser, url)
    const address = `${page.url().replace(/\/$/, '')}/pipes`
    for (let each = 0; each < VISITS; each += 1) {
      const begun = performance.now()
      await page.goto(address)
      await page.getByRole('link', { name: 'pipe_0', exact: true }).waitFor()
      times.push(performance.now() - begun)
    }
  }, projectOf(pipes))
  return times
}

function projectOf(pipes: number): Record<string, string> {
  const project: Record<string, string> = { ...PROJECT }
  for (let each = 0; each < pipes; each += 1)
    project[`pipe_${each}.pipe`] =
      `NODE counted\nSQL >\n    SELECT count() AS c, ${each} AS n FROM events\n\nTYPE endpoint\n`
  return project
}
