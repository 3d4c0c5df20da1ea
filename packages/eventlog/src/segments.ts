// Segment files are named by their first sequence. A segment ends where the next one begins: frames in it at or above the next
// segment's first sequence were never acknowledged (their sync failed) and are not part of the log.
import type { LogFiles } from './log-files.ts'

const NAME = /^(\d{20})\.log$/

/** One segment file. */
export interface Segment {
  readonly name: string
  readonly firstSequence: number
}

/** `<first sequence, 20 digits>.log`, so that names sort as the sequences do. */
export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(20, '0')}.log`
}

/** The segments of the log in order; other files in the folder, such as one above the last sequence, are left alone. */
export async function listSegments(files: LogFiles): Promise<Segment[]> {
  const segments: Segment[] = []
  for (const name of await files.names()) {
    const digits = NAME.exec(name)?.[1]
    const firstSequence = Number(digits)
    if (Number.isSafeInteger(firstSequence)) segments.push({ name, firstSequence })
  }
  return segments.sort((a, b) => a.firstSequence - b.firstSequence)
}
