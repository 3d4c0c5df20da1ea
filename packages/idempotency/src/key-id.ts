// How keys and workspaces become fixed bytes: 16 of the workspace, then 16 of the key's hash, so that the keys of one workspace lie
// together and a key of any length costs the same.
import { createHash } from 'node:crypto'
import { fault } from '@sandpiper/faults'

const KEY_CHARS_MAX = 255
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Hexadecimal digits of a workspace, and of a key or a body. */
export const HEX_DIGITS = 32

/** What a frame's head says of its key: hashes of key and body. */
export interface FrameKey {
  readonly keyHash: string
  readonly bodyHash: string
}

/** @throws fault `request.invalid` (400) when the key is empty or longer than 255 characters. */
export function keyHashOf(space: string, key: string): string {
  if (key.length === 0 || key.length > KEY_CHARS_MAX) {
    throw fault('request.invalid', {
      public: `An idempotency key has 1 to ${KEY_CHARS_MAX} bytes; this one has ${key.length}.`,
    })
  }
  return hashed(`${space}\n${key}`)
}

/** The id of a key in the index, as 64 hexadecimal digits. */
export function idOf(workspaceId: string, keyHash: string): string {
  return workspacePart(workspaceId) + keyHash
}

/** The text for `FrameHead.idempotencyHash`. */
export function frameHash({ keyHash, bodyHash }: FrameKey): string {
  return keyHash + bodyHash
}

/** The other way round; null for a frame without a key of ours. */
export function readFrameHash(text: string | null): FrameKey | null {
  if (text === null || !/^[0-9a-f]{64}$/.test(text)) return null
  return { keyHash: text.slice(0, HEX_DIGITS), bodyHash: text.slice(HEX_DIGITS) }
}

function workspacePart(workspaceId: string): string {
  return UUID.test(workspaceId) ? workspaceId.replaceAll('-', '') : hashed(workspaceId)
}

function hashed(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, HEX_DIGITS)
}
