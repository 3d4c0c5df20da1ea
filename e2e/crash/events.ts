// The events of the campaign. Who sent an event and its number in that producer's row say everything else about it, so that any event
// found in the product can be compared with what must have been sent.
import { crc32 } from 'node:zlib'

/** How one body is made. */
export interface BodyShape {
  readonly producer: number
  /** Number of the first event. */
  readonly from: number
  readonly count: number
  /** Days that the events are spread over: partitions of a table partitioned by day. */
  readonly days: number
}

const DAY_MS = 86_400_000
const FIRST_DAY_MS = Date.UTC(2026, 0, 1)
/** One in so many events has an amount that is no number. */
const BAD_EVERY = 37

/** Whether an event is one that quarantine must get. */
function isBad(producer: number, seq: number): boolean {
  return mix(producer, seq) % BAD_EVERY === 0
}

/** NDJSON of the events of one body. */
export function bodyOf({ producer, from, count, days }: BodyShape): string {
  let body = ''
  for (let seq = from; seq < from + count; seq += 1) body += `${lineOf(producer, seq, days)}\n`
  return body
}

/** The numbers of a body's events that quarantine must get. */
export function badOf({ producer, from, count }: BodyShape): number[] {
  const bad: number[] = []
  for (let seq = from; seq < from + count; seq += 1) if (isBad(producer, seq)) bad.push(seq)
  return bad
}

/** What the stored checksum of an event must equal, in SQL over its columns. */
export const CHECKSUM_SQL = `CRC32(concat(toString(producer), ':', toString(seq), ':', toString(day), ':', kind, ':', toString(amount), ':', payload))`

function lineOf(producer: number, seq: number, days: number): string {
  const mixed = mix(producer, seq)
  const day = new Date(FIRST_DAY_MS + (seq % days) * DAY_MS).toISOString().slice(0, 10)
  const kind = `k${mixed % 5}`
  const amount = (mixed % 2001) - 1000
  const payload = mixed.toString(16).repeat(1 + (mixed % 24))
  const checksum = crc32(`${producer}:${seq}:${day}:${kind}:${amount}:${payload}`)
  const shown = isBad(producer, seq) ? '"not a number"' : amount
  return `{"producer":${producer},"seq":${seq},"day":"${day}","kind":"${kind}","amount":${shown},"payload":"${payload}","checksum":${checksum}}`
}

function mix(producer: number, seq: number): number {
  let value = Math.imul(producer + 1, 0x9e3779b1) ^ Math.imul(seq + 1, 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 15), 0xc2b2ae35)
  return (value ^ (value >>> 13)) >>> 0
}
