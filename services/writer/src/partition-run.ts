// One partition of a shared log that this process owns: its copy, and a writer that reads it as it would read a log on disk.
import { join } from 'node:path'
import { type LogMember, NotTheWriter, type SharedLogCatalog } from '@sandpiper/catalog'
import { connectLink, openLogReader, type WriterLink } from '@sandpiper/eventlog'
import type { Mirror, MirroredPartition } from '@sandpiper/kafkalog'
import { briefError } from '@sandpiper/telemetry'
import { startWriter, type Writer, type WriterDeps, type WriterOptions } from './run.ts'
import { createSpool } from './spool.ts'

/** What the runs of a process share. */
export interface RunDeps extends Omit<
  WriterDeps,
  'link' | 'reader' | 'catalog' | 'spool' | 'newId' | 'ours' | 'onReplaced'
> {
  readonly shared: SharedLogCatalog
  readonly mirror: Mirror
  readonly spoolDir: string
  readonly newId: () => string
}

export interface PartitionRun {
  /** Resolves when it cannot go on: the partition is somebody else's, or its copy failed. */
  readonly ended: Promise<void>
  waiting: Writer['waiting']
  /** Starts no further batch and waits for those in flight; then nothing of it touches a table any more. */
  stop(graceMs: number): Promise<void>
}

/** Begins to write a partition, numbered from 1. @throws NotTheWriter when it is not this member's. */
export async function runPartition(
  deps: RunDeps,
  options: WriterOptions,
  partition: number,
  member: LogMember,
): Promise<PartitionRun> {
  const closing: (() => Promise<void>)[] = []
  try {
    return await begin(deps, options, { partition, member, closing })
  } catch (err) {
    await closeAll(closing).catch((cause: unknown) => {
      deps.logger.warn(
        { err: briefError(cause), partition },
        'a partition was not given up in order',
      )
    })
    throw err
  }
}

/** @param closing gets what closes each part that is there, the last one first. */
async function begin(
  deps: RunDeps,
  options: WriterOptions,
  {
    partition,
    member,
    closing,
  }: { partition: number; member: LogMember; closing: (() => Promise<void>)[] },
): Promise<PartitionRun> {
  const catalog = await deps.shared.writerOf(partition, member)
  closing.unshift(() => catalog.close())
  const ours = `p${partition}x`
  const newId = (): string => `${ours}${deps.newId()}`
  // From here on nobody else can confirm: what is read now is where it goes on.
  await catalog.becomeWriter(newId())
  const from = await startOf(catalog)
  const mirrored = await deps.mirror.start(partition - 1, from)
  closing.unshift(() => mirrored.stop())
  const base = await connectLink({ socketPath: mirrored.socketPath })
  closing.unshift(() => base.close())
  let onReplaced: () => void = () => undefined
  const replaced = new Promise<void>((resolve) => (onReplaced = resolve))
  const reader = openLogReader({
    dir: mirrored.dir,
    onDamage: (damage) => {
      deps.logger.error({ damage, partition }, 'the copy of the event log is damaged')
    },
  })
  closing.unshift(() => reader.close())
  const writer = await startWriter(
    {
      ...{ ...deps, catalog, reader, ours, newId, onReplaced },
      link: sharedLink(base, catalog, mirrored),
      spool: createSpool(join(deps.spoolDir, `p${partition}`), reader),
    },
    options,
  )
  return {
    ended: Promise.race([replaced, mirrored.failed, base.closed]),
    waiting: () => writer.waiting(),
    async stop(graceMs) {
      await writer.stop(graceMs)
      await closeAll(closing)
    },
  }
}

async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close()
}

/** The first frame that something still needs: what is not confirmed, what is in doubt, what views lack. */
async function startOf(
  catalog: Awaited<ReturnType<SharedLogCatalog['writerOf']>>,
): Promise<number> {
  const { readFrom, openBatches } = await catalog.writerState()
  const missing = await catalog.lowestMissing(0)
  return Math.min(readFrom, missing ?? readFrom, ...openBatches.map((each) => each.fromSequence))
}

/** The link of the copy, where turns and what is loaded go through the catalog instead. */
function sharedLink(
  base: WriterLink,
  catalog: Awaited<ReturnType<SharedLogCatalog['writerOf']>>,
  mirrored: Pick<MirroredPartition, 'unneeded'>,
): WriterLink {
  const listeners: {
    closed: (workspaceId: string) => Promise<void>
    opened: (workspaceId: string) => void
  } = { closed: () => Promise.resolve(), opened: () => undefined }
  catalog.listen({
    closed: (workspaceId) => void listeners.closed(workspaceId),
    opened: (workspaceId) => {
      listeners.opened(workspaceId)
    },
  })
  return {
    ...base,
    onTurn(listener) {
      listeners.closed = listener
    },
    onRelease(listener) {
      listeners.opened = listener
    },
    // The transaction that confirms has told it.
    publishLoaded: () => undefined,
    publishPassed: () => undefined,
    publishUnneeded(sequence, wantedFrom = sequence) {
      base.publishUnneeded(sequence, wantedFrom)
      mirrored.unneeded(Math.min(sequence, wantedFrom))
    },
  }
}

/** Whether a partition is simply somebody else's now. */
export function isOthers(err: unknown): boolean {
  return err instanceof NotTheWriter
}
