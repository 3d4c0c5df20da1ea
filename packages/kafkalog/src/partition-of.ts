// Which partition of the log the frames of a workspace go to. A branch is a workspace of its own here: its tables are its own, and only the
// order of frames of one data source matters.
import { crc32 } from 'node:zlib'

/** The partition, from 0. The same for ever for one number of partitions: changing that number makes positions meaningless. */
export function partitionOf(workspaceId: string, partitions: number): number {
  return crc32(workspaceId) % partitions
}
