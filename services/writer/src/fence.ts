// Makes sure that nothing of an attempt can still reach a target: its files and scratch databases go, so that a statement that was
// sent and not started can do nothing, and no statement that names it runs any more.
import type { ClickHouse } from '@sandpiper/clickhouse'
import { waitUntilGone } from './blocks.ts'
import { dropScratches } from './scratch.ts'
import type { Spool } from './spool.ts'
import type { Staging } from './staging.ts'

const GONE_WAIT_MAX_MS = 10_000

/** @param name of its files. @param id stands in every statement of it. @throws Error while one of them still runs. */
export async function fence(
  deps: {
    readonly clickhouse: ClickHouse
    readonly spool: Spool
    readonly staging: Staging
    readonly sleep: (ms: number) => Promise<void>
  },
  name: string,
  id: string,
): Promise<void> {
  await deps.spool.remove(name)
  await deps.staging.stop(id)
  await deps.staging.remove(id)
  await dropScratches(deps.clickhouse, id)
  const timing = { waitMaxMs: GONE_WAIT_MAX_MS, sleep: deps.sleep }
  if (!(await waitUntilGone(deps.clickhouse, id, timing))) {
    throw new Error('the attempt still runs in the engine')
  }
}
