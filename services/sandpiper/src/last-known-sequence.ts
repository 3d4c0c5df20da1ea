import type { Catalog } from '@sandpiper/catalog'

type WriterState = Pick<
  Awaited<ReturnType<Catalog['writerState']>>,
  'readFrom' | 'progress' | 'openBatches'
>

/**
 * The highest sequence that the writer is known to have met. A log that lost its end must not give one at or below again: a frame
 * of it would pass for loaded and never be.
 */
export function lastKnownSequence({ readFrom, progress, openBatches }: WriterState): number {
  let last = readFrom - 1
  for (const { loadedUpTo } of progress) last = Math.max(last, loadedUpTo)
  for (const { toSequence } of openBatches) last = Math.max(last, toSequence)
  return Math.max(0, last)
}
