import { createFairSlots } from '@sandpiper/clickhouse'

import type { RouteGroup } from '../app.ts'
import { createAnswers } from '../query/answer-query.ts'
import { createQueryRunner } from '../query/query-runner.ts'
import { createRateLimits } from '../rate-limits.ts'
import { noteQueries } from '../service-data-sources/query-note.ts'
import { getExample } from './get-example/get-example.ts'
import { getOpenapi } from './get-openapi/get-openapi.ts'
import { EXPLAIN_PATH, getPipe, PIPE_PATH } from './get-pipe/get-pipe.ts'
import { getSql, SQL_PATH } from './get-sql/get-sql.ts'
import { sqlTools } from './sql-tools/sql-tools.ts'

/** Endpoints and SQL: the data plane's reads, sharing one runner, its gate and what is kept. */
export const queryRoutes: RouteGroup = (app, given) => {
  // One set of places, whatever asks the engine.
  const deps = { ...given, querySlots: given.querySlots ?? createFairSlots(QUERY_SLOTS) }
  const answers = createAnswers(deps, createQueryRunner(deps))
  const noted = noteQueries(deps)
  const limits = createRateLimits(deps)
  for (const path of [PIPE_PATH, EXPLAIN_PATH, SQL_PATH]) app.use(path, noted)
  // Before the endpoints, which would take it for one of them.
  getOpenapi(app, deps, limits)
  getPipe(app, deps, answers, limits)
  getSql(app, deps, answers, limits)
  sqlTools(app, deps)
  getExample(app, deps, limits)
}

/** Queries at work and waiting, unless it is configured. */
const QUERY_SLOTS = { max: 6, perKeyMax: 5, waitingPerKeyMax: 200, waitMs: 5_000 }
