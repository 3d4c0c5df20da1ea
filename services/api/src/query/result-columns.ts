// SQL of callers over results of pipes, for those who do not see everything: compiled with the columns of these results, which the engine
// is asked for once. What nobody puts SQL over (plain calls of endpoints) is never described.
import { createHash } from 'node:crypto'

import { fault } from '@sandpiper/faults'
import { UndescribedResults, type CompiledQuery, type CompileScope } from '@sandpiper/pipes'
import type { Principal } from '@sandpiper/tokens'
import { LRUCache } from 'lru-cache'

import type { ApiDeps } from '../api-deps.ts'
import { createCallerLimits } from './caller-limits.ts'
import { isRestricted } from './caller-rights.ts'
import { hideRowData } from './hide-row-data.ts'
import { createQueryInspector, type ResultColumn } from './inspect-query.ts'

/** Who asks, of which deployment. */
interface Asker {
  readonly principal: Principal
  /** Number of the deployment whose map is read: its tables have other columns than those of the next. */
  readonly deployment: number
  readonly signal: AbortSignal
}

type Columns = readonly ResultColumn[]

export interface ResultColumns {
  /**
   * What `compile` gives once it knows the columns of all results that the caller's SQL stands over. Calls it twice at most.
   * @throws as `compile`, and as a run of these results.
   */
  compile<Compiled>(
    asker: Asker,
    scope: CompileScope,
    compile: (scope: CompileScope) => Compiled,
  ): Promise<Compiled>
  /** Columns of one result, asked for or remembered. @throws as a run of it. */
  of(asker: Asker, result: CompiledQuery): Promise<Columns>
}

/** Results remembered; each by its text and its values: names and types of columns hang on both. */
const RESULTS_MAX = 2_000
const COLUMNS_MAX = 200

/** Makes the one of an api. */
export function createResultColumns(
  deps: Pick<ApiDeps, 'clickhouse' | 'config' | 'now'> & Required<Pick<ApiDeps, 'querySlots'>>,
): ResultColumns {
  const inspector = createQueryInspector(deps)
  const limitsOf = createCallerLimits(deps.config)
  const kept = new LRUCache<string, Columns>({ max: RESULTS_MAX })

  async function described(
    { principal, deployment, signal }: Asker,
    results: readonly CompiledQuery[],
  ): Promise<Map<string, Columns>> {
    const limits = limitsOf(principal).query
    const { workspaceId } = principal
    const found = new Map<string, Columns>()
    // All of them together may take as long as one query.
    const until = deps.now() + limits.timeoutSeconds * 1000
    for (const result of results) {
      const key = keyOf(workspaceId, deployment, result)
      const known = found.get(key) ?? kept.get(key)
      const timeoutSeconds = Math.ceil((until - deps.now()) / 1000)
      if (known === undefined && timeoutSeconds <= 0)
        throw fault('query.timeout', {
          public: '[Error] The columns of the pipes that are read could not be found out in time.',
        })
      const columns =
        known ??
        (await inspector.columns(result, {
          ...{ workspaceId, signal },
          limits: { ...limits, timeoutSeconds },
        }))
      found.set(key, columns)
      if (columns.length <= COLUMNS_MAX) kept.set(key, columns)
    }
    return found
  }

  return {
    async compile(asker, scope, compile) {
      const { deployment, principal } = asker
      const key = (result: CompiledQuery): string => keyOf(scope.workspaceId, deployment, result)
      try {
        return compile({ ...scope, columnsOf: (result) => kept.get(key(result)) })
      } catch (err) {
        if (!(err instanceof UndescribedResults)) throw err
        // The others may be forgotten before the second time.
        const found = await described(asker, err.results).catch((failure: unknown) => {
          throw isRestricted(principal) ? hideRowData(failure) : failure
        })
        return compile({
          ...scope,
          columnsOf: (result) => found.get(key(result)) ?? kept.get(key(result)),
        })
      }
    },
    async of(asker, result) {
      const [columns] = (await described(asker, [result])).values()
      return columns ?? []
    },
  }
}

function keyOf(workspaceId: string, deployment: number, { sql, params }: CompiledQuery): string {
  return createHash('sha256')
    .update(JSON.stringify([workspaceId, deployment, params]))
    .update(sql)
    .digest('base64')
}
