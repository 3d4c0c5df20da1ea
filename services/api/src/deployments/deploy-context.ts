import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse, Gate } from '@sandpiper/clickhouse'
import type { EventLog } from '@sandpiper/eventlog'
import type { Logger, OpsLog } from '@sandpiper/telemetry'

import type { Cleaner } from './cleaner.ts'

/** What deployments use of the outside. */
export interface DeployerDeps {
  readonly catalog: Catalog
  readonly clickhouse: ClickHouse
  readonly gate: Gate
  readonly log: EventLog
  readonly logger: Logger
  readonly ops: OpsLog
  /** Unix milliseconds. */
  readonly now: () => number
  /** 32 random hex digits. */
  readonly randomHex: () => string
}

/** Everything the parts of the deployer use. */
export interface DeployContext extends DeployerDeps {
  readonly turnTimeoutMs: number
  readonly cleaner: Cleaner
  /** Told once another deployment is live; returns at once and never throws. */
  readonly promoted: (workspaceId: string) => void
}
