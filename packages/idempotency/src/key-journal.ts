// The journal: the newest keys in the order in which they came, one batch per flush. What a crash tears off its end is read from the
// event log again. After a failed write nothing of the file is believed: it is written anew, from memory.
import { crc32 } from 'node:zlib'
import { damaged } from './damaged-index.ts'
import { type KeyFile, type KeyFiles, UNFINISHED } from './key-files.ts'
import { type Group, RECORD_BYTES } from './key-record.ts'
import { RecentKeys } from './recent-keys.ts'

const MAGIC = Buffer.from('SPKEYJ1\n')
const HEAD_BYTES = 24
const BATCH_HEAD_BYTES = 28
/** A journal that is longer is written anew: without keys it grows by empty batches. */
const JOURNAL_BYTES_MAX = 16 * 1024 * 1024
const SUFFIX = '.journal'

/** One batch: keys from the first-th on, and how far they cover the event log. */
export interface Batch {
  readonly keys: RecentKeys
  readonly first: number
  readonly end: number
  readonly upTo: number
}

export class KeyJournal {
  private readonly files: KeyFiles
  /** It covers the event log from behind this sequence. */
  readonly from: number
  private file: KeyFile | null = null
  private bytes = 0
  private groupsWritten = 0

  constructor(files: KeyFiles, from: number) {
    this.files = files
    this.from = from
  }

  get name(): string {
    return `${String(this.from).padStart(16, '0')}${SUFFIX}`
  }

  /** Durable when it resolves. @throws what the disk throws; the next call writes everything anew. */
  async append(batch: Batch): Promise<void> {
    if (this.file === null || this.bytes > JOURNAL_BYTES_MAX) return this.writeAnew(batch)
    try {
      await this.write(this.file, batch)
      await this.file.sync()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    const { file } = this
    this.file = null
    await file?.close().catch(() => undefined)
  }

  async remove(): Promise<void> {
    await this.close()
    await this.files.remove(this.name)
  }

  private async writeAnew({ keys, end, upTo }: Batch): Promise<void> {
    await this.close()
    const making = this.name + UNFINISHED
    const file = await this.files.create(making)
    try {
      const head = Buffer.alloc(HEAD_BYTES)
      MAGIC.copy(head)
      head.writeDoubleLE(this.from, 8)
      head.writeUInt32LE(crc32(head.subarray(0, 16)), 16)
      await file.write(head, 0)
      this.bytes = HEAD_BYTES
      this.groupsWritten = 0
      await this.write(file, { keys, first: 0, end, upTo })
      await file.sync()
      await this.files.rename(making, this.name)
      await this.files.syncNames()
    } catch (error) {
      await file.close().catch(() => undefined)
      await this.files.remove(making).catch(() => undefined)
      throw error
    }
    this.file = file
  }

  private async write(file: KeyFile, { keys, first, end, upTo }: Batch): Promise<void> {
    const groupCount = keys.groups.list.length
    const groups = Buffer.from(JSON.stringify(keys.groups.list.slice(this.groupsWritten)))
    const payload = Buffer.concat([groups, keys.records(first, end)])
    const head = Buffer.alloc(BATCH_HEAD_BYTES)
    head.writeUInt32LE(groups.length, 4)
    head.writeUInt32LE(end - first, 8)
    head.writeDoubleLE(upTo, 12)
    head.writeUInt32LE(crc32(payload), 20)
    head.writeUInt32LE(crc32(head.subarray(4)), 0)
    const batch = Buffer.concat([head, payload])
    await file.write(batch, this.bytes)
    this.bytes += batch.length
    this.groupsWritten = groupCount
  }
}

/** The sequence behind which the journal of that name begins; null when it is no journal. */
export function journalFrom(name: string): number | null {
  return /^\d{16}\.journal$/.test(name) ? Number(name.slice(0, -SUFFIX.length)) : null
}

/** @returns its keys, as far as the file is whole, and how far they cover the event log. @throws DamagedIndex when it has no beginning. */
export async function readJournal(
  files: KeyFiles,
  name: string,
): Promise<{ keys: RecentKeys; upTo: number }> {
  const bytes = await wholeFile(files, name)
  const isWhole =
    bytes.length >= HEAD_BYTES &&
    bytes.subarray(0, MAGIC.length).equals(MAGIC) &&
    bytes.readUInt32LE(16) === crc32(bytes.subarray(0, 16))
  if (!isWhole) throw damaged(`${name} has no beginning`)
  const keys = new RecentKeys()
  const groups: Group[] = []
  let upTo = bytes.readDoubleLE(8)
  for (let at = HEAD_BYTES; ;) {
    const batch = batchAt(bytes, at)
    if (batch === null) return { keys, upTo }
    groups.push(...(JSON.parse(batch.groups.toString()) as Group[]))
    keys.load(batch.records, groups)
    upTo = batch.upTo
    at = batch.end
  }
}

function batchAt(
  bytes: Buffer,
  at: number,
): { groups: Buffer; records: Buffer; upTo: number; end: number } | null {
  const head = bytes.subarray(at, at + BATCH_HEAD_BYTES)
  if (head.length < BATCH_HEAD_BYTES || crc32(head.subarray(4)) !== head.readUInt32LE(0))
    return null
  const begin = at + BATCH_HEAD_BYTES
  const middle = begin + head.readUInt32LE(4)
  const end = middle + head.readUInt32LE(8) * RECORD_BYTES
  if (end > bytes.length) return null
  if (crc32(bytes.subarray(begin, end)) !== head.readUInt32LE(20)) return null
  const upTo = head.readDoubleLE(12)
  return { groups: bytes.subarray(begin, middle), records: bytes.subarray(middle, end), upTo, end }
}

async function wholeFile(files: KeyFiles, name: string): Promise<Buffer> {
  const file = await files.openToRead(name)
  try {
    return await file.read(0, await file.size())
  } finally {
    await file.close()
  }
}
