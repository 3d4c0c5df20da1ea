// Results as JUnit XML, as build servers read it.
import type { TestResult } from './run-test.ts'

export function junitXml(results: readonly TestResult[]): string {
  const files = [...new Set(results.map(({ file }) => file))]
  const suites = files.map((file) => {
    const own = results.filter((each) => each.file === file)
    const attributes = counts(own)
    return `  <testsuite name="${escaped(file.path)}" ${attributes}>\n${own.map(testCase).join('')}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(results)}>\n${suites.join('')}</testsuites>\n`
}

function counts(results: readonly TestResult[]): string {
  const failures = results.filter(({ failure }) => failure !== null).length
  const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1000
  return `tests="${results.length}" failures="${failures}" errors="0" time="${seconds.toFixed(3)}"`
}

function testCase({ file, test, failure, ms }: TestResult): string {
  const head = `    <testcase classname="${escaped(file.pipe)}" name="${escaped(test.name)}" time="${(ms / 1000).toFixed(3)}"`
  if (failure === null) return `${head}/>\n`
  const signs = { same: ' ', missing: '-', extra: '+', note: '#' }
  const text = failure.diff.map(({ kind, text }) => `${signs[kind]} ${text}\n`).join('')
  return `${head}>\n      <failure message="${escaped(failure.message)}">${escaped(text)}</failure>\n    </testcase>\n`
}

/** What XML 1.0 cannot say at all becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;')
    .replaceAll('\t', '&#9;')
}
