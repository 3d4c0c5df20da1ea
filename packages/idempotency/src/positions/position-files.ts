// The checkpoint of positions: a whole file each time, written beside the others and renamed when it is on the disk. Two are kept, and the
// log keeps what the older one lacks: one damaged file costs nothing.
import { crc32 } from 'node:zlib'

import { type KeyFiles, UNFINISHED } from '../key-files.ts'
import type { KnownPosition } from './position-book.ts'

const MAGIC = Buffer.from('SPPOSN1\n')
const HEAD_BYTES = 28
const SUFFIX = '.positions'
const KEPT = 2

/** What a checkpoint says: these positions, and no frame up to `upTo` says more. */
export interface Checkpoint {
  readonly upTo: number
  readonly positions: readonly KnownPosition[]
}

interface Kept {
  readonly number: number
  readonly upTo: number
}

/** Checkpoints in a folder; one caller at a time. */
export class PositionFiles {
  private readonly files: KeyFiles
  private kept: Kept[] = []
  private last = 0

  constructor(files: KeyFiles) {
    this.files = files
  }

  /**
   * @param onDamage told of each file that cannot be used.
   * @returns the newest sound checkpoint; null when there is none.
   */
  async open(onDamage: (name: string) => void): Promise<Checkpoint | null> {
    await this.files.prepare()
    const names = await this.files.names()
    for (const name of names.filter((each) => each.endsWith(UNFINISHED)))
      await this.files.remove(name).catch(() => undefined)
    const numbers = names.map(numberOf).filter((each) => each !== null)
    numbers.sort((a, b) => a - b)
    this.last = numbers.at(-1) ?? 0
    let newest: Checkpoint | null = null
    for (const number of numbers) {
      const found = await this.read(number).catch(() => null)
      if (found === null) {
        onDamage(nameOf(number))
        await this.files.remove(nameOf(number)).catch(() => undefined)
        continue
      }
      this.kept.push({ number, upTo: found.upTo })
      newest = found
    }
    return newest
  }

  /** What every kept checkpoint has. The log must keep what is above; null while there is none. */
  coveredByAll(): number | null {
    return this.kept.length === 0 ? null : Math.min(...this.kept.map(({ upTo }) => upTo))
  }

  /** Durable when it resolves. @throws what the disk throws; what was there before stays. */
  async write(checkpoint: Checkpoint): Promise<void> {
    const number = this.last + 1
    // A number is used once: what a failed attempt left of it is not believed.
    this.last = number
    const name = nameOf(number)
    const making = name + UNFINISHED
    const file = await this.files.create(making)
    try {
      await file.write(encode(checkpoint), 0)
      await file.sync()
    } catch (err) {
      await file.close().catch(() => undefined)
      await this.files.remove(making).catch(() => undefined)
      throw err
    }
    await file.close()
    await this.files.rename(making, name)
    await this.files.syncNames()
    this.kept.push({ number, upTo: checkpoint.upTo })
    while (this.kept.length > KEPT) {
      const oldest = this.kept.shift()
      if (oldest !== undefined)
        await this.files.remove(nameOf(oldest.number)).catch(() => undefined)
    }
  }

  private async read(number: number): Promise<Checkpoint | null> {
    const file = await this.files.openToRead(nameOf(number))
    try {
      return decode(await file.read(0, await file.size()))
    } finally {
      await file.close()
    }
  }
}

function encode({ upTo, positions }: Checkpoint): Buffer {
  const lines = positions.map((each) => [
    ...[each.dataSourceId, each.stream],
    ...[each.partition, each.epoch, each.next],
  ])
  const body = Buffer.from(JSON.stringify(lines))
  const head = Buffer.alloc(HEAD_BYTES)
  MAGIC.copy(head)
  head.writeDoubleLE(upTo, 8)
  head.writeUInt32LE(body.length, 16)
  head.writeUInt32LE(crc32(body), 20)
  head.writeUInt32LE(crc32(head.subarray(0, 24)), 24)
  return Buffer.concat([head, body])
}

/** null when it is damaged. */
function decode(bytes: Buffer): Checkpoint | null {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null
  if (crc32(bytes.subarray(0, 24)) !== bytes.readUInt32LE(24)) return null
  const body = bytes.subarray(HEAD_BYTES)
  if (body.length !== bytes.readUInt32LE(16) || crc32(body) !== bytes.readUInt32LE(20)) return null
  // The checksum matched, so this is what `encode` wrote.
  const lines = JSON.parse(body.toString()) as [string, string, number, number, number][]
  const positions = lines.map(([dataSourceId, stream, partition, epoch, next]) => ({
    ...{ dataSourceId, stream, partition, epoch, next },
  }))
  return { upTo: bytes.readDoubleLE(8), positions }
}

function nameOf(number: number): string {
  return `${String(number).padStart(16, '0')}${SUFFIX}`
}

function numberOf(name: string): number | null {
  return /^\d{16}\.positions$/.test(name) ? Number(name.slice(0, -SUFFIX.length)) : null
}
