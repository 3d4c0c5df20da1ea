// /v0/sql: the caller's own text. Each name it reads is asked about; a filter becomes a subquery around the physical table, and a barrier:
// nothing of the caller's is evaluated on a row that it refuses.
import {
  effectiveEngine,
  findDataSource,
  findPipe,
  isMergeTree,
  tableName,
  type DeployedDataSource,
  type DeployedPipe,
} from '@sandpiper/deployment'
import { fault, type Fault } from '@sandpiper/faults'
import {
  countStatements,
  findSqlError,
  findTables,
  tokenize,
  type TableReference,
} from '@sandpiper/sql'
import { isTemplate, parseTemplate, type Rendered } from '@sandpiper/template'

import { barred } from './barrier.ts'
import {
  finishCompilation,
  quarantinedDataSource,
  readTable,
  startCompilation,
  type Compilation,
} from './compilation.ts'
import type { CompiledQuery } from './compiled-query.ts'
import type { AskedResource, CompileScope, ReadDecision } from './compile-scope.ts'
import { compileNode, compilePipeByName } from './compile-node.ts'
import { assemble, plainSql, type Fragment, type Source } from './fragment.ts'
import { namedColumns } from './named-columns.ts'
import { ownDictionaries } from './own-dictionaries.ts'
import { readDataSource, readQuarantine } from './read-data-source.ts'
import { readStatement, unrendered, valuesIn } from './read-statement.ts'
import { renderText } from './render-node.ts'
import { NO_SECRETS, secretsNamed } from './secrets.ts'
import { isService, serviceRows } from './service-data-source.ts'

/**
 * Compiles free SQL (a template when it starts with `%`) into one SELECT over what the caller may read.
 * @param input.pipeline a pipe that the SQL may call `_`, its nodes by their names; default none.
 * @throws fault `auth.denied` for a resource the caller may not read (and, unless it sees names, for one that does not exist) |
 *   `query.failed` for unknown names | `query.refused` | `template.error`; UndescribedResults (CompileScope.columnsOf).
 */
export function compileSql(
  scope: CompileScope,
  input: { readonly sql: string; readonly pipeline?: DeployedPipe | null },
): CompiledQuery & { readonly format: string | null } {
  const compilation = startCompilation(scope)
  const readable = isTemplate(input.sql) ? renderSql(compilation, input.sql) : unrendered(input.sql)
  const statement = readStatement(readable, '', new Map(compilation.params))
  const compiled = assemble(
    statement.parts,
    valuesIn(statement, readable),
    statement.text,
    (reference) =>
      ofPipeline(compilation, input.pipeline ?? null, reference) ??
      resolveForCaller(compilation, reference),
  )
  return { ...finishCompilation(compilation, compiled), format: statement.format }
}

/** Renders SQL of the caller. @param node whose text it is, for places of errors. */
export function renderSql(compilation: Compilation, sql: string, node?: string): Rendered {
  const { mayUseSecrets, secrets } = compilation.scope
  const usable = mayUseSecrets === true ? secretsNamed(sql, secrets) : NO_SECRETS
  return renderText(compilation, parseTemplate(sql, node), usable)
}

/**
 * The pipe that `_` stands for, and its nodes: null for every other name. A node shows more than its pipe publishes, so it is a table only
 * to those who see everything; to others its name is one like any other.
 */
function ofPipeline(
  compilation: Compilation,
  pipe: DeployedPipe | null,
  { name, database, kind }: TableReference,
): Source | null {
  if (pipe === null || database !== null || kind === 'parameter') return null
  const { authority } = compilation.scope
  if (name === '_') {
    const asked = { kind: 'pipe', id: pipe.id, name: pipe.file.name } as const
    if (!authority.mayRead(asked).allowed) throw denied(name)
    return { form: 'subquery', sql: resultOf(compilation, pipe) }
  }
  const index = authority.seesNames ? pipe.file.nodes.findIndex((node) => node.name === name) : -1
  if (index < 0) return null
  return { form: 'subquery', sql: compileNode(compilation, pipe, index, [pipe.file.name]) }
}

function resultOf(compilation: Compilation, pipe: DeployedPipe): Fragment {
  return barred(compilation, pipe.id, (own) => compilePipeByName(own, pipe, []))
}

