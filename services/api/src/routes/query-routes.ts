import { createFairSlots } from '@sandpiper/clickhouse'

import type { RouteGroup } from '../app.ts'
import { deployerOf } from '../deployments/recover-deployments.ts'
import { createAnswers } from '../query/answer-query.ts'
import { createQueryRunner } from '../query/query-runner.ts'
import { createResultColumns } from '../query/result-columns.ts'
import { createWarmEndpoints } from '../query/warm-endpoints.ts'
import { noteQueries } from '../service-data-sources/query-note.ts'
import { consoleCheck } from './console-run/console-check.ts'
import { CONSOLE_RUN_PATH, consoleRun } from './console-run/console-run.ts'
import { getExample } from './get-example/get-example.ts'
import { getOpenapi } from './get-openapi/get-openapi.ts'
import { EXPLAIN_PATH, getPipe, PIPE_PATH } from './get-pipe/get-pipe.ts'
import { getSql, SQL_PATH } from './get-sql/get-sql.ts'
import { sqlTools } from './sql-tools/sql-tools.ts'

/** Endpoints and SQL: the data plane's reads, sharing one runner, its gate and what is kept. */
export const queryRoutes: RouteGroup = (app, given) => {
  // One set of places, whatever asks the engine.
  const deps = { ...given, querySlots: given.querySlots ?? createFairSlots(QUERY_SLOTS) }
  const runner = createQueryRunner(deps)
  const answers = createAnswers(deps, runner)
  const warm = createWarmEndpoints(deps, runner.check)
  deployerOf(given).onPromotion((workspaceId) => {
    // Else the first call of each endpoint would wait for its parsing.
    deps.catalog.liveMap(workspaceId).then(
      ({ map }) => {
        warm(workspaceId, map)
      },
      (err: unknown) => {
        deps.logger.debug({ err, workspaceId }, 'endpoints were not judged ahead')
      },
    )
  })
  const columns = createResultColumns(deps)
  const noted = noteQueries(deps)
  const { limits } = deps
  for (const path of [PIPE_PATH, EXPLAIN_PATH, SQL_PATH, CONSOLE_RUN_PATH]) app.use(path, noted)
  // Before the endpoints, which would take it for one of them.
  getOpenapi(app, deps, { columns, limits })
  getPipe(app, deps, { answers, columns, limits, warm })
  getSql(app, deps, { answers, columns, limits })
  consoleRun(app, deps, { answers, columns, limits })
  consoleCheck(app, deps, { columns, limits })
  sqlTools(app, deps)
  getExample(app, deps, limits)
}

/** Queries at work and waiting, unless it is configured. */
const QUERY_SLOTS = { max: 6, perKeyMax: 5, waitingPerKeyMax: 200, waitMs: 5_000 }
