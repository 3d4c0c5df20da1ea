import type { CliCall } from '../cli-call.ts'
import { json, plain } from '../print.ts'
import type { DiffLine } from './diff-rows.ts'
import type { TestResult } from './run-test.ts'

const CODES = { missing: '31', extra: '32', note: '36', same: '0' } as const
const SIGNS = { missing: '-', extra: '+', note: '#', same: ' ' } as const
/** Lines of one test's difference. */
const LINES_MAX = 60
const LINE_CHARS_MAX = 400

/** Each test, with how its result differs; at the end the counts. */
export function showResults(
  { world, isJson }: CliCall,
  results: readonly TestResult[],
  { ms, isUpdate }: { readonly ms: number; readonly isUpdate: boolean },
): void {
  const failed = results.filter(({ failure }) => failure !== null).length
  const passed = results.length - failed
  if (isJson) {
    const tests = results.map(({ file, test, failure, actual, ms }) => ({
      ...{ file: file.path, pipe: file.pipe, name: test.name, passed: failure === null, ms },
      ...(failure === null
        ? {}
        : { message: failure.message, expected: test.expected, actual: actual.result }),
    }))
    world.out(json({ passed, failed, ms, updated: isUpdate ? failed : 0, tests }))
    return
  }
  const paint = (code: string, text: string): string =>
    world.isOutTerminal ? `\u001b[${code}m${text}\u001b[0m` : text
  let path = ''
  for (const { file, test, failure, ms } of results) {
    if (file.path !== path) world.out(`${plain(file.path)}\n`)
    path = file.path
    if (failure === null) world.out(`  ${paint('32', 'ok  ')}  ${plain(test.name)} (${ms} ms)\n`)
    else {
      world.out(`  ${paint('31', 'FAIL')}  ${plain(test.name)}: ${failure.message}\n`)
      world.out(shownDiff(failure.diff, paint))
    }
  }
  const fate = isUpdate ? 'updated' : 'failed'
  world.out(`${passed} passed, ${failed} ${fate}, ${(ms / 1000).toFixed(1)} s\n`)
}

function shownDiff(
  diff: readonly DiffLine[],
  paint: (code: string, text: string) => string,
): string {
  const lines = diff
    .slice(0, LINES_MAX)
    .map(({ kind, text }) => paint(CODES[kind], `${SIGNS[kind]} ${plain(text, LINE_CHARS_MAX)}`))
  const more = diff.length > LINES_MAX ? [`... ${diff.length - LINES_MAX} lines more`] : []
  return [...lines, ...more].map((line) => `        ${line}\n`).join('')
}
