import type { RouteGroup } from '../app.ts'
import { createQueryRunner } from '../query/query-runner.ts'
import { getPipe } from './get-pipe/get-pipe.ts'
import { getSql } from './get-sql/get-sql.ts'

/** Endpoints and SQL: the data plane's reads, sharing one runner and its gate. */
export const queryRoutes: RouteGroup = (app, deps) => {
  const runner = createQueryRunner(deps)
  getPipe(app, deps, runner)
  getSql(app, deps, runner)
}
