// What a suite's JSON report amounts to. Everything that did not pass is a failure: a skipped test promises nothing,
// and a file that could not be loaded hides all its tests.

/**
 * @param {{ testResults: { name: string, status: string, assertionResults: { status: string }[] }[] }} report of vitest
 * @param {number | null} exitCode of the run
 * @returns {{ passed: number, failed: number, notes: string[] }}
 */
export function countTests(report, exitCode) {
  const notes = []
  let passed = 0
  let failed = 0
  for (const file of report.testResults) {
    const statuses = file.assertionResults.map((each) => each.status)
    const failedHere = statuses.filter((status) => status === 'failed').length
    const skipped = statuses.filter((status) => status !== 'failed' && status !== 'passed').length
    passed += statuses.filter((status) => status === 'passed').length
    failed += failedHere + skipped
    if (skipped > 0) notes.push(`${file.name}: ${skipped} skipped, which counts as failed`)
    if (file.status === 'failed' && failedHere === 0) {
      failed += 1
      notes.push(`${file.name}: could not be run`)
    }
  }
  if (exitCode !== 0 && failed === 0) {
    failed += 1
    notes.push('every test passed, but the run ended with an error (see above)')
  }
  if (passed + failed === 0) {
    failed += 1
    notes.push('no tests were found')
  }
  return { passed, failed, notes }
}
