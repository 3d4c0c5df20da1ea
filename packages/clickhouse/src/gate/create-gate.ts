// The gate before the engine: no SQL of a caller runs unless the engine's own tree of it, parameters filled in, holds only
// what the allow-list names and reads exactly the tables the compiler put there. Everything else is refused.
import { createHash } from 'node:crypto'

import { Fault, fault } from '@sandpiper/faults'
import type { CompiledQuery } from '@sandpiper/pipes'
import { findSqlError, findTables, literalShape } from '@sandpiper/sql'

import type { ClickHouse } from '../client-contract.ts'
import { EMPTY_DATABASE } from '../empty-database.ts'
import { AST_LIMITS } from '../query-settings.ts'
import { checkAst, type AstVerdict } from './check-ast.ts'
import { checkText, QUERY_LENGTH_MAX } from './check-text.ts'
import { createLru } from './lru.ts'
import { parseAst } from './parse-ast.ts'

/** Judges compiled queries. */
export interface Gate {
  /**
   * Resolves when the query may run; asks the engine for its tree once per statement (bounded cache).
   * @throws fault `query.refused` (400) for what is not allowed; `query.failed` for a syntax error; faults of the client.
   */
  check(compiled: CompiledQuery, signal?: AbortSignal): Promise<void>
  /**
   * The same for one expression of a datafile, which may name no table at all: the engine evaluates some of them (TTL) outside
   * of any session, with its own default database, where the path of a file is a table.
   * @throws as check does.
   */
  checkExpression(sql: string): Promise<void>
}

/** Bounds of one gate. */
export interface GateOptions {
  /** Statements remembered, twice: by text and by shape; default 10_000, about 200 bytes each and their table names. */
  readonly cacheMax?: number
}

const PREFIX = 'EXPLAIN AST '
/** Milliseconds for parsing one statement. */
const EXPLAIN_TIMEOUT_MS = 5_000

/** Makes a gate over one engine. */
export function createGate(clickhouse: ClickHouse, options: GateOptions = {}): Gate {
  // Two levels: the text itself, for what is asked again word by word, and its shape, for the same with other values.
  const byText = createLru<ReadonlySet<string>>(options.cacheMax ?? 10_000)
  const byShape = createLru<ReadonlySet<string>>(options.cacheMax ?? 10_000)

  async function tablesIn(
    compiled: CompiledQuery,
    signal?: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const textKey = keyOf(compiled.sql, compiled.params)
    const same = byText.get(textKey)
    if (same !== undefined) return same
    const shapeKey = keyOf(shapeOf(compiled.sql), compiled.params)
    let tables = byShape.get(shapeKey)
    if (tables === undefined) {
      const tree = await judge(clickhouse, compiled, signal)
      compareCounts(tree.references, compiled.sql)
      tables = tree.tables
      byShape.set(shapeKey, tables)
    }
    byText.set(textKey, tables)
    return tables
  }

  return {
    async check(compiled, signal) {
      compareTables(await tablesIn(compiled, signal), compiled)
    },
    async checkExpression(sql) {
      const found = await judge(clickhouse, { sql: `SELECT tuple(${sql}\n)`, params: {} })
      const [name] = [...found.tables, ...found.bareTables, ...found.inNames]
      if (name !== undefined)
        throw refused(`An expression cannot read a table: '${name.slice(0, 200)}'`)
    },
  }
}

function refused(reason: string, internal?: string): Fault {
  return fault('query.refused', {
    public: `[Error] ${reason}`,
    ...(internal === undefined ? {} : { internal }),
  })
}

/** Escapes, heredocs and typographic quotes: where two lexers are most likely to disagree about where a string ends. */
const UNUSUAL_QUOTING = /[\\$‘’“”]/

// The statement with its literals replaced by their types; the statement itself where a string is quoted unusually, so that
// a verdict is never carried from one text to another on our tokenizer's word alone, and where it cannot be read at all.
function shapeOf(sql: string): string {
  const plain =
    sql.length <= QUERY_LENGTH_MAX && !UNUSUAL_QUOTING.test(sql) && findSqlError(sql) === null
  return plain ? literalShape(sql) : sql
}

function keyOf(text: string, params: CompiledQuery['params']): string {
  return createHash('sha256')
    .update(JSON.stringify([text, params]))
    .digest('base64')
}

async function judge(
  clickhouse: ClickHouse,
  compiled: Pick<CompiledQuery, 'sql' | 'params'>,
  signal?: AbortSignal,
): Promise<Extract<AstVerdict, { kind: 'readable' }>> {
  const text = checkText(compiled.sql)
  if (text.kind === 'refused') throw refused(text.reason)
  const root = parseAst(await explain(clickhouse, compiled, signal))
  if (root === null) throw refused('The query holds names that cannot be checked')
  const tree = checkAst(root)
  if (tree.kind === 'refused') throw refused(tree.reason)
  for (const bare of tree.bareTables) {
    if (!text.cteNames.has(bare)) throw refused(`Resource '${bare.slice(0, 200)}' not found`)
  }
  return tree
}

async function explain(
  clickhouse: ClickHouse,
  { sql, params }: Pick<CompiledQuery, 'sql' | 'params'>,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const { body } = await clickhouse.query({
      sql: PREFIX + sql,
      params,
      database: EMPTY_DATABASE,
      settings: AST_LIMITS,
      format: 'TSVRaw',
      timeoutMs: EXPLAIN_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  } catch (err) {
    throw err instanceof Fault ? withoutPrefix(err) : err
  }
}

// The engine counts positions from the E of our EXPLAIN.
function withoutPrefix(err: Fault): Fault {
  const text = err.details.public.replace(
    /failed at position (\d+)/,
    (_, at: string) => `failed at position ${Number(at) - PREFIX.length}`,
  )
  return fault(err.code, { ...err.details, public: text })
}

// The compiler puts a filter at each place where it sees a table that has one: a place that only the engine sees would be read whole,
// although the table is on the list. Counts belong to the shape of a statement, so that they are remembered with it.
function compareCounts(inTree: number, sql: string): void {
  const inText = findTables(sql).references.filter(({ database }) => database !== null).length
  if (inText !== inTree)
    throw refused(
      'The query could not be checked',
      `${inTree} tables on the tree, ${inText} in the text`,
    )
}

function compareTables(found: ReadonlySet<string>, compiled: CompiledQuery): void {
  const wanted = new Set(compiled.tables.map(({ database, table }) => `${database}.${table}`))
  for (const name of found) {
    if (!wanted.has(name)) {
      throw refused(
        'The query reads something that is not a data source or pipe of this workspace',
        name,
      )
    }
  }
  for (const name of wanted) {
    if (!found.has(name))
      throw refused('The query could not be checked', `not on the tree: ${name}`)
  }
}
