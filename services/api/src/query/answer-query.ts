// From a compiled query to what its caller gets: the plan if it was asked for, a kept answer where the endpoint allows one, else the
// engine's; in the form that was asked for, and without what this caller may not learn. Endpoints and /v0/sql both end here.
import { fault } from '@sandpiper/faults'
import { lacksScope, type Principal } from '@sandpiper/tokens'

import type { ApiDeps } from '../api-deps.ts'
import { seesNames } from './authority.ts'
import { cacheKey } from './cache-key.ts'
import { createCallerLimits, withLimitNamed } from './caller-limits.ts'
import { hidesCost, isRestricted, readsService } from './caller-rights.ts'
import { finalizeAggregations } from './finalize-aggregations.ts'
import { hideCost } from './hide-cost.ts'
import { hideRowData } from './hide-row-data.ts'
import { createQueryInspector } from './inspect-query.ts'
import { PROMETHEUS_SETTINGS, prometheusResponse } from './prometheus-response.ts'
import type { QueryOptions } from './query-options.ts'
import type { QueryRunner } from './query-runner.ts'

/** As the runner takes it. */
type QueryToRun = Parameters<QueryRunner['run']>[0]

/** One compiled query and who asks it. */
interface Question {
  readonly query: Omit<QueryToRun, 'limits'>
  readonly principal: Principal
  readonly options: Pick<QueryOptions, 'explain' | 'finalizeAggregations'>
  /** How the answer may be kept; null: not at all. */
  readonly keep: Keep | null
}

interface LimitedQuestion extends Question {
  readonly query: QueryToRun
}

/** What an endpoint allows. */
export interface Keep {
  readonly pipeId: string
  readonly deployment: number
  readonly ttlSeconds: number
  readonly fixedParams: Readonly<Record<string, unknown>>
}

export interface Answers {
  /** @throws as the runner does, and fault `auth.denied` for the plan of a query to a token that does not see everything. */
  answer(question: Question): Promise<Response>
}

/** Makes the one of an api. */
export function createAnswers(
  deps: Pick<ApiDeps, 'clickhouse' | 'config' | 'resultCache'> &
    Required<Pick<ApiDeps, 'querySlots'>>,
  runner: QueryRunner,
): Answers {
  const inspector = createQueryInspector(deps)
  const limitsOf = createCallerLimits(deps.config)

  async function plan({ query, principal }: LimitedQuestion): Promise<Response> {
    // A plan names what stands behind an endpoint, and counts what it reads of rows that a filter leaves out.
    if (!seesNames(principal)) throw lacksScope('WORKSPACE:READ_ALL')
    if (readsService(query.compiled)) {
      throw fault('query.refused', {
        public:
          '[Error] There is no plan for queries over tinybird.*: it would count rows of others.',
      })
    }
    return Response.json(await inspector.plan(query.compiled, query))
  }

  async function run(query: QueryToRun, options: Question['options']): Promise<Response> {
    if (!options.finalizeAggregations) return runner.run(query)
    const columns = await inspector.columns(query.compiled, query)
    return runner.run({ ...query, compiled: finalizeAggregations(query.compiled, columns) })
  }

  async function made(question: LimitedQuestion): Promise<Response> {
    const { keep, options, principal } = question
    const query = withSettings(question)
    const make = async (signal: AbortSignal): Promise<Response> => {
      const answer = await run({ ...query, signal }, options)
      return query.format.madeHere === 'prometheus'
        ? prometheusResponse(answer, query.format.contentType)
        : answer
    }
    if (keep === null || deps.resultCache === undefined) return make(query.signal)
    const { deployment, pipeId, fixedParams, ttlSeconds } = keep
    const key = cacheKey({
      ...{ principal, deployment, pipeId, fixedParams, compiled: query.compiled },
      ...{ settings: query.settings, format: query.format.engineFormat, limits: query.limits },
      switches: options.finalizeAggregations ? ['finalize_aggregations'] : [],
    })
    const { workspaceId } = principal
    const place = { workspaceId, deployment, key, ttlSeconds, signal: query.signal }
    return deps.resultCache.answer(place, make)
  }

  return {
    async answer(question) {
      // Before any kept answer: what reads tinybird.* is not noted.
      question.query.note?.compiled(question.query.compiled)
      const { principal } = question
      const limits = limitsOf(principal)
      const limited = { ...question, query: { ...question.query, limits: limits.query } }
      const answering = question.options.explain ? plan(limited) : made(limited)
      const answer = await answering.catch((err: unknown) => {
        const shown = isRestricted(principal) ? hideRowData(err) : err
        throw withLimitNamed(err, shown, limits.effective)
      })
      if (question.options.explain) return answer
      return hidesCost(principal, question.query.compiled) ? hideCost(answer) : answer
    },
  }
}

function withSettings({ query }: LimitedQuestion): QueryToRun {
  return {
    ...query,
    settings: {
      ...query.settings,
      ...(query.format.madeHere === 'prometheus' ? PROMETHEUS_SETTINGS : {}),
    },
  }
}
