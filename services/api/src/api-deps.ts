// Exactly what the routes of the api use; built in main.ts of the process that hosts them.
import type { Catalog } from '@sandpiper/catalog'
import type { ClickHouse, FairSlots } from '@sandpiper/clickhouse'
import type { EventLog } from '@sandpiper/eventlog'
import type { Breakers } from '@sandpiper/quarantine'
import type { JobClient } from '@sandpiper/queue'
import type { Logger, OpsLog } from '@sandpiper/telemetry'
import type { QuotaOf, SharedQuota } from '@sandpiper/tokens'

import type { Backups } from './backups-contract.ts'
import type { ConnectionTools, TopicReaders } from './connections/connection-tools.ts'
import type { ConsoleFiles } from './console/console-files.ts'
import type { Imports } from './imports-contract.ts'
import type { EventTap } from './tail/event-tap.ts'
import type { ResultCache } from './query/result-cache.ts'

export interface ApiDeps {
  readonly catalog: Catalog
  readonly clickhouse: ClickHouse
  /** Who may ask the engine now; default some of its own. */
  readonly querySlots?: FairSlots
  readonly log: EventLog
  readonly jobs: JobClient
  readonly breakers: Pick<Breakers, 'stateOf'>
  readonly imports: Imports
  readonly logger: Logger
  readonly ops: OpsLog
  /** Answers of endpoints that allow it; without it none is kept. */
  readonly resultCache?: ResultCache
  /** Shows events to who watches them; without it nobody can. */
  readonly tap?: Pick<EventTap, 'watch'>
  /** How long events wait for their tables; without it nobody is told. */
  readonly loads?: {
    /** Age of the oldest event that is not in every target; 0 when all are. */
    oldestUnloadedSeconds(dataSourceId: string): number
  }
  /** The way to what connections name; without it nothing is previewed. */
  readonly connections?: ConnectionTools
  /** Readers of topics in this process; without them nobody is told how they are. */
  readonly topicReaders?: TopicReaders
  /** The built console; without it none is served. */
  readonly consoleFiles?: ConsoleFiles
  /** What `/metrics` answers; without it there is none. */
  readonly metrics?: {
    /** The text for Prometheus; takes at most about a second. */
    readonly text: () => Promise<string>
    /** Opens `/metrics` beside the tokens of server admins; null: no such token. */
    readonly token: string | null
  }
  /** What tokens with `limits.rps` have left, shared with the Events API; default: buckets of its own. */
  readonly jwtQuota?: SharedQuota
  /** Buckets that several processes share, by what they count; default: each process has its own. */
  readonly sharedQuota?: QuotaOf
  /** Copies of the whole server; without it none are made. */
  readonly backups?: Backups
  /** Unix milliseconds. */
  readonly now: () => number
  readonly config: ApiConfig
}

export interface ApiConfig {
  /** What the server is bound to; `/tokens` answers only when it is a loopback address. */
  readonly host: string
  readonly port: number
  /** Seconds; default 10, at most 600. Every query has it. */
  readonly queryTimeoutSeconds: number
  /** Bytes of one result; default 100 MB. */
  readonly resultBytesMax: number
  /** Bytes of memory of one query; default 2 GiB. */
  readonly queryMemoryBytesMax?: number
  /** Rows that one query reads of tables; default 50 billion. */
  readonly queryRowsReadMax?: number
  /** Bytes that one query reads of tables, unpacked; default 10 TB. */
  readonly queryBytesReadMax?: number
  /** Elements of the syntax tree of one query; default 50,000. */
  readonly queryAstElementsMax?: number
  /** Seconds of the query of a copy; shown only. */
  readonly copySeconds?: number
  /** Bytes of the result of a copy; shown only. */
  readonly copyBytesMax?: number
  /** Requests a second to endpoints and /v0/sql, per workspace, whatever its tokens; none when absent or null. */
  readonly requestsPerSecond?: number | null
  /** Requests a second to one endpoint; none when absent or null. */
  readonly requestsPerSecondPerEndpoint?: number | null
  /** Bytes of one multipart project or appended body; default 100 MB. */
  readonly bodyBytesMax: number
  /** Hours that finished jobs are listed; default 48. */
  readonly jobHistoryHours?: number
}
