// Where rows of the service data sources come together: those of this process and those that the writer sends. They go through the
// event log and the writer like all other rows, so they survive what those survive, and wait in no lane but their own.
import { assert } from '@sandpiper/assert'
import type { Catalog } from '@sandpiper/catalog'
import { findServiceDataSource, SYSTEM_WORKSPACE_ID } from '@sandpiper/deployment'
import type { EventLog } from '@sandpiper/eventlog'
import {
  createOpsBuffer,
  createOpsRows,
  opsRowsOf,
  type OpsBuffer,
  type OpsBufferOptions,
  type OpsLines,
  type OpsLog,
  type OpsTable,
} from '@sandpiper/telemetry'
import { ulid } from 'ulid'

import { withNames } from './with-names.ts'

/** The ops log of the process that appends. */
export interface OpsHost {
  readonly ops: OpsLog
  readonly buffer: OpsBuffer
  /** Rows about requests have room of their own: however many come, they take none from the others. */
  readonly requests: OpsBuffer
  /** Takes the rows in a note of the writer. False for another note. */
  receive(note: unknown): boolean
}

interface HostDeps {
  readonly log: Pick<EventLog, 'append'>
  readonly catalog: Pick<Catalog, 'liveMap'>
  /** Unix milliseconds. */
  readonly now: () => number
}

/** Makes it; closing its buffer writes what waits. */
export function hostOps(deps: HostDeps, options: OpsBufferOptions = {}): OpsHost {
  const buffer = createOpsBuffer((lines) => append(deps, lines), options)
  const requests = createOpsBuffer((lines) => append(deps, lines), options)
  return {
    ...{ buffer, requests },
    ops: createOpsRows(
      (row) => {
        ;(OF_REQUESTS.has(row.table) ? requests : buffer).add(row)
      },
      deps.now,
      isSystem,
    ),
    receive(note) {
      const rows = opsRowsOf(note)
      if (rows === null) return false
      // The writer knows ids only.
      void withNames(deps.catalog, rows).then((named) => {
        for (const row of named) buffer.add(row)
      })
      return true
    },
  }
}

const OF_REQUESTS: ReadonlySet<OpsTable> = new Set<OpsTable>(['pipe_stats_rt', 'endpoint_errors'])

/** Rows about the tables that hold these rows would make rows for ever. */
function isSystem(workspaceId: string): boolean {
  return workspaceId === SYSTEM_WORKSPACE_ID
}

async function append(deps: HostDeps, { table, lines, rows }: OpsLines): Promise<void> {
  const source = findServiceDataSource(table)
  assert(source !== undefined, `no service data source ${table}`)
  await deps.log.append({
    workspaceId: SYSTEM_WORKSPACE_ID,
    dataSourceId: source.id,
    schemaVersion: source.schemaVersion,
    requestId: ulid(deps.now()),
    arrivedAtMs: deps.now(),
    idempotencyHash: null,
    rowCount: rows,
    refusedCount: 0,
    rows: Buffer.from(lines),
    refused: Buffer.alloc(0),
  })
}
