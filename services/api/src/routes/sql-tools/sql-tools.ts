// What the Classic command line asks about SQL text: formatted, its tables, its tables replaced. Nothing of the text is run. The engine gets
// it once, as a string that its formatter reads; the rest is our own tokenizer. Any token of a workspace may ask: nothing is told of it.
import { EMPTY_DATABASE, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import { Fault, fault } from '@sandpiper/faults'
import { nodeDependencies, translateError } from '@sandpiper/pipes'
import { countStatements, findSqlError, findTables, replaceTables, tokenize } from '@sandpiper/sql'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiApp, ApiEnv } from '../../app.ts'
import { authorizeRequest } from '../../authorize.ts'
import { isOn, readParams } from '../../read-params.ts'
import { readReplacements } from './read-replacements.ts'

/** Characters of one text: parsing it holds up everybody else. */
const TEXT_LENGTH_MAX = 65_536
const FORMAT_TIMEOUT_MS = 5_000

/** Adds the routes. */
export function sqlTools(app: ApiApp, deps: ApiDeps): void {
  app.on(['GET', 'POST'], '/v0/sql_format', async (c) => {
    const { sql, values } = await readText(c, deps)
    return c.json({ q: await formatted(deps, sql, isOn(values.get('with_clickhouse_format'))) })
  })
  app.on(['GET', 'POST'], '/v0/sql_tables', async (c) => {
    const { sql, values } = await readText(c, deps)
    return c.json({ tables: tablesIn(sql, values) })
  })
  app.on(['GET', 'POST'], '/v0/sql_replace', async (c) => {
    const { sql, values } = await readText(c, deps)
    requireSql(sql)
    const replacements = readReplacements(values.get('replacements'))
    return c.json({
      query: replaceTables(sql, ({ database, name }) => replacements(database, name)),
    })
  })
}

async function readText(
  c: Context<ApiEnv>,
  deps: ApiDeps,
): Promise<{ sql: string; values: URLSearchParams }> {
  await authorizeRequest(c, deps)
  const { values } = await readParams(c)
  const sql = values.get('q')
  if (sql === null || sql.trim() === '')
    throw fault('request.invalid', { public: "The query is missing: send it as 'q'." })
  if (sql.length > TEXT_LENGTH_MAX) {
    throw fault('request.too_large', {
      public: `The query is longer than ${TEXT_LENGTH_MAX} characters.`,
    })
  }
  return { sql, values }
}

/** One statement that can be read, and no template: braces and percent signs mean something else there. */
function requireSql(sql: string): void {
  const error = findSqlError(sql)
  if (error !== null) {
    const problem = `Syntax error near '${error.near}' in line ${error.line}`
    throw unreadable(problem, placeAt(sql.slice(0, error.at)))
  }
  if (isTemplateText(sql)) throw unreadable('A template has no tables before it is rendered')
  const statements = countStatements(sql)
  if (statements !== 1) throw unreadable(`Exactly one statement is allowed, found ${statements}`)
}

function unreadable(problem: string, place?: Place): Fault {
  const told = { public: `[Error] ${problem}.` }
  return fault('query.refused', place === undefined ? told : { ...told, place })
}

type Place = NonNullable<Fault['details']['place']>

/** Where the text behind this one stands. */
function placeAt(before: string): Place {
  const lines = before.split('\n')
  return { node: null, line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1 }
}

/** What the engine says of a text without the statement that held it, and with the place: it counts bytes. */
function inText(err: unknown, sql: string): unknown {
  if (!(err instanceof Fault)) return err
  const text = translateError(err.details.public, new Map())
  const position = /^[^]{0,100}failed at position (\d{1,9})\b/.exec(text)?.[1]
  const told = { ...err.details, public: text, cause: err }
  if (position === undefined) return fault(err.code, told)
  const before = Buffer.from(sql).subarray(0, Number(position) - 1)
  return fault(err.code, { ...told, place: placeAt(before.toString()) })
}

function isTemplateText(sql: string): boolean {
  return sql.trimStart().startsWith('%')
}

/** Templates, and texts whose comments the engine would drop, come back as they are unless its format is wished for. */
async function formatted(
  { clickhouse }: ApiDeps,
  sql: string,
  isEngineFormat: boolean,
): Promise<string> {
  if (isTemplateText(sql)) return sql
  if (!isEngineFormat && tokenize(sql).some(({ kind }) => kind === 'comment')) return sql
  requireSql(sql)
  await ensureEmptyDatabase(clickhouse)
  // Hexadecimal digits: no text of the caller's stands in the statement.
  const hex = Buffer.from(sql).toString('hex')
  const rows = clickhouse.rows<{ q: string }>({
    sql: `SELECT formatQuery(unhex('${hex}')) AS q`,
    database: EMPTY_DATABASE,
    timeoutMs: FORMAT_TIMEOUT_MS,
  })
  const [row] = await rows.catch((err: unknown) => {
    throw inText(err, sql)
  })
  return row?.q ?? sql
}

/** Pairs of database and table, an empty text for none; a table function stands as a third. */
function tablesIn(sql: string, values: URLSearchParams): string[][] {
  try {
    if (isTemplateText(sql)) return templateTables(sql)
    requireSql(sql)
    const { references, functions } = findTables(sql)
    const tables = references
      .filter(({ kind }) => kind === 'table')
      .map(({ database, name }) => [database ?? '', name])
    const named = isOn(values.get('table_functions'))
      ? functions.map(({ name }) => ['', '', name])
      : []
    return unique([...tables, ...named])
  } catch (err) {
    if (err instanceof Fault && !isOn(values.get('raising'))) return []
    throw err
  }
}

/** In any branch; a name with a dot is one of a database. */
function templateTables(sql: string): string[][] {
  const node = { name: 'q', sql, type: 'standard', description: null, settings: {} } as const
  return unique(
    nodeDependencies(node).map((name) => {
      const dot = name.indexOf('.')
      return [dot < 0 ? '' : name.slice(0, dot), name.slice(dot + 1)]
    }),
  )
}

function unique(tables: readonly string[][]): string[][] {
  return [...new Map(tables.map((each) => [JSON.stringify(each), each])).values()]
}
