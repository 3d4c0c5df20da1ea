// Damages copies of a real event log, one bit or one cut at a time, and tells whether the real reader and recovery kept their promises.
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { openEventLog, openLogReader, type EventLogReader, type Frame } from '@sandpiper/eventlog'

/** What a series of damages came to. */
export interface DamageResult {
  /** Frames of the undamaged log. */
  readonly frames: number
  readonly damages: number
  /** Damages that hit a frame; the others hit space written ahead. */
  readonly hits: number
  /** One line per promise that was broken; empty is good. */
  readonly violations: readonly string[]
}

interface KnownFrame {
  readonly sequence: number
  readonly offset: number
  readonly bytes: number
  readonly digest: string
}

interface KnownLog {
  readonly segment: string
  readonly bytes: Buffer
  readonly frames: readonly KnownFrame[]
}

/** Bytes of zeros behind the last frame that are kept: they are hit too. */
const AHEAD_BYTES = 4096

/**
 * Flips single bits of the newest segment of a log, each in a fresh copy: every other frame must be read byte for byte, the one that was hit must
 * be reported and never be handed out, the log must open, and no sequence may be given again.
 * @param scratch folder for the copies, best in memory.
 * @param below draws a whole number from 0 up to, not including, its argument.
 */
export async function flipLogBits(
  logDir: string,
  scratch: string,
  flips: number,
  below: (limit: number) => number,
): Promise<DamageResult> {
  const known = await readKnown(logDir, scratch)
  return damaged({ known, scratch }, flips, () => {
    const at = below(known.bytes.length)
    const bytes = Buffer.from(known.bytes)
    const bit = below(8)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
    return { bytes, from: at, to: at, name: `bit ${bit} of byte ${at}` }
  })
}

/** Cuts the newest segment off at every byte of its last frame: only that frame may be gone. @param scratch folder for the copies, best in memory. */
export async function truncateLastFrame(logDir: string, scratch: string): Promise<DamageResult> {
  const known = await readKnown(logDir, scratch)
  const last = known.frames.at(-1)
  if (last === undefined) throw new Error('the log has no frames')
  let end = last.offset
  return damaged({ known, scratch }, last.bytes - 1, () => {
    end += 1
    return {
      bytes: known.bytes.subarray(0, end),
      from: end,
      to: known.bytes.length,
      name: `cut at byte ${end}`,
    }
  })
}

interface Damage {
  readonly bytes: Buffer
  /** First and last byte that is not as it was. */
  readonly from: number
  readonly to: number
  readonly name: string
}

async function damaged(
  { known, scratch }: { readonly known: KnownLog; readonly scratch: string },
  count: number,
  next: () => Damage,
): Promise<DamageResult> {
  const dir = mkdtempSync(join(scratch, 'sandpiper-damage-'))
  const violations: string[] = []
  let hits = 0
  try {
    for (let done = 0; done < count; done += 1) {
      const damage = next()
      for (const name of readdirSync(dir)) rmSync(join(dir, name))
      writeFileSync(join(dir, known.segment), damage.bytes)
      const isHit = known.frames.some((frame) => isTouched(frame, damage))
      if (isHit) hits += 1
      const broken = await tryDamage(dir, known, damage, isHit).catch((err: unknown) => [
        `did not open: ${String(err)}`,
      ])
      violations.push(...broken.map((what) => `${damage.name}: ${what}`))
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
  return { frames: known.frames.length, damages: count, hits, violations }
}

async function tryDamage(
  dir: string,
  known: KnownLog,
  damage: Damage,
  isHit: boolean,
): Promise<string[]> {
  const broken: string[] = []
  let reports = 0
  const onDamage = (): void => void (reports += 1)
  const log = await openEventLog({ dir, onDamage })
  const highest = known.frames.at(-1)?.sequence ?? 0
  const given = await log.append({ ...NEW_FRAME })
  // A sequence may be given again only when its frame is the one that was hit, and then it must have been passed over.
  if (given <= highest) broken.push(`sequence ${given} was given again`)
  const reader = openLogReader({ dir, onDamage })
  const found = await readAll(reader, log.durable())
  await reader.close()
  await log.close()
  for (const frame of known.frames) {
    const digest = found.get(frame.sequence)
    if (isTouched(frame, damage)) {
      if (digest !== undefined) broken.push(`frame ${frame.sequence} was handed out damaged`)
    } else if (digest !== frame.digest) broken.push(`frame ${frame.sequence} is not as it was`)
  }
  if (!found.has(given)) broken.push('the frame appended afterwards is not there')
  if (isHit && reports === 0) broken.push('the damage was not reported')
  return broken
}

function isTouched({ offset, bytes }: KnownFrame, { from, to }: Damage): boolean {
  return to >= offset && from < offset + bytes
}

async function readKnown(logDir: string, scratch: string): Promise<KnownLog> {
  const segment = readdirSync(logDir)
    .filter((name) => /^\d+\.log$/.test(name))
    .sort()
    .at(-1)
  if (segment === undefined) throw new Error(`${logDir} holds no log`)
  const copy = mkdtempSync(join(scratch, 'sandpiper-known-'))
  try {
    copyFileSync(join(logDir, segment), join(copy, segment))
    const first = Number(segment.replace('.log', ''))
    const reader = openLogReader({ dir: copy, onDamage: () => undefined })
    const frames: KnownFrame[] = []
    const most = statSync(join(copy, segment)).size
    for await (const ref of reader.scan(first, first + most, new AbortController().signal)) {
      frames.push({
        sequence: ref.sequence,
        offset: ref.offset,
        bytes: 0,
        digest: digestOf(await reader.read(ref)),
      })
    }
    await reader.close()
    const bytes = readFileSync(join(copy, segment))
    let end = bytes.length
    while (end > 0 && bytes[end - 1] === 0) end -= 1
    return {
      segment,
      bytes: Buffer.concat([bytes.subarray(0, end), Buffer.alloc(AHEAD_BYTES)]),
      frames: frames.map((frame, index) => ({
        ...frame,
        bytes: (frames[index + 1]?.offset ?? end) - frame.offset,
      })),
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

async function readAll(reader: EventLogReader, durable: number): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  for await (const ref of reader.scan(1, durable, new AbortController().signal)) {
    const frame = await reader.read(ref).catch(() => null)
    if (frame !== null) found.set(ref.sequence, digestOf(frame))
  }
  return found
}

function digestOf({ rows, refused, ...head }: Frame): string {
  return createHash('sha256')
    .update(JSON.stringify(head))
    .update(rows)
    .update(refused)
    .digest('base64')
}

const NEW_FRAME = {
  workspaceId: '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10',
  dataSourceId: `t_${'a'.repeat(32)}`,
  schemaVersion: 1,
  requestId: '01JKQ0000000000000000000AA',
  arrivedAtMs: 1_763_700_000_000,
  idempotencyHash: null,
  rowCount: 1,
  refusedCount: 0,
  rows: Buffer.from('{"a":1}\n'),
  refused: Buffer.alloc(0),
}
