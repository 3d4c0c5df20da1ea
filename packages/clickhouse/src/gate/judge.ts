// One statement before the engine's own tree of it: everything of the gate that is not remembering.
import { Fault, fault } from '@sandpiper/faults'
import type { CompiledQuery } from '@sandpiper/pipes'
import { findTables, type Code } from '@sandpiper/sql'

import type { ClickHouse } from '../client-contract.ts'
import { EMPTY_DATABASE } from '../empty-database.ts'
import { AST_LIMITS } from '../query-settings.ts'
import { checkAst, type AstVerdict } from './check-ast.ts'
import { checkText, readWhole } from './check-text.ts'
import { findApplies, type Apply } from './find-applies.ts'
import { isAllowedFunction } from './is-allowed-function.ts'
import { parseAst, type AstNode } from './parse-ast.ts'

/** A statement that passed: what it reads, and its tree. */
export interface Judged {
  readonly found: Extract<AstVerdict, { kind: 'readable' }>
  readonly root: AstNode
  readonly code: Code
}

/** The statement and its engine parameters; `code` when it was read already. */
type Statement = Pick<CompiledQuery, 'sql' | 'params'> & { readonly code?: Code }

const PREFIX = 'EXPLAIN AST '
/** Milliseconds for parsing one statement. */
const EXPLAIN_TIMEOUT_MS = 5_000

/** APPLY within the brackets of APPLY. */
const APPLY_DEPTH_MAX = 3

/**
 * Judges one statement by its text, then by the engine's tree of exactly this text, and compares the two.
 * @throws fault `query.refused` | `query.failed` for a syntax error | faults of the client.
 */
export async function judge(
  clickhouse: ClickHouse,
  statement: Statement,
  signal?: AbortSignal,
  depth = 0,
): Promise<Judged> {
  const code = statement.code ?? (await readQuery(statement.sql))
  const text = checkText(code)
  if (text.kind === 'refused') throw refused(text.reason)
  const root = parseAst(await explain(clickhouse, statement, signal))
  if (root === null) throw refused('The query holds names that cannot be checked')
  const found = checkAst(root)
  if (found.kind === 'refused') throw refused(found.reason)
  for (const bare of found.bareTables) {
    if (!text.cteNames.has(bare)) throw refused(`Resource '${bare.slice(0, 200)}' not found`)
  }
  compareCounts(found.references, code)
  for (const apply of appliesOf(found.applies, code))
    await judgeApply(clickhouse, apply, statement.params, signal, depth)
  return { found, root, code }
}

/** Judges one expression, which may read no table at all. @throws as judge. */
export async function judgeExpression(
  clickhouse: ClickHouse,
  expression: string,
  params: CompiledQuery['params'] = {},
  signal?: AbortSignal,
  depth = 0,
): Promise<Judged> {
  const statement = { sql: `SELECT tuple(${expression}\n)`, params }
  const judged = await judge(clickhouse, statement, signal, depth)
  const { tables, bareTables } = judged.found
  const [name] = [...tables, ...bareTables]
  if (name !== undefined)
    throw refused(`An expression cannot read a table: '${name.slice(0, 200)}'`)
  return judged
}

/**
 * The tokens of a whole statement. Behind a long one others get their turn on the loop first.
 * @throws fault `query.refused` for one that is too long.
 */
export async function readQuery(sql: string): Promise<Code> {
  const code = readWhole(sql)
  if (typeof code === 'string') throw refused(code)
  await pause(sql)
  return code
}

/** Gives others on the loop their turn between two walks through a long text. */
export async function pause(sql: string): Promise<void> {
  if (sql.length > LONG) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** UTF-16 units that take some milliseconds to be walked through. */
const LONG = 50_000

/** What is not allowed, worded for the caller. @param internal for the log alone. */
export function refused(reason: string, internal?: string): Fault {
  return fault('query.refused', {
    public: `[Error] ${reason}`,
    ...(internal === undefined ? {} : { internal }),
  })
}

function appliesOf(onTree: number, code: Code): readonly Apply[] {
  if (onTree === 0) return []
  const inText = findApplies(code)
  if (inText?.length === onTree) return inText
  throw refused('APPLY must name a function or hold a lambda in brackets: APPLY(x -> x + 1)')
}

async function judgeApply(
  clickhouse: ClickHouse,
  { name, expression }: Apply,
  params: CompiledQuery['params'],
  signal: AbortSignal | undefined,
  depth: number,
): Promise<void> {
  if (depth >= APPLY_DEPTH_MAX) throw refused('APPLY stands in APPLY too many times')
  if (name !== null && !isAllowedFunction(name))
    throw refused(`Function ${name.slice(0, 80)} is not allowed`)
  await judgeExpression(clickhouse, expression, params, signal, depth + 1)
}

// The compiler puts a filter at each place where it sees a table that has one: a place that only the engine sees would be read whole,
// although the table is on the list. Counts belong to the shape of a statement, so that they are remembered with it.
function compareCounts(inTree: number, code: Code): void {
  const inText = findTables(code).references.filter(({ database }) => database !== null).length
  if (inText !== inTree)
    throw refused(
      'The query could not be checked',
      `${inTree} tables on the tree, ${inText} in the text`,
    )
}

async function explain(
  clickhouse: ClickHouse,
  { sql, params }: Statement,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const { body } = await clickhouse.query({
      sql: PREFIX + sql,
      params,
      database: EMPTY_DATABASE,
      // Else WITH is written again into each part of a UNION, and what it reads stands in more places than in the text.
      settings: { ...AST_LIMITS, enable_global_with_statement: 0 },
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
