// What the end of a CI log says about each test that did not pass: whoever has only the tail of the log must not have to guess.
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

const LINES_MAX = 15
const CHARS_MAX = 300
/** More are not read by anybody, and would push the first ones out of the tail. */
const FAILURES_MAX = 40

/**
 * @param {{ testResults: { name: string, status: string, message?: string,
 *   assertionResults: { status: string, fullName?: string, failureMessages?: string[] | null }[] }[] }} report of vitest
 * @param {{ suite: string, root: string }} about the name of the suite, and the folder that file names begin below
 * @returns {string[]} per failure one text of a heading and at most 15 lines of its message; of 40 failures at most
 */
export function listFailures(report, { suite, root }) {
  const found = report.testResults.flatMap((file) => {
    const at = `${suite}: ${relative(root, file.name)}`
    const missed = file.assertionResults.filter((each) => each.status !== 'passed')
    // Hooks and imports fail for the whole file: the message stands there.
    const wholeFile =
      file.message || (file.status === 'failed' && !missed.some((each) => each.status === 'failed'))
        ? [told(`${at}: the file`, file.message ?? '')]
        : []
    const tests = missed.map((each) => {
      const name = `${at}: ${each.fullName ?? '?'}`
      if (each.status !== 'failed') return told(`${name} (${each.status})`, '')
      return told(name, (each.failureMessages ?? []).join('\n'))
    })
    return [...wholeFile, ...tests]
  })
  const more = found.length - FAILURES_MAX
  return more > 0 ? [...found.slice(0, FAILURES_MAX), `${suite}: ... and ${more} more`] : found
}

function told(heading, message) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, LINES_MAX)
    .map((line) => `    ${line.slice(0, CHARS_MAX)}`)
  return [`FAILED ${heading}`, ...lines].join('\n')
}
