// The key under which a safety decision about a statement may be remembered: exchanging one literal for another of its type
// cannot change the engine's syntax tree. Literals that can change what a statement reaches, or how much, stay in the key.
import { readCode, wordAt, type Code } from './code.ts'
import { findTables } from './find-tables.ts'
import type { Token } from './token.ts'

/** Words whose following literals stay: they bound the work, choose the output, or (INTERVAL '1 day 2 hour') shape the tree. */
const KEEPS_LITERALS: ReadonlySet<string> = new Set([
  'LIMIT',
  'OFFSET',
  'SAMPLE',
  'TOP',
  'FETCH',
  'INTERVAL',
  'SETTINGS',
  'FORMAT',
  'OUTFILE',
  'AS',
  'FROM',
  'JOIN',
])

/** Functions whose arguments name things of the server. */
const NAMES_THINGS =
  /^(dict|join|get|has(column|table)|file|url|s3|remote|current|catboost|model|show|display|initial)/i

/**
 * The statement with each literal replaced by its type and comments left out.
 * Not for texts with unreadable places (findSqlError): their shape proves nothing.
 * @throws fault `query.refused` as findTables.
 */
export function literalShape(text: string | Code): string {
  const code = readCode(text)
  const isKept = keptLiterals(code)
  return code.tokens
    .map((token, index) => (isKept[index] === 1 ? token.text : (literalType(token) ?? token.text)))
    .join(' ')
}

/**
 * For each meaningful token, 1 when its text belongs to the shape even where it is a literal.
 * @throws fault `query.refused` as findTables.
 */
export function keptLiterals(code: Code): Uint8Array {
  const { functions, references } = findTables(code)
  const isNamed = insideAny([...functions, ...references])
  const kept = new Uint8Array(code.tokens.length)
  let keepsAfterWord = false
  const keepsUntil: number[] = []
  for (const [index, token] of code.tokens.entries()) {
    if (token.kind === 'word') keepsAfterWord = KEEPS_LITERALS.has(token.text.toUpperCase())
    if (token.kind === 'open' && NAMES_THINGS.test(wordAt(code, index - 1)))
      keepsUntil.push(code.closes[index] ?? Infinity)
    while ((keepsUntil.at(-1) ?? Infinity) <= index) keepsUntil.pop()
    const keeps = isNamed(token) || keepsUntil.length > 0 || keepsAfterWord
    if (keeps || isTupleIndex(code, index)) kept[index] = 1
  }
  return kept
}

/** What stands for a literal in a shape, or null. U+0001 begins no token of readable SQL, so it equals no statement's own text. */
export function literalType({ kind, text }: Pick<Token, 'kind' | 'text'>): string | null {
  if (kind === 'string' || kind === 'heredoc') return '\u0001s'
  if (kind !== 'number') return null
  return /^[0-9_]+$/.test(text) ? '\u0001i' : '\u0001n'
}

function isTupleIndex(code: Code, index: number): boolean {
  return code.tokens[index - 1]?.kind === 'dot'
}

/** Tells, for tokens asked in text order, whether they lie in a range; each range is passed once. */
function insideAny(ranges: readonly { start: number; end: number }[]): (token: Token) => boolean {
  const sorted = ranges.toSorted((one, other) => one.start - other.start)
  let next = 0
  let end = 0
  return (token) => {
    for (
      let range = sorted[next];
      range !== undefined && range.start <= token.start;
      range = sorted[++next]
    ) {
      end = Math.max(end, range.end)
    }
    return token.end <= end
  }
}
