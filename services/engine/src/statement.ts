// Cuts what came in a request into a statement and, for INSERT, its data. Data never becomes part of a text that the engine
// parses: libchdb runs every statement of a text, so `VALUES (1); DROP TABLE t` in a body would drop the table.
import {
  countStatements,
  findSqlError,
  readCode,
  statementKind,
  tokenize,
  type Code,
  type Token,
} from '@sandpiper/sql'

import { engineError } from './engine-error.ts'

/** An INSERT whose rows come apart from its text. `tail` is `[SETTINGS ...] FORMAT X`. */
export interface InsertHead {
  readonly head: string
  readonly tail: string
  /** UTF-16 offset in the text where the data begins. */
  readonly dataAt: number
}

/**
 * Finds where the text of an INSERT ends and its data begins, as ClickHouse does; null when the text is not an INSERT with data.
 * @param text may go on with data of any kind: nothing after the head is looked at.
 * @throws EngineError for `FROM INFILE` and for `input()`, which libchdb would answer with success and no rows.
 */
export function splitInsert(text: string): InsertHead | null {
  // Most texts are queries, which are read once, later.
  if (!/insert/i.test(text)) return null
  const tokens = tokenize(text).filter(({ kind }) => kind !== 'whitespace' && kind !== 'comment')
  if (word(tokens[0]) !== 'INSERT') return null
  let settingsAt: number | null = null
  let depth = 0
  let selects = false
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'semicolon' && depth === 0) return null
    if (token.kind === 'open') depth++
    else if (token.kind === 'close') depth--
    else if (token.kind === 'error') return null
    if (selects && word(token) === 'INPUT' && tokens[index + 1]?.text === '(') {
      throw engineError(
        'NOT_IMPLEMENTED',
        'The table function input() is not available in the embedded engine.',
      )
    }
    if (depth > 0) continue
    switch (word(token)) {
      case 'SELECT':
      case 'WITH':
        selects = true
        break
      case 'INFILE':
        throw engineError(
          'ACCESS_DENIED',
          'FROM INFILE reads files of the client and cannot be sent to a server.',
        )
      case 'SETTINGS':
        if (tokens[index + 2]?.text === '=') settingsAt = token.start
        break
      case 'VALUES':
        if (selects || isName(tokens, index)) break
        return insertOf(text, settingsAt ?? token.start, token.start, 'FORMAT Values', token.end)
      case 'FORMAT': {
        const name = tokens[index + 1]
        if (selects || name?.kind !== 'word' || isName(tokens, index)) break
        return insertOf(
          text,
          settingsAt ?? token.start,
          token.start,
          `FORMAT ${name.text}`,
          dataStart(text, name.end),
        )
      }
      default:
    }
  }
  return null
}

/** True where a word names the table: a table may be called `values`. */
function isName(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]
  return before?.kind === 'dot' || ['INSERT', 'INTO', 'TABLE', 'FUNCTION'].includes(word(before))
}

function insertOf(
  text: string,
  cut: number,
  clauseAt: number,
  format: string,
  dataAt: number,
): InsertHead {
  return { head: text.slice(0, cut), tail: `${text.slice(cut, clauseAt)} ${format}`, dataAt }
}

/** After the name of the format: one `;`, blanks and one line end belong to the text. Source: ClickHouse's INSERT parser, 26.7. */
function dataStart(text: string, nameEnd: number): number {
  const skipped = /^;?[ \t\f]*\r?\n?/.exec(text.slice(nameEnd, nameEnd + 4096))?.[0] ?? ''
  return nameEnd + skipped.length
}

/** Where the result goes: the statement with `INTO OUTFILE` put in its place, and the format it asks for. */
export interface Output {
  readonly sql: string
  readonly format: string
}

/**
 * Sends the result of a SELECT to a file. When a column named `format` misleads this, the engine answers with a syntax error
 * and nothing has run; callers then run the text as it came.
 */
export function sendTo(file: string, text: string | Code, defaultFormat: string): Output {
  const code = readCode(text)
  const { sql } = code
  const tokens = meaningful(code)
  const into = `INTO OUTFILE '${file}' TRUNCATE`
  const at = formatClause(tokens)
  const token = tokens[at]
  const name = tokens[at + 1]
  if (token !== undefined && name !== undefined) {
    return {
      sql: `${sql.slice(0, token.start)}${into} ${sql.slice(token.start)}`,
      format: name.text,
    }
  }
  const end = tokens.at(-1)?.end ?? 0
  return { sql: `${sql.slice(0, end)}\n${into} FORMAT ${defaultFormat}`, format: defaultFormat }
}

/** The format a statement names at its end, or null. */
export function formatOf(sql: string | Code): string | null {
  const tokens = meaningful(sql)
  return tokens[formatClause(tokens) + 1]?.text ?? null
}

/**
 * Refuses texts that a server would refuse whole, before the engine sees them.
 * @throws EngineError SYNTAX_ERROR (62) for none or several statements, INTO_OUTFILE_NOT_ALLOWED, ACCESS_DENIED for ending the process.
 */
export function refuseForbidden(text: string | Code): void {
  const sql = readCode(text)
  const broken = findSqlError(sql)
  if (broken !== null) {
    const where = `failed at position ${broken.at + 1} (line ${broken.line})`
    throw engineError('SYNTAX_ERROR', `Syntax error: ${where}: ${broken.near}. Unrecognized token.`)
  }
  const count = countStatements(sql)
  if (count === 0) throw engineError('SYNTAX_ERROR', 'Syntax error: Empty query.')
  if (count > 1) throw multiStatements()
  const words = meaningful(sql).map(word)
  if (words.some((each, index) => each === 'INTO' && words[index + 1] === 'OUTFILE')) {
    throw engineError('INTO_OUTFILE_NOT_ALLOWED', 'INTO OUTFILE is not allowed.')
  }
  if (words[0] === 'SYSTEM' && (words[1] === 'SHUTDOWN' || words[1] === 'KILL')) {
    throw engineError('ACCESS_DENIED', 'The engine is stopped by its supervisor only.')
  }
}

/** The answer to more than one statement, the same as a server's. */
export function multiStatements(): Error {
  return engineError('SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed).')
}

/** True when the result of a text can be sent to a file. */
export function isSelect(sql: string | Code): boolean {
  return statementKind(sql) === 'select'
}

/** True for questions about a statement, which change nothing on a connection. */
export function isExplain(sql: Code): boolean {
  return word(sql.tokens[0]) === 'EXPLAIN'
}

function meaningful(sql: string | Code): readonly Token[] {
  const { tokens } = readCode(sql)
  const end = tokens.findLastIndex(({ kind }) => kind !== 'semicolon') + 1
  return end === tokens.length ? tokens : tokens.slice(0, end)
}

/** Index of the word FORMAT of a trailing `FORMAT X [SETTINGS ...]`, or a number past the end. */
function formatClause(tokens: readonly Token[]): number {
  for (let index = tokens.length - 2; index > 0; index--) {
    const after = tokens[index + 2]
    if (word(tokens[index]) !== 'FORMAT' || tokens[index + 1]?.kind !== 'word') continue
    if (after === undefined || word(after) === 'SETTINGS') return index
  }
  return tokens.length
}

function word(token: Token | undefined): string {
  return token?.kind === 'word' ? token.text.toUpperCase() : ''
}
