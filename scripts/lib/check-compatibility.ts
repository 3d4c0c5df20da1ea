// docs/compatibility.md promises that what it says works is proven by a test. This reads its tables and says where that is not so.

/** What a row of the page may say. */
const STATES = ['works', 'differs', 'not yet', 'ours']

/** The text of a file by its path from the root; null when there is none. */
export type ReadFile = (path: string) => string | null

interface Row {
  readonly line: number
  readonly item: string
  readonly state: string
  readonly proofs: string
}

/** One line for each row of a table that is not as it should be: `12: why`. */
export function checkCompatibility(page: string, readFile: ReadFile): string[] {
  const rows = rowsOf(page)
  if (rows.length === 0) return ['1: there are no rows']
  return rows.flatMap((row) => problemsOf(row, readFile).map((why) => `${row.line}: ${why}`))
}

function rowsOf(page: string): (Row & { cells: number })[] {
  return page.split('\n').flatMap((text, index) => {
    if (!text.startsWith('|') || /^\|[ |-]*\|$/.test(text) || text.startsWith('| item |')) return []
    if (text.startsWith('| client |')) return []
    const cells = text
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    const [item = '', state = '', , proofs = ''] = cells
    return [{ line: index + 1, item, state, proofs, cells: cells.length }]
  })
}

function problemsOf(row: Row & { cells: number }, readFile: ReadFile): string[] {
  if (row.cells !== 4) return [`a row has 4 cells, this one ${row.cells}`]
  if (!STATES.includes(row.state)) return [`'${row.state}' is none of ${STATES.join(', ')}`]
  if (row.proofs === '') return row.state === 'works' ? ['it works, and no test proves it'] : []
  return row.proofs.split(/;\s*(?=`)/).flatMap((proof) => {
    const read = /^`([^`]+)`: (.+)$/.exec(proof)
    const [, path = '', phrase = ''] = read ?? []
    if (read === null) return [`a proof is written \`file\`: words of it, not ${proof}`]
    if (!/\.test\.ts$|^e2e\/attacks\//.test(path)) return [`${path} is no test`]
    const text = readFile(path)
    if (text === null) return [`${path} is not there`]
    return text.includes(phrase) ? [] : [`${path} does not say: ${phrase}`]
  })
}
