import type { RouteGroup } from '../app.ts'
import { createAnswers } from '../query/answer-query.ts'
import { createQueryRunner } from '../query/query-runner.ts'
import { noteQueries } from '../service-data-sources/query-note.ts'
import { getPipe, PIPE_PATH } from './get-pipe/get-pipe.ts'
import { getSql, SQL_PATH } from './get-sql/get-sql.ts'

/** Endpoints and SQL: the data plane's reads, sharing one runner, its gate and what is kept. */
export const queryRoutes: RouteGroup = (app, deps) => {
  const answers = createAnswers(deps, createQueryRunner(deps))
  const noted = noteQueries(deps)
  for (const path of [PIPE_PATH, SQL_PATH]) app.use(path, noted)
  getPipe(app, deps, answers)
  getSql(app, deps, answers)
}