/** What a name in SQL of the caller is, when the caller may read it; null leaves the name as it is written. @throws as compileSql. */
export function resolveForCaller(
  compilation: Compilation,
  reference: TableReference,
): Source | null {
  const { scope } = compilation
  const { name, database, kind } = reference
  if (isService(reference)) return service(compilation, reference)
  if (database !== null || kind === 'parameter') {
    throw unknown(compilation, database === null ? name : `${database}.${name}`)
  }
  const dataSource = findDataSource(scope.map, name)
  if (dataSource !== undefined) {
    const { id, generation } = dataSource
    const right = ask(compilation, { kind: 'datasource', id, name }, reference)
    if (right === null) return null
    if (right.filter === null)
      return forCaller(compilation, readDataSource(compilation, dataSource, name))
    const table = readTable(compilation, tableName(id, generation), name)
    const condition = checkedFilter(right.filter)
    const columns = dataSource.file.columns.map((each) => each.name)
    compilation.barriers.push({ condition, columns })
    return filtered({ table, dataSource, condition }, reference)
  }
  const pipe = findPipe(scope.map, name)
  if (pipe !== undefined) {
    if (ask(compilation, { kind: 'pipe', id: pipe.id, name }, reference) === null) return null
    return { form: 'subquery', sql: resultOf(compilation, pipe) }
  }
  const quarantined = quarantinedDataSource(scope, name)
  if (quarantined !== undefined) {
    const { id } = quarantined
    const asked = { kind: 'datasource' as const, id, name: quarantined.file.name }
    const right = ask(compilation, asked, reference)
    if (right === null) return null
    // Quarantined rows hold texts that never passed the schema: a row filter cannot be trusted on them.
    if (right.filter !== null) throw denied(name)
    return forCaller(compilation, readQuarantine(compilation, quarantined, name))
  }
  if (kind === 'in') return null
  throw unknown(compilation, name)
}

/** Nobody has vouched for a caller's text, as the author of a pipe has: what is staged stays hidden whatever it says. */
function forCaller({ scope }: Compilation, source: Source): Source {
  return { ...source, alwaysHides: !scope.authority.seesNames }
}

/** What is not here is told to those who see names only, as with every other name. */
function service(compilation: Compilation, reference: TableReference): Source {
  const written = `${reference.database ?? ''}.${reference.name}`
  const asked = { kind: 'datasource' as const, id: written, name: written }
  const right = compilation.scope.authority.mayRead(asked)
  // A filter is one over the columns of a data source of the workspace; what it would mean here nobody has said.
  if (!right.allowed || right.filter !== null) throw denied(written)
  return serviceRows(compilation, reference)
}

/** Null for what may not be read and is none of the caller's business: it goes on as a name that does not exist would. */
function ask(
  { scope: { authority } }: Compilation,
  asked: AskedResource,
  reference: TableReference,
): ReadDecision | null {
  const decision = authority.mayRead(asked)
  if (decision.allowed) return decision
  // A name that is nothing may stand behind IN, as a column: refusing only those that exist would tell which do.
  if (reference.kind === 'in' && !authority.seesNames) return null
  // By the name that was written: `x_quarantine` said as `x` would tell that there is an x.
  throw denied(reference.name)
}

function filtered(
  asked: {
    readonly table: string
    readonly dataSource: DeployedDataSource
    readonly condition: string
  },
  reference: TableReference,
): Source {
  const { table, dataSource, condition } = asked
  const barrier = barrierOf(dataSource, condition)
  const { columns } = dataSource.file
  const shown = `${namedColumns(columns, { nested: true })}${ownDictionaries(columns)}`
  const final = reference.modifiers === null ? '' : ` ${reference.modifiers.text}`
  return {
    form: 'subquery',
    sql: plainSql(`SELECT ${shown} FROM ${table}${final} ${barrier}`),
    takesModifiers: true,
  }
}

/**
 * PREWHERE, not WHERE: conditions of the caller are pushed down to the table, and beside a WHERE they may be evaluated first, on rows the
 * token may not see, whose values then stand in the message of whatever fails. Tables of other engines have no PREWHERE, and nothing is
 * pushed down into them.
 */
function barrierOf({ file }: DeployedDataSource, filter: string): string {
  return `${isMergeTree(effectiveEngine(file)) ? 'PREWHERE' : 'WHERE'} (${filter})`
}

/**
 * Whether a row filter is one expression that reads no table: otherwise `1) OR (1` or a subquery would widen it. Must be asked
 * of each filter before several are joined: brackets put around one would hide what it closes.
 */
export function isPlainCondition(filter: string): boolean {
  const text = `SELECT (${filter})`
  return (
    findSqlError(text) === null &&
    countStatements(text) === 1 &&
    bracketsHold(filter) &&
    findTables(text).references.length === 0
  )
}

function checkedFilter(filter: string): string {
  if (isPlainCondition(filter)) return filter
  throw fault('query.refused', { public: "The token's filter is not one plain SQL condition." })
}

function bracketsHold(filter: string): boolean {
  let depth = 0
  for (const { kind } of tokenize(filter)) {
    if (kind === 'comment') return false
    if (kind === 'open') depth++
    if (kind === 'close' && --depth < 0) return false
  }
  return depth === 0
}

function denied(name: string): Fault {
  return fault('auth.denied', {
    public: `Resource '${name}' not found or not allowed for this token`,
  })
}

function unknown(compilation: Compilation, name: string): Fault {
  if (!compilation.scope.authority.seesNames) return denied(name)
  return fault('query.failed', { public: `[Error] Resource '${name}' not found` })
}
