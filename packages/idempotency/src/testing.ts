// A log with keys in a folder of its own, for this package's tests.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EventLog,
  type EventLogReader,
  type Frame,
  type LogFiles,
  type NewFrame,
  openEventLog,
  openLogReader,
} from '@sandpiper/eventlog'
import { createLogger } from '@sandpiper/telemetry'
import { bodyHash } from './body-hash.ts'
import type { IdempotentLog, KeyedBody } from './idempotent-log.ts'
import type { KeyFiles } from './key-files.ts'
import { KEY_RETENTION, type KeyRetention } from './key-retention.ts'
import { openKeyMemory } from './open-key-memory.ts'

export const WORKSPACE = '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10'
export const OTHER_WORKSPACE = '1b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a11'

/** A frame with one row that says `value`. */
export function frameOf(value: string, changes: Partial<NewFrame> = {}): NewFrame {
  return {
    workspaceId: WORKSPACE,
    dataSourceId: `t_${'a'.repeat(32)}`,
    schemaVersion: 1,
    requestId: '01JKQ0000000000000000000AA',
    arrivedAtMs: 1_763_700_000_000,
    idempotencyHash: null,
    rowCount: 1,
    refusedCount: 0,
    rows: Buffer.from(`{"value":${JSON.stringify(value)}}\n`),
    refused: Buffer.alloc(0),
    ...changes,
  }
}

export async function keyed(
  key: string,
  body: string,
  workspaceId = WORKSPACE,
): Promise<KeyedBody> {
  return { workspaceId, key, bodyHash: await bodyHash([body]) }
}

export const NEVER = new AbortController().signal

export interface World {
  readonly dir: string
  readonly log: EventLog
  readonly reader: EventLogReader
  readonly keys: IdempotentLog
  /** Every frame of the log. */
  frames(): Promise<Frame[]>
  /** Ends without writing the index: as after kill -9, only what was flushed before is there. */
  close(): Promise<void>
}

const silent = createLogger({ service: 'test', level: 'silent' })

export async function tempDir(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'idempotency-'))
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) }
}

export async function openWorld(
  dir: string,
  options: {
    retention?: Partial<KeyRetention>
    now?: () => number
    log?: (log: EventLog) => Pick<EventLog, 'append' | 'durable'>
    segmentBytesMax?: number
    files?: KeyFiles
    /** The disk that the log is read from at the start. */
    logFiles?: LogFiles
    readAgainMs?: number
  } = {},
): Promise<World> {
  const memory = await openKeyMemory({
    dir: join(dir, 'keys'),
    retention: { ...KEY_RETENTION, ...options.retention },
    logger: silent,
    now: options.now ?? (() => 1_763_700_000_000),
    ...(options.files === undefined ? {} : { files: options.files }),
    ...(options.readAgainMs === undefined ? {} : { readAgainMs: options.readAgainMs }),
  })
  const segmentBytesMax = options.segmentBytesMax ?? 64 * 1024 * 1024
  const logDir = join(dir, 'log')
  const log = await openEventLog({ dir: logDir, sequenceAfter: memory.upTo, segmentBytesMax })
  const reader = openLogReader({
    ...{ dir: logDir, onDamage: () => undefined, readRetriesMs: [] },
    ...(options.logFiles === undefined ? {} : { files: options.logFiles }),
  })
  const keys = await memory.follow(options.log?.(log) ?? log, reader)
  return {
    ...{ dir, log, reader, keys },
    async frames() {
      const frames: Frame[] = []
      for await (const ref of reader.scan(1, log.durable(), NEVER))
        frames.push(await reader.read(ref))
      return frames
    },
    async close() {
      await keys.close()
      await reader.close()
      await log.close()
    },
  }
}
