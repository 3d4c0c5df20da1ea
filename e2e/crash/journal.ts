// Reads what faultfs wrote: every change to a directory, in order. Layout: see native/faultfs.c.
import { readFileSync } from 'node:fs'

interface Owner {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export type JournalRecord =
  | ({
      readonly kind: 'open'
      readonly handle: number
      readonly isNew: boolean
      readonly path: string
    } & Owner)
  | {
      readonly kind: 'write'
      readonly handle: number
      readonly offset: number
      readonly data: Buffer
    }
  | { readonly kind: 'truncate'; readonly handle: number; readonly size: number }
  | { readonly kind: 'truncate path'; readonly path: string; readonly size: number }
  | { readonly kind: 'extend'; readonly handle: number; readonly size: number }
  | { readonly kind: 'sync begin'; readonly handle: number; readonly sync: number }
  | { readonly kind: 'sync end'; readonly sync: number; readonly error: number }
  | ({ readonly kind: 'mkdir' | 'mknod'; readonly path: string } & Owner)
  | { readonly kind: 'rmdir' | 'unlink'; readonly path: string }
  | { readonly kind: 'rename' | 'link'; readonly from: string; readonly to: string }
  | ({ readonly kind: 'symlink'; readonly path: string; readonly target: string } & Owner)
  | { readonly kind: 'chmod'; readonly path: string; readonly mode: number }
  | { readonly kind: 'chown'; readonly path: string; readonly uid: number; readonly gid: number }
  | { readonly kind: 'mark'; readonly text: string }
  | { readonly kind: 'close'; readonly handle: number }

/** All records; data are views into one buffer. A record that is cut off at the end is left out. */
export function readJournal(file: string): JournalRecord[] {
  const bytes = readFileSync(file)
  const records: JournalRecord[] = []
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at)
    if (end > bytes.length) break
    records.push(decode(new Fields(bytes, at + 5, end), bytes[at + 4] ?? 0))
    at = end
  }
  return records
}

class Fields {
  private readonly bytes: Buffer
  private at: number
  private readonly end: number

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  u8(): number {
    this.at += 1
    return this.bytes[this.at - 1] ?? 0
  }

  u32(): number {
    this.at += 4
    return this.bytes.readUInt32LE(this.at - 4)
  }

  u64(): number {
    this.at += 8
    return Number(this.bytes.readBigUInt64LE(this.at - 8))
  }

  text(): string {
    const length = this.u32()
    this.at += length
    return this.bytes.toString('utf8', this.at - length, this.at)
  }

  rest(): Buffer {
    return this.bytes.subarray(this.at, this.end)
  }

  owner(): Owner {
    return { mode: this.u32(), uid: this.u32(), gid: this.u32() }
  }
}

function decode(f: Fields, type: number): JournalRecord {
  switch (type) {
    case 1:
      return { kind: 'open', handle: f.u32(), isNew: f.u8() === 1, path: f.text(), ...f.owner() }
    case 2:
      return { kind: 'write', handle: f.u32(), offset: f.u64(), data: f.rest() }
    case 3:
      return { kind: 'truncate', handle: f.u32(), size: f.u64() }
    case 4:
      return { kind: 'truncate path', size: f.u64(), path: f.text() }
    case 5:
      return { kind: 'sync begin', handle: f.u32(), sync: f.u32() }
    case 6:
      return { kind: 'sync end', sync: f.u32(), error: f.u32() }
    case 7:
    case 18:
      return { kind: type === 7 ? 'mkdir' : 'mknod', path: f.text(), ...f.owner() }
    case 8:
    case 9:
      return { kind: type === 8 ? 'rmdir' : 'unlink', path: f.text() }
    case 10:
    case 11:
      return { kind: type === 10 ? 'rename' : 'link', from: f.text(), to: f.text() }
    case 12:
      return { kind: 'symlink', path: f.text(), target: f.text(), ...f.owner() }
    case 13:
      return { kind: 'chmod', mode: f.u32(), path: f.text() }
    case 14:
      return { kind: 'chown', uid: f.u32(), gid: f.u32(), path: f.text() }
    case 15:
      return { kind: 'mark', text: f.text() }
    case 16:
      return { kind: 'close', handle: f.u32() }
    case 17:
      return { kind: 'extend', handle: f.u32(), size: f.u64() }
    default:
      throw new Error(`the journal holds a record of kind ${type}`)
  }
}
