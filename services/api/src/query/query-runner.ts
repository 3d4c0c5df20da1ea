// From a compiled query to the answer: gate, limits, engine, stream. The only place of the api that runs SQL of a caller.
import {
  createGate,
  EMPTY_DATABASE,
  ensureEmptyDatabase,
  querySettings,
  type QueryReply,
} from '@sandpiper/clickhouse'
import { Fault, fault } from '@sandpiper/faults'
import { translateError, type CompiledQuery } from '@sandpiper/pipes'

import type { ApiDeps } from '../api-deps.ts'
import { hideSecrets } from './hide-secrets.ts'
import type { OutputFormat } from './output-format.ts'
import type { QueryNote } from '../service-data-sources/query-note-contract.ts'
import { resultResponse } from './result-response.ts'

interface QueryToRun {
  readonly compiled: CompiledQuery
  readonly format: OutputFormat
  readonly requestId: string
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
   * @throws fault `query.refused` | `query.failed` | `query.timeout` | `server.busy` | `engine.unavailable`, in the caller's own names.
   */
  run(query: QueryToRun): Promise<Response>
}

/** Makes the one runner of an api; its gate remembers statements it has judged. */
export function createQueryRunner(deps: Pick<ApiDeps, 'clickhouse' | 'config'>): QueryRunner {
  const gate = createGate(deps.clickhouse)
  const memory = deps.config.queryMemoryBytesMax

  async function checked(query: QueryToRun): Promise<QueryReply> {
    await gate.check(query.compiled, query.signal)
    const { compiled } = query
    return deps.clickhouse.query({
      sql: compiled.sql,
      params: compiled.params,
      database: EMPTY_DATABASE,
      settings: querySettings(
        {
          timeoutSeconds: deps.config.queryTimeoutSeconds,
          resultBytesMax: deps.config.resultBytesMax,
          ...(memory === undefined ? {} : { memoryBytesMax: memory }),
        },
        { ...compiled.settings, ...query.settings },
      ),
      format: query.format.engineFormat,
      queryId: query.requestId,
      timeoutMs: deps.config.queryTimeoutSeconds * 1000,
      signal: query.signal,
    })
  }

  return {
    async run(query) {
      const { note } = query
      note?.compiled(query.compiled)
      try {
        const reply = await withEmptyDatabase(deps.clickhouse, () => checked(query))
        const told = (err: unknown): unknown =>
          err instanceof Fault ? inUserNames(err, query.compiled) : err
        return resultResponse(note?.reply(reply, told) ?? reply, query.format)
      } catch (err) {
        throw err instanceof Fault ? inUserNames(err, query.compiled) : err
      }
    },
  }
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
  const translated = fault(err.code, {
    ...err.details,
    public: translateError(err.details.public, compiled.userNames),
    cause: err,
  })
  return hideSecrets(translated, compiled)
}
