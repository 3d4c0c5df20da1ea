// The bytes of a key: of one length, with its workspace and data source as a number into a table beside it. Checksums are those of the
// block or batch around it.
import { HEX_DIGITS } from './key-id.ts'
import type { Remembered } from './idempotent-log.ts'
import { idAt, PLACE_BYTES, placeOf } from './key-place.ts'

/** A key as the index has it. */
export interface KeyEntry extends Remembered {
  /** See idOf. */
  readonly id: string
  readonly bodyHash: string
}

/** What many keys have in common: the workspace (32 hexadecimal digits) and the data source. */
export type Group = readonly [workspace: string, dataSourceId: string]

export const RECORD_BYTES = 64
const BODY_AT = PLACE_BYTES
const SEQUENCE_AT = 32
const ARRIVED_AT = 40
const ROWS_AT = 48
const REFUSED_AT = 52
const GROUP_AT = 56

export function encodeRecord(entry: KeyEntry, group: number, into: Buffer, at: number): void {
  placeOf(entry.id).bytes.copy(into, at)
  into.write(entry.bodyHash, at + BODY_AT, 'hex')
  into.writeDoubleLE(entry.sequence, at + SEQUENCE_AT)
  into.writeDoubleLE(entry.arrivedAtMs, at + ARRIVED_AT)
  into.writeUInt32LE(entry.rowCount, at + ROWS_AT)
  into.writeUInt32LE(entry.refusedCount, at + REFUSED_AT)
  into.writeUInt32LE(group, at + GROUP_AT)
  into.writeUInt32LE(0, at + GROUP_AT + 4)
}

export function decodeRecord(
  bytes: Buffer,
  at: number,
  [workspace, dataSourceId]: Group,
): KeyEntry {
  return {
    id: idAt(bytes, at, workspace),
    bodyHash: bytes.toString('hex', at + BODY_AT, at + BODY_AT + HEX_DIGITS / 2),
    sequence: sequenceAt(bytes, at),
    arrivedAtMs: arrivedAt(bytes, at),
    rowCount: bytes.readUInt32LE(at + ROWS_AT),
    refusedCount: bytes.readUInt32LE(at + REFUSED_AT),
    dataSourceId,
  }
}

export function sequenceAt(bytes: Buffer, at: number): number {
  return bytes.readDoubleLE(at + SEQUENCE_AT)
}

/** Unix milliseconds. */
export function arrivedAt(bytes: Buffer, at: number): number {
  return bytes.readDoubleLE(at + ARRIVED_AT)
}

export function groupAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + GROUP_AT)
}

export function writeGroup(bytes: Buffer, at: number, group: number): void {
  bytes.writeUInt32LE(group, at + GROUP_AT)
}

/** The table of groups, each once. */
export class Groups {
  readonly list: Group[] = []
  private readonly numbers = new Map<string, number>()

  numberOf([workspace, dataSourceId]: Group): number {
    const text = workspace + dataSourceId
    const known = this.numbers.get(text)
    if (known !== undefined) return known
    const number = this.list.push([workspace, dataSourceId]) - 1
    this.numbers.set(text, number)
    return number
  }
}
