// A condition on rows, as a caller wrote it: one expression over one data source, judged by the gate like any query.
import type { DeployedDataSource } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'

import type { ApiDeps } from '../../api-deps.ts'

/** @throws fault `query.refused` | `request.invalid` for what is no condition over the data source. */
export function checkCondition(
  _deps: ApiDeps,
  _source: DeployedDataSource,
  condition: string | null,
): Promise<void> {
  if (condition === null) return Promise.resolve()
  throw fault('request.invalid', { public: 'replace_condition is not supported yet.' })
}
