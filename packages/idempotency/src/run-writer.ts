// Writes a run, records in the order of their places. The file counts only when it is whole and durable, under its own name.
import { crc32 } from 'node:zlib'
import { type KeyFile, type KeyFiles, UNFINISHED } from './key-files.ts'
import { createFilter, type KeyFilter } from './key-filter.ts'
import { RECORD_BYTES, writeGroup } from './key-record.ts'
import { prefixAt } from './key-place.ts'
import { KeyRun } from './key-run.ts'
import {
  BLOCK_BYTES,
  BLOCK_HEAD_BYTES,
  BLOCK_RECORDS,
  encodeFooter,
  runName,
  type RunTail,
  sealBlock,
} from './run-format.ts'

/** Blocks written at a time. */
const CHUNK_BLOCKS = 64
/** What one sync writes: a long one would hold up those of the event log. */
const SYNC_BYTES = 8 * 1024 * 1024

/** @param keysMax at least as many as will be pushed. */
export async function createRunWriter(
  files: KeyFiles,
  range: { readonly from: number; readonly to: number },
  keysMax: number,
): Promise<RunWriter> {
  const name = runName(range.from, range.to)
  return new RunWriter(files, name, await files.create(name + UNFINISHED), keysMax)
}

export class RunWriter {
  private readonly files: KeyFiles
  private readonly name: string
  private readonly file: KeyFile
  private readonly filter: KeyFilter
  private readonly fences: number[] = []
  private readonly chunk = Buffer.alloc(CHUNK_BLOCKS * BLOCK_BYTES)
  private chunkBlock = 0
  /** Records in the block under way. */
  private filled = 0
  private written = 0
  private synced = 0
  count = 0

  constructor(files: KeyFiles, name: string, file: KeyFile, keysMax: number) {
    this.files = files
    this.name = name
    this.file = file
    this.filter = createFilter(keysMax)
  }

  /** Takes a record. Call `drain` before the next when it returns true. */
  push(bytes: Buffer, at: number, group: number): boolean {
    const block = this.chunkBlock * BLOCK_BYTES
    const to = block + BLOCK_HEAD_BYTES + this.filled * RECORD_BYTES
    bytes.copy(this.chunk, to, at, at + RECORD_BYTES)
    writeGroup(this.chunk, to, group)
    if (this.filled === 0) this.fences.push(prefixAt(bytes, at))
    this.filter.add(bytes, at)
    this.filled += 1
    this.count += 1
    if (this.filled === BLOCK_RECORDS) this.seal()
    return this.chunkBlock === CHUNK_BLOCKS
  }

  async drain(): Promise<void> {
    const bytes = this.chunk.subarray(0, this.chunkBlock * BLOCK_BYTES)
    await this.put(bytes)
    this.chunkBlock = 0
  }

  /** Durable, under its name, when it resolves. */
  async finish(tail: Omit<RunTail, 'count'>): Promise<KeyRun> {
    if (this.filled > 0) this.seal()
    await this.drain()
    const whole = { ...tail, count: this.count }
    const fences = Float64Array.from(this.fences)
    const text = Buffer.from(JSON.stringify(whole))
    const filter = this.filter.bytes()
    const behind = Buffer.concat([text, filter, Buffer.from(fences.buffer)])
    await this.put(behind)
    await this.put(
      encodeFooter({
        blocks: fences.length,
        tailBytes: text.length,
        filterBytes: filter.length,
        checksum: crc32(behind),
      }),
    )
    await this.file.sync()
    await this.files.rename(this.name + UNFINISHED, this.name)
    await this.files.syncNames()
    return new KeyRun(this.file, { tail: whole, filter: this.filter, fences })
  }

  /** Leaves nothing behind, as far as the disk lets it. */
  async abandon(): Promise<void> {
    await this.file.close().catch(() => undefined)
    await this.files.remove(this.name + UNFINISHED).catch(() => undefined)
  }

  private seal(): void {
    const number = this.fences.length - 1
    sealBlock(this.chunk, this.chunkBlock * BLOCK_BYTES, number, this.filled)
    this.chunkBlock += 1
    this.filled = 0
  }

  private async put(bytes: Buffer): Promise<void> {
    await this.file.write(bytes, this.written)
    this.written += bytes.length
    if (this.written - this.synced < SYNC_BYTES) return
    await this.file.sync()
    this.synced = this.written
  }
}
