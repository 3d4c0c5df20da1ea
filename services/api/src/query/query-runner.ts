// From a compiled query to the answer: gate, limits, engine, stream. The only place of the api that runs SQL of a caller.
import { hash } from 'node:crypto'

import {
  createGate,
  EMPTY_DATABASE,
  ensureEmptyDatabase,
  querySettings,
  type GiveBack,
  type QueryLimits,
  type QueryReply,
  type QueryWork,
} from '@sandpiper/clickhouse'
import { Fault } from '@sandpiper/faults'
import { hideSecretValues, userFault, type CompiledQuery } from '@sandpiper/pipes'

import type { ApiDeps } from '../api-deps.ts'
import type { OutputFormat } from './output-format.ts'
import type { QueryNote } from '../service-data-sources/query-note-contract.ts'
import { resultResponse } from './result-response.ts'

interface QueryToRun {
  readonly compiled: CompiledQuery
  readonly format: OutputFormat
  readonly requestId: string
  /** Whose query it is: each workspace has its share of the engine. */
  readonly workspaceId: string
  /** What it may take, whoever limits it. */
  readonly limits: QueryLimits
  /** Switches of the request; they win over what the template asked for. */
  readonly settings: Readonly<Record<string, number>>
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal
  /** Told what is read and how it ends. */
  readonly note?: QueryNote
}

export interface QueryRunner {
  /**
   * Checks and runs one query, and answers with its result as a stream.
   * @throws fault `query.refused` | `query.failed` | `query.timeout` | `limit.rate` | `server.busy` | `engine.unavailable`, in the caller's own names.
   */
  run(query: QueryToRun): Promise<Response>
  /** Judges a query ahead, so that a run of its shape need not wait for that. @throws as the gate does. */
  readonly check: (compiled: CompiledQuery) => Promise<void>
}

/** Makes the one runner of an api; its gate remembers statements it has judged. */
export function createQueryRunner(
  deps: Pick<ApiDeps, 'clickhouse'> & Required<Pick<ApiDeps, 'querySlots'>>,
): QueryRunner {
  const { clickhouse, querySlots: slots } = deps
  const gate = createGate(clickhouse)

  async function checked(query: QueryToRun, released: GiveBack): Promise<QueryReply> {
    const { compiled } = query
    await gate.check(compiled, query.signal)
    return clickhouse.query({
      sql: compiled.sql,
      params: compiled.params,
      database: EMPTY_DATABASE,
      settings: querySettings(query.limits, {
        ...threadsOf(slots.counters.running),
        ...compiled.settings,
        ...query.settings,
      }),
      format: query.format.engineFormat,
      queryId: query.requestId,
      timeoutMs: query.limits.timeoutSeconds * 1000,
      signal: query.signal,
      released,
    })
  }

  async function admitted(query: QueryToRun): Promise<QueryReply> {
    const giveBack = await slots.take(query.workspaceId, query.signal, workOf(query))
    try {
      const reply = await checked(query, giveBack)
      // What is left is sending, as slowly as its reader reads.
      if (reply.whole === null) giveBack('sending')
      return reply
    } catch (err) {
      giveBack()
      throw err
    }
  }

  return {
    check: (compiled) => gate.check(compiled),
    async run(query) {
      const { note } = query
      note?.compiled(query.compiled)
      try {
        const reply = await withEmptyDatabase(clickhouse, () => admitted(query))
        const told = (err: unknown): unknown =>
          err instanceof Fault ? inUserNames(err, query.compiled) : err
        return resultResponse(note?.reply(reply, told) ?? reply, query.format)
      } catch (err) {
        throw err instanceof Fault ? inUserNames(err, query.compiled) : err
      }
    },
  }
}

/** Queries of one template, or of one text, take about as long, whatever their values are. */
function workOf({ compiled, limits }: QueryToRun): QueryWork {
  const { skeleton, sql } = compiled
  const text = skeleton === undefined ? sql : skeleton.texts.join('\0')
  return { kind: hash('sha256', text, 'base64'), limitMs: limits.timeoutSeconds * 1_000 }
}

/** A query alone may use every processor; beside others each takes one, so that none of them, and no load, waits for many threads. */
function threadsOf(running: number): { readonly max_threads?: number } {
  return running > 1 ? { max_threads: 1 } : {}
}

const UNKNOWN_DATABASE = '81'

// A fresh engine lacks the empty database; asking before each query would cost a round trip.
async function withEmptyDatabase<Result>(
  clickhouse: ApiDeps['clickhouse'],
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run()
  } catch (err) {
    if (
      !(err instanceof Fault) ||
      err.details.headers?.['X-DB-Exception-Code'] !== UNKNOWN_DATABASE
    )
      throw err
    await ensureEmptyDatabase(clickhouse)
    return run()
  }
}

function inUserNames(err: Fault, compiled: CompiledQuery): Fault {
  return hideSecretValues(userFault(err, compiled), compiled)
}
