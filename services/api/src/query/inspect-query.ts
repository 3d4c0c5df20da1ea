// Questions about a query that are not its rows: its plan, and the types of its columns. The query passes the gate first, as if it were to
// run, for the engine evaluates scalar subqueries while it plans; all limits are set, and it takes a place as a run does.
import {
  createGate,
  EMPTY_DATABASE,
  ensureEmptyDatabase,
  querySettings,
  type Gate,
  type QueryLimits,
} from '@sandpiper/clickhouse'
import { Fault } from '@sandpiper/faults'
import { hideSecretValues, userFault, withUserNames, type CompiledQuery } from '@sandpiper/pipes'

import type { ApiDeps } from '../api-deps.ts'

/** One column of a result. */
export interface ResultColumn {
  readonly name: string
  readonly type: string
}

/** What Tinybird's explain answers. Source: pipes API reference, read 2026-11. */
interface QueryPlan {
  /** The whole SELECT, in the user's names. */
  readonly debug_query: string
  readonly query_explain: string
}

export interface QueryInspector {
  /** @throws as a run of the query. */
  columns(compiled: CompiledQuery, asker: Asker): Promise<readonly ResultColumn[]>
  /** Values of secrets are replaced: neither text holds one. @throws as a run of the query. */
  plan(compiled: CompiledQuery, asker: Asker): Promise<QueryPlan>
}

/** Whose share of the engine it takes, and until when. */
interface Asker {
  readonly workspaceId: string
  readonly limits: QueryLimits
  readonly signal: AbortSignal
}

type InspectorDeps = Pick<ApiDeps, 'clickhouse'> & Required<Pick<ApiDeps, 'querySlots'>>

/** Statements remembered: these questions are rare. */
const GATE_CACHE_MAX = 500

/** Makes the one inspector of an api. */
export function createQueryInspector(deps: InspectorDeps): QueryInspector {
  const gate = createGate(deps.clickhouse, { cacheMax: GATE_CACHE_MAX })

  const ask = async <Row>(
    prefix: string,
    compiled: CompiledQuery,
    { workspaceId, limits, signal }: Asker,
  ): Promise<Row[]> => {
    const giveBack = await deps.querySlots.take(workspaceId, signal)
    try {
      return await inUserNames(compiled, () =>
        askEngine<Row>(deps, gate, { prefix, compiled, limits, signal }),
      )
    } finally {
      giveBack()
    }
  }

  return {
    columns: (compiled, asker) => ask<ResultColumn>('DESCRIBE TABLE', compiled, asker),
    async plan(compiled, asker) {
      const params = Object.fromEntries(Object.keys(compiled.params).map((name) => [name, '***']))
      const rows = await ask<{ explain: string }>(
        'EXPLAIN indexes = 1',
        { ...compiled, params },
        asker,
      )
      const text = rows.map(({ explain }) => explain).join('\n')
      return {
        debug_query: withUserNames(compiled.sql, compiled.userNames),
        query_explain: withUserNames(text, compiled.userNames),
      }
    },
  }
}

interface Inspection {
  readonly prefix: string
  readonly compiled: CompiledQuery
  readonly limits: QueryLimits
  readonly signal: AbortSignal
}

async function askEngine<Row>(
  { clickhouse }: InspectorDeps,
  gate: Gate,
  { prefix, compiled, limits, signal }: Inspection,
): Promise<Row[]> {
  // A fresh engine lacks it.
  await ensureEmptyDatabase(clickhouse)
  await gate.check(compiled, signal)
  // The engine wants brackets behind TABLE, and takes none behind EXPLAIN.
  const sql = prefix.endsWith('TABLE')
    ? `${prefix} (${compiled.sql}\n)`
    : `${prefix} ${compiled.sql}`
  return clickhouse.rows<Row>({
    sql,
    params: compiled.params,
    database: EMPTY_DATABASE,
    settings: querySettings(limits, compiled.settings),
    timeoutMs: limits.timeoutSeconds * 1000,
    signal,
  })
}

async function inUserNames<Result>(
  compiled: CompiledQuery,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run()
  } catch (err) {
    if (!(err instanceof Fault)) throw err
    throw hideSecretValues(userFault(err, compiled), compiled)
  }
}
