// A run: keys in a file that never changes, sorted by place. In memory: a filter that answers for most keys that it has not, and the
// first place of each block, so that a key costs one read.
import { crc32 } from 'node:zlib'
import { damaged } from './damaged-index.ts'
import type { KeyFile, KeyFiles } from './key-files.ts'
import { filterFrom, type KeyFilter } from './key-filter.ts'
import { decodeRecord, groupAt, type KeyEntry, RECORD_BYTES } from './key-record.ts'
import { type Place, PLACE_BYTES } from './key-place.ts'
import {
  BLOCK_BYTES,
  BLOCK_HEAD_BYTES,
  decodeFooter,
  FOOTER_BYTES,
  recordsOfBlock,
  runName,
  type RunTail,
} from './run-format.ts'

/** What is kept in memory of a run. */
export interface RunParts {
  readonly tail: RunTail
  readonly filter: KeyFilter
  /** The first 48 bits of each block's first place. */
  readonly fences: Float64Array
}

export class KeyRun {
  readonly tail: RunTail
  readonly name: string
  private readonly file: KeyFile
  private readonly filter: KeyFilter
  private readonly fences: Float64Array
  private wasUnreadable = false
  private readers = 0
  private isRetired = false

  constructor(file: KeyFile, parts: RunParts) {
    this.file = file
    this.tail = parts.tail
    this.name = runName(parts.tail.from, parts.tail.to)
    this.filter = parts.filter
    this.fences = parts.fences
  }

  get blocks(): number {
    return this.fences.length
  }

  /** false: certainly not. */
  mayHave(place: Place): boolean {
    return this.filter.mayHave(place.bytes, 0)
  }

  /** The newest use of the key that it has. @throws DamagedIndex when the block cannot be believed | what the disk throws. */
  async find(place: Place): Promise<KeyEntry | null> {
    const begin = place.bytes.readUInt32BE(0)
    let found: KeyEntry | null = null
    for (let block = this.firstBlockOf(place.prefix); block < this.blocks; block += 1) {
      if ((this.fences[block] ?? 0) > place.prefix) break
      const bytes = await this.read(block, 1)
      const end = BLOCK_HEAD_BYTES + this.recordsIn(bytes, 0, block) * RECORD_BYTES
      for (let at = BLOCK_HEAD_BYTES; at < end; at += RECORD_BYTES) {
        if (bytes.readUInt32BE(at) !== begin) continue
        if (place.bytes.compare(bytes, at, at + PLACE_BYTES) !== 0) continue
        const group = this.tail.groups[groupAt(bytes, at)]
        if (group?.[0] !== place.workspace) continue
        const entry = decodeRecord(bytes, at, group)
        if (found === null || entry.sequence > found.sequence) found = entry
      }
    }
    return found
  }

  /** Whether a part of it could not be read: it is left as it is until its keys are forgotten. */
  get isSpoiled(): boolean {
    return this.wasUnreadable
  }

  async read(block: number, count: number): Promise<Buffer> {
    try {
      return await this.file.read(block * BLOCK_BYTES, count * BLOCK_BYTES)
    } catch (error) {
      this.wasUnreadable = true
      throw error
    }
  }

  /** How many records a block that was read has. @throws DamagedIndex */
  recordsIn(bytes: Buffer, at: number, block: number): number {
    const records = recordsOfBlock(bytes, at, block)
    if (records !== null) return records
    this.wasUnreadable = true
    throw damaged(`block ${block} of ${this.name} is damaged`)
  }

  /** Keeps the file open until the release. */
  hold(): () => void {
    this.readers += 1
    return () => {
      this.readers -= 1
      this.closeUnused()
    }
  }

  /** Closes the file when nobody reads it any more. Idempotent. */
  retire(): void {
    this.isRetired = true
    this.closeUnused()
  }

  private closeUnused(): void {
    if (this.isRetired && this.readers === 0) void this.file.close().catch(() => undefined)
  }

  /** The first block that may have the place: places that begin alike may lie in several. */
  private firstBlockOf(prefix: number): number {
    let low = 0
    let high = this.blocks
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.fences[middle] ?? 0) < prefix) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

/** @throws DamagedIndex when it is not what was written. */
export async function openRun(files: KeyFiles, name: string): Promise<KeyRun> {
  const file = await files.openToRead(name)
  try {
    const parts = await readParts(file)
    const isItself = parts !== null && runName(parts.tail.from, parts.tail.to) === name
    if (!isItself) throw damaged(`${name} is damaged`)
    return new KeyRun(file, parts)
  } catch (error) {
    await file.close()
    throw error
  }
}

async function readParts(file: KeyFile): Promise<RunParts | null> {
  const size = await file.size()
  if (size < FOOTER_BYTES) return null
  const footer = decodeFooter(await file.read(size - FOOTER_BYTES, FOOTER_BYTES))
  if (footer === null) return null
  const begin = footer.blocks * BLOCK_BYTES
  const fencesAt = footer.tailBytes + footer.filterBytes
  const length = fencesAt + footer.blocks * 8
  if (begin + length + FOOTER_BYTES !== size) return null
  const bytes = await file.read(begin, length)
  if (crc32(bytes) !== footer.checksum) return null
  const fences = new Float64Array(footer.blocks)
  Buffer.from(fences.buffer).set(bytes.subarray(fencesAt))
  return {
    tail: JSON.parse(bytes.toString('utf8', 0, footer.tailBytes)) as RunTail,
    filter: filterFrom(bytes.subarray(footer.tailBytes, fencesAt)),
    fences,
  }
}
