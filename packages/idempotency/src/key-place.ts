// Where a key lies in a run: its hash mixed with its workspace, so that the same key of many workspaces does not lie in one place, and
// bytes sort as places do.
import { HEX_DIGITS } from './key-id.ts'

export const PLACE_BYTES = 16

/** A key as runs look for it. */
export interface Place {
  readonly workspace: string
  readonly bytes: Buffer
  /** The first 48 bits. */
  readonly prefix: number
}

/** @param id see idOf. */
export function placeOf(id: string): Place {
  const whole = Buffer.from(id, 'hex')
  mix(whole, PLACE_BYTES, whole)
  const bytes = whole.subarray(PLACE_BYTES)
  return { workspace: id.slice(0, HEX_DIGITS), bytes, prefix: prefixAt(bytes, 0) }
}

/** The other way round. */
export function idAt(bytes: Buffer, at: number, workspace: string): string {
  const key = Buffer.from(bytes.subarray(at, at + PLACE_BYTES))
  mix(key, 0, Buffer.from(workspace, 'hex'))
  return workspace + key.toString('hex')
}

export function prefixAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 65_536 + bytes.readUInt16BE(at + 4)
}

function mix(bytes: Buffer, at: number, workspace: Buffer): void {
  for (let word = 0; word < PLACE_BYTES; word += 4)
    bytes.writeUInt32BE(
      (bytes.readUInt32BE(at + word) ^ workspace.readUInt32BE(word)) >>> 0,
      at + word,
    )
}
