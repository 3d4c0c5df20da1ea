// What LMDB itself does not ask: it maps the file and believes it, and a file that was cut off or overwritten ends the process. So its
// first pages are looked at before, and an index that ended the process while it was opened is not opened for ever.
import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const META_BYTES = 160
const MAGIC_AT = 24
const MAGIC = 0xbeefc0de
const VERSION = 2
const PAGE_BYTES_AT = 48
const LAST_PAGE_AT = 144
const TRANSACTION_AT = 152

/** Why the index in the folder cannot be used; null when nothing speaks against it, or when there is none yet. */
export function faultOfIndexFile(dir: string): string | null {
  let file: number
  try {
    file = openSync(join(dir, 'data.mdb'), 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  try {
    const { size } = fstatSync(file)
    return size === 0 ? null : faultOfPages(file, size)
  } finally {
    closeSync(file)
  }
}

function faultOfPages(file: number, size: number): string | null {
  const first = readMeta(file, 0)
  const pageBytes = first?.readUInt32LE(PAGE_BYTES_AT) ?? 0
  if (first === null || pageBytes < 4_096 || pageBytes > 65_536) return 'its first page is damaged'
  const second = readMeta(file, pageBytes)
  if (second === null) return 'its second page is damaged'
  const isFirst = first.readBigUInt64LE(TRANSACTION_AT) > second.readBigUInt64LE(TRANSACTION_AT)
  const last = (isFirst ? first : second).readBigUInt64LE(LAST_PAGE_AT)
  return (last + 1n) * BigInt(pageBytes) > BigInt(size) ? 'its end is missing' : null
}

function readMeta(file: number, position: number): Buffer | null {
  const bytes = Buffer.alloc(META_BYTES)
  if (readSync(file, bytes, 0, META_BYTES, position) < META_BYTES) return null
  const isMeta =
    bytes.readUInt32LE(MAGIC_AT) === MAGIC && bytes.readUInt32LE(MAGIC_AT + 4) === VERSION
  return isMeta ? bytes : null
}

/** Ends in a row, each while the index was opened and first used, after which it is put aside. */
const ENDS_MAX = 3
const NOTE = 'opening'

/** Notes that the index is being opened. @returns how often in a row the process ended at that. */
export function noteOpening(dir: string): number {
  const ends = readNote(dir)
  try {
    writeFileSync(join(dir, NOTE), String(ends + 1))
  } catch {
    // A full disk: this once it is not counted.
  }
  return ends
}

/** The index was opened and used. */
export function noteOpened(dir: string): void {
  rmSync(join(dir, NOTE), { force: true })
}

export function endedTooOften(ends: number): boolean {
  return ends >= ENDS_MAX
}

function readNote(dir: string): number {
  try {
    return Number(readFileSync(join(dir, NOTE), 'utf8')) || 0
  } catch {
    return 0
  }
}
