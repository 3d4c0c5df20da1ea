import { fault } from '@sandpiper/faults'

import type { Outbound } from './create-outbound.ts'

/** What may be fetched whole. */
export interface TextBounds {
  readonly bytesMax: number
  /** Milliseconds for everything. */
  readonly totalMs: number
}

/**
 * Fetches a small text from a URL that a caller chose, with the rules of `openRemote`.
 * @throws fault `remote.unavailable` for any status but 200, what is not UTF-8, and too late a reply | `request.invalid` | `request.too_large`.
 */
export async function fetchText(
  outbound: Outbound,
  url: string,
  { bytesMax, totalMs }: TextBounds,
): Promise<string> {
  const signal = AbortSignal.timeout(totalMs)
  const reply = await outbound.openRemote(url, { bytesMax, totalMs, signal })
  if (reply.status !== 200) {
    reply.close()
    throw fault('remote.unavailable', { public: `${reply.shownUrl} answered ${reply.status}.` })
  }
  const pieces: Uint8Array[] = []
  for await (const piece of reply.body) pieces.push(piece)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
  } catch (cause) {
    throw fault('remote.unavailable', { public: `${reply.shownUrl} is not text.`, cause })
  }
}
