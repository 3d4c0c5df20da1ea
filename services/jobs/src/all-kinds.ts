// Every kind of job that runs here, with what each of them takes.
import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { EventLog } from '@sandpiper/eventlog'
import type { IdempotentLog } from '@sandpiper/idempotency'
import type { Outbound } from '@sandpiper/outbound'
import type { Logger, OpsLog } from '@sandpiper/telemetry'

import { ulid } from 'ulid'

import { deleteKind } from './deletes/delete-kind.ts'
import type { JobKind } from './job-kind.ts'
import { replayKind } from './quarantine/replay-kind.ts'

/** What the kinds work with; built in main.ts. */
export interface KindDeps {
  readonly catalog: Catalog
  readonly clickhouse: ClickHouse
  readonly log: EventLog
  /** Appends under an idempotency key, to the same log. */
  readonly keys: Pick<IdempotentLog, 'claim'>
  readonly outbound: Outbound
  readonly ops: OpsLog
  readonly logger: Logger
  /** Unix milliseconds. */
  readonly now: () => number
}

/** One of each kind. */
export function allKinds(deps: KindDeps): JobKind[] {
  return [deleteKind(deps), replayKind({ ...deps, newRequestId: () => ulid(deps.now()) })]
}
