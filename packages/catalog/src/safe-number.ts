import { assert } from '@sandpiper/assert'

/** bigint comes as text; a sequence beyond 2^53 would silently become its neighbour. */
export function toSafeNumber(text: string): number {
  const number = Number(text)
  assert(Number.isSafeInteger(number), `not a safe integer: ${text}`)
  return number
}
