// Reads a segment through a few blocks kept in memory, so that thousands of small frames cost one read of the disk. The end of the
// active segment still changes: forget(from) drops what was read of it, and a read begun before a forget() is not kept.
import type { LogFile } from './log-files.ts'
import type { ByteSource } from './walk-segment.ts'

const BLOCK_BYTES = 256 * 1024

/** A byte source over one file that remembers its last blocks. */
export interface BlockCache extends ByteSource {
  /** Drops every block that holds a byte at or after `position`. */
  forget(position: number): void
  /** Bytes of the blocks in memory. */
  heldBytes(): number
}

/** @param blocksMax how many blocks of 256 KiB stay in memory; default 16 (4 MiB). Longer reads bypass them. */
export function blockCache(file: Pick<LogFile, 'read'>, blocksMax = 16): BlockCache {
  const blocks = new Map<number, Buffer>()
  let epoch = 0

  async function block(index: number): Promise<Buffer> {
    const kept = blocks.get(index)
    if (kept !== undefined) return kept
    const began = epoch
    const bytes = await file.read(index * BLOCK_BYTES, BLOCK_BYTES)
    if (began !== epoch) return bytes
    blocks.set(index, bytes)
    const oldest = blocks.keys().next().value
    if (blocks.size > blocksMax && oldest !== undefined) blocks.delete(oldest)
    return bytes
  }

  return {
    async read(position, length) {
      if (length > BLOCK_BYTES) return file.read(position, length)
      const first = Math.floor(position / BLOCK_BYTES)
      const from = position - first * BLOCK_BYTES
      const head = (await block(first)).subarray(from, from + length)
      // A short block is the end of the file.
      if (head.length === length || from + head.length < BLOCK_BYTES) return head
      const tail = (await block(first + 1)).subarray(0, length - head.length)
      return Buffer.concat([head, tail])
    },
    heldBytes: () => [...blocks.values()].reduce((sum, { length }) => sum + length, 0),
    forget(position) {
      epoch += 1
      for (const index of blocks.keys())
        if ((index + 1) * BLOCK_BYTES > position) blocks.delete(index)
    },
  }
}
