// Makes a run of the keys that were in memory.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { assert } from '@sandpiper/assert'
import type { KeyFiles } from './key-files.ts'
import { marksOf } from './key-marks.ts'
import { type Group, groupAt, RECORD_BYTES, sequenceAt } from './key-record.ts'
import { PLACE_BYTES } from './key-place.ts'
import type { KeyRun } from './key-run.ts'
import { createRunWriter } from './run-writer.ts'

/** 32 bits of the place and 20 of the position are exact in a number. */
const RECORDS_MAX = 2 ** 20

/** @param keys.records in the order of their sequences. */
export async function writeRun(
  files: KeyFiles,
  range: { readonly from: number; readonly to: number },
  keys: { readonly records: Buffer; readonly groups: readonly Group[]; readonly perMark: number },
): Promise<KeyRun> {
  const { records, groups, perMark } = keys
  const writer = await createRunWriter(files, range, records.length / RECORD_BYTES)
  try {
    for (const at of sortedByPlace(records)) {
      if (writer.push(records, at, groupAt(records, at))) await writer.drain()
    }
    await nextTurn()
    return await writer.finish({ ...range, groups, marks: marksOf(records, groups, perMark) })
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

/** Where each record begins, in the order of the places. Numbers sort ten times as fast as records with a comparison. */
function sortedByPlace(records: Buffer): Float64Array {
  const count = records.length / RECORD_BYTES
  assert(count <= RECORDS_MAX, `${count} keys are too many for one run`)
  const order = new Float64Array(count)
  for (let index = 0; index < count; index += 1)
    order[index] = records.readUInt32BE(index * RECORD_BYTES) * RECORDS_MAX + index
  order.sort()
  for (let index = 0; index < count; index += 1)
    order[index] = ((order[index] ?? 0) % RECORDS_MAX) * RECORD_BYTES
  // Those that begin alike: few, unless somebody chose them so.
  let first = 0
  while (first < count) {
    const begin = records.readUInt32BE(order[first] ?? 0)
    let end = first + 1
    while (end < count && records.readUInt32BE(order[end] ?? 0) === begin) end += 1
    if (end - first > 1)
      order.subarray(first, end).sort((a, b) => compareRecords(records, a, records, b))
    first = end
  }
  return order
}

/** By place, then by sequence. */
export function compareRecords(a: Buffer, atA: number, b: Buffer, atB: number): number {
  return (
    a.readUInt32BE(atA) - b.readUInt32BE(atB) ||
    a.compare(b, atB, atB + PLACE_BYTES, atA, atA + PLACE_BYTES) ||
    sequenceAt(a, atA) - sequenceAt(b, atB)
  )
}
