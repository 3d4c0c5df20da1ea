// The layout of a frame: any text in its head, lengths and sequences up to their ends, and what a newer program wrote.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  decodeHead,
  decodeHeader,
  FRAME_HEADER_BYTES,
  headText,
  newerVersion,
  writeHead,
} from './frame-bytes.ts'
import type { LogDamage } from './event-log.ts'
import { listSegments, segmentName } from './segments.ts'
import { openEventLog } from './open-event-log.ts'
import { openLogReader } from './open-log-reader.ts'
import { frameOf, refsOf, tempDir } from './testing.ts'
import { walkSegment } from './walk-segment.ts'

let folder: Awaited<ReturnType<typeof tempDir>>
beforeEach(async () => {
  folder = await tempDir()
})
afterEach(() => folder.remove())

const BODY = { rowsBytes: 1, refusedBytes: 2, crc: 3 }

test.each(['plain', '', '"\\', '\u0000\n', 'é😀', '\ud800'])(
  'a head holds any text: %j',
  (text) => {
    const {
      rows: _,
      refused: __,
      ...head
    } = frameOf('a', { requestId: text, idempotencyHash: text })
    const written = headText(head)
    const bytes = Buffer.alloc(FRAME_HEADER_BYTES + written.bytes)
    expect(writeHead(bytes, 0, written, 7, BODY)).toBe(bytes.length)
    const header = decodeHeader(bytes)
    expect(header).toMatchObject({ sequence: 7, rowsBytes: 1, refusedBytes: 2, bodyCrc: 3 })
    expect(header && decodeHead(bytes, header)).toEqual(head)
  },
)

const WRAPS = [2 ** 16, 2 ** 31, 2 ** 32]
const around = (value: number): number[] => [-2, -1, 0, 1].map((by) => value + by)

test.each([...WRAPS.flatMap(around), 2 ** 53 - 2, 2 ** 53 - 1])(
  'sequence and lengths of %d are read as they were written',
  (value) => {
    const { rows: _, refused: __, ...head } = frameOf('a')
    const written = headText(head)
    const bytes = Buffer.alloc(FRAME_HEADER_BYTES + written.bytes)
    const length = Math.min(value, 2 ** 32 - 1)
    writeHead(bytes, 0, written, value, { rowsBytes: length, refusedBytes: length, crc: length })
    expect(decodeHeader(bytes)).toMatchObject({
      ...{ sequence: value, rowsBytes: length, refusedBytes: length, bodyCrc: length },
    })
    expect(Number(segmentName(value).slice(0, 20))).toBe(value)
  },
)

test('files named above the last sequence are not part of the log', async () => {
  for (const name of ['99999999999999999999.log', '00009007199254740992.log', '1.log', 'x.log'])
    await writeFile(join(folder.dir, name), 'not ours')
  const log = await openEventLog({ dir: folder.dir })
  expect(await log.append(frameOf('a'))).toBe(1)
  await log.close()
  const files = { names: () => Promise.resolve([segmentName(2 ** 53 - 1), segmentName(2 ** 53)]) }
  expect(await listSegments(files as never)).toHaveLength(1)
})

test('frames are found at places beyond 2^31 and 2^32 of a segment', async () => {
  const { rows, refused: _, ...head } = frameOf('far away')
  const written = headText(head)
  const body = { rowsBytes: rows.length, refusedBytes: 0, crc: crc32(rows) }
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + written.bytes + rows.length)
  rows.copy(bytes, writeHead(bytes, 0, written, 9, body))
  for (const start of [...around(2 ** 31), ...around(2 ** 32)]) {
    // A source of zeros with one frame in it: no disk has to hold them.
    const source = {
      read(position: number, length: number) {
        const wanted = Math.max(0, Math.min(length, start + bytes.length - position))
        const window = Buffer.alloc(wanted)
        if (position + wanted > start)
          bytes.copy(window, Math.max(0, start - position), Math.max(0, position - start))
        return Promise.resolve(window)
      },
    }
    const found = []
    for await (const each of walkSegment(source, start - 10, 'bodies')) found.push(each)
    expect(found.at(-1)).toMatchObject({ kind: 'frame', offset: start, header: { sequence: 9 } })
  }
})

describe('a frame of version 2', () => {
  /** The second of three frames as a program of the next version would have written it. */
  async function withNewer(): Promise<Buffer> {
    const log = await openEventLog({ dir: folder.dir })
    for (const value of ['a', 'b', 'c']) await log.append(frameOf(value))
    await log.close()
    const path = join(folder.dir, segmentName(1))
    const bytes = await readFile(path)
    const header = decodeHeader(bytes)
    const at = bytes.indexOf(Buffer.from([0xf5, 0x53, 0x50]), 10)
    const end = at + FRAME_HEADER_BYTES + (header?.headBytes ?? 0)
    bytes[at + 3] = 2
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 8, end), 2), at + 4)
    await writeFile(path, bytes)
    return bytes.subarray(at, end)
  }

  test('is refused by name at the opening and by the reader, and not told as damage', async () => {
    await withNewer()
    const refusal = {
      code: 'log.unavailable',
      message: expect.stringMatching(/newer version.*2/) as string,
    }
    const damage: LogDamage[] = []
    const onDamage = (found: LogDamage): void => void damage.push(found)
    await expect(openEventLog({ dir: folder.dir, onDamage })).rejects.toMatchObject(refusal)
    const reader = openLogReader({ dir: folder.dir, onDamage })
    await expect(refsOf(reader, 1, 3)).rejects.toMatchObject(refusal)
    await reader.close()
    expect(damage).toEqual([])
  })

  test('is told from a damaged version byte', async () => {
    const bytes = await withNewer()
    expect(newerVersion(bytes)).toBe(2)
    for (const version of [0, 1, 3, 255]) {
      bytes[3] = version
      expect(newerVersion(bytes)).toBeNull()
    }
    const { rows: _, refused: __, ...head } = frameOf('a')
    const written = headText(head)
    const ours = Buffer.alloc(FRAME_HEADER_BYTES + written.bytes)
    writeHead(ours, 0, written, 1, BODY)
    for (let version = 0; version < 256; version += 1) {
      ours[3] = version
      expect(newerVersion(ours)).toBeNull()
    }
  })
})
