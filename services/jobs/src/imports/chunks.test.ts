import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'

import { compileSchema } from '@sandpiper/rows'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { CHUNK_LIMITS, chunksOf, type Chunk } from './chunks.ts'
import { createImportFolder } from './import-folder.ts'
import { lineBlocks, smallPieces } from './line-blocks.ts'
import { ndjsonRows } from './ndjson-rows.ts'
import { unpackedBytes } from './unpacked-bytes.ts'

const COLUMNS = [{ name: 'a', type: 'UInt32', jsonPath: '$.a', default: null, codec: null }]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sp-chunks-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

function* rowsText(rows: number): Generator<Buffer> {
  for (let row = 0; row < rows; row += 1_000) {
    const lines = Array.from({ length: 1_000 }, (_, index) => `{"a":${row + index}}\n`)
    yield Buffer.from(lines.join(''))
  }
}

async function chunks(
  pieces: Iterable<Buffer>,
  gauge = { bytes: 0, highest: 0 },
  limits = CHUNK_LIMITS,
): Promise<(Omit<Chunk, 'rows' | 'refused'> & { rows: number })[]> {
  const decoder = compileSchema(COLUMNS)
  const rows = ndjsonRows(lineBlocks(Readable.from(pieces), 10), () => decoder)
  const found = []
  for await (const chunk of chunksOf(rows, () => Promise.resolve(1), gauge, limits))
    found.push({ ...chunk, rows: chunk.rows.length, refused: null })
  return found
}

describe('chunks of a file', () => {
  it('end at the same places each time it is read, and hold every row once', async () => {
    const once = await chunks(rowsText(50_000))
    expect(await chunks(rowsText(50_000))).toEqual(once)
    expect(once.length).toBeGreaterThan(2)
    expect(once.reduce((sum, each) => sum + each.rowCount, 0)).toBe(50_000)
    expect(once.every((each, index) => each.start === (once[index - 1]?.end ?? 0))).toBe(true)
    expect(new Set(once.map((each) => each.name)).size).toBe(once.length)
  })

  it('end at the same places however fast the file is unpacked and in what pieces it comes', async () => {
    const path = join(folder, 'again.gz')
    const text = Buffer.concat([...rowsText(200_000)])
    await writeFile(path, gzipSync(text))
    const limits = { unpackedBytesMax: 200_000_000, unpackRatioMax: 250 }
    const ends = async (pieces: AsyncIterable<Uint8Array>, isSlow: boolean): Promise<number[]> => {
      const found: number[] = []
      for await (const { end } of lineBlocks(smallPieces(pieces), 10)) {
        found.push(end)
        // The unpacking goes on meanwhile, and has more to give when it is asked again.
        for (let turn = 0; isSlow && turn < 20; turn += 1) await new Promise(setImmediate)
      }
      return found
    }
    const once = await ends(unpackedBytes(path, limits), false)
    expect(once.length).toBeGreaterThan(10)
    expect(await ends(unpackedBytes(path, limits), true)).toEqual(once)
    const odd = Array.from({ length: Math.ceil(text.length / 70_001) }, (_, at) =>
      text.subarray(at * 70_001, (at + 1) * 70_001),
    )
    expect(await ends(Readable.from(odd), false)).toEqual(once)
  })

  it('keep as little of a large file in memory as of a small one', async () => {
    const small = { bytes: 0, highest: 0 }
    const large = { bytes: 0, highest: 0 }
    await chunks(rowsText(100_000), small)
    await chunks(rowsText(1_000_000), large)
    expect(large.highest).toBeLessThanOrEqual(small.highest * 1.1)
    expect(large).toMatchObject({ bytes: 0 })
  })

  it('have parts when refusals outgrow a frame', async () => {
    const limits = { ...CHUNK_LIMITS, frameBytesMax: 100_000 }
    const found = await chunks(
      [Buffer.from('1\n'.repeat(10_000))],
      { bytes: 0, highest: 0 },
      limits,
    )
    expect(found.map((each) => each.name)).toEqual(found.map((_, index) => `0.${index}`))
    expect(found.length).toBeGreaterThan(5)
    expect(found.reduce((sum, each) => sum + each.refusedCount, 0)).toBe(10_000)
  })
})

describe('lines', () => {
  const read = async (pieces: readonly Buffer[]): Promise<string[]> => {
    const decoder = compileSchema(COLUMNS)
    const lines: string[] = []
    for await (const block of ndjsonRows(lineBlocks(Readable.from(pieces), 10), () => decoder))
      for (const rows of block.rows) lines.push(...rows.map((each) => each?.json ?? ''))
    return lines
  }

  it('are the same wherever the bytes are cut, with a mark at the start and without an end', async () => {
    const text = Buffer.from('\ufeff{"a":1}\r\n\n{"a":2}\n{"a":3}')
    const whole = ['{"a":1}', '{"a":2}', '{"a":3}']
    for (let cut = 1; cut < text.length; cut += 1)
      expect(await read([text.subarray(0, cut), text.subarray(cut)])).toEqual(whole)
  })

  it('that are too long or no text are refused, and those around them taken', async () => {
    const long = Array.from({ length: 6 }, () => Buffer.alloc(1_000_000, 'x'))
    const lines = await read([
      ...[Buffer.from('{"a":1}\n'), ...long, Buffer.from('\n{"a":2}\n')],
      ...[Buffer.from([0x22, 0xff, 0x22, 10]), Buffer.from('{"a":3}\n')],
    ])
    expect(lines.filter((each) => !each.includes('c__error'))).toEqual([
      '{"a":1}',
      '{"a":2}',
      '{"a":3}',
    ])
    expect(lines[1]).toContain('a line of 6000000 bytes')
    expect(lines[3]).toContain('not valid UTF-8')
  })
})

describe('unpacking', () => {
  const limits = { unpackedBytesMax: 200_000_000, unpackRatioMax: 250 }
  const length = async (bytes: Buffer, given = limits): Promise<number> => {
    const path = join(folder, 'packed')
    await writeFile(path, bytes)
    let found = 0
    for await (const piece of unpackedBytes(path, given)) found += piece.length
    return found
  }

  it('gives what was packed, and plain files as they are', async () => {
    expect(await length(gzipSync(Buffer.alloc(100_000, 'ab')))).toBe(100_000)
    expect(await length(Buffer.from('plain'))).toBe(5)
  })

  it('ends early for a bomb, by its size and by its ratio', async () => {
    const bomb = gzipSync(Buffer.alloc(150_000_000))
    await expect(length(bomb)).rejects.toMatchObject({ code: 'request.too_large' })
    const small = { ...limits, unpackedBytesMax: 1_000_000 }
    await expect(length(bomb, small)).rejects.toMatchObject({ code: 'request.too_large' })
  })

  it('refuses what is broken, cut, or packed twice', async () => {
    const good = gzipSync(Buffer.from('x'.repeat(1_000)))
    for (const bytes of [
      good.subarray(0, -9),
      Buffer.concat([good.subarray(0, 15), Buffer.alloc(9)]),
      gzipSync(good),
    ])
      await expect(length(bytes)).rejects.toMatchObject({ code: 'request.invalid' })
  })
})

describe('the folder of files', () => {
  const NAME = '00000000-0000-4000-8000-000000000001.00000000-0000-4000-8000-000000000002'
  const limits = { bytesMax: 10, freeBytesMin: 0, receivingMax: 1 }

  it('keeps whole files only, and at its start removes what was never whole', async () => {
    const dir = join(folder, 'files')
    const files = createImportFolder(dir, limits)
    expect(await files.receive(NAME, Readable.from([Buffer.from('12345')]))).toEqual({ bytes: 5 })
    await expect(
      files.receive(`${NAME}.rows`, Readable.from([Buffer.alloc(6), Buffer.alloc(6)])),
    ).rejects.toMatchObject({ code: 'request.too_large' })
    expect(await readdir(dir)).toEqual([NAME])
    await writeFile(join(dir, `${NAME}.part`), 'half')
    expect(await createImportFolder(dir, limits).begin()).toEqual([NAME])
    expect(await readdir(dir)).toEqual([NAME])
    await files.remove(NAME)
    expect(await readdir(dir)).toEqual([])
  })

  it('takes a bounded number of files at once, and leaves room on the disk', async () => {
    const files = createImportFolder(join(folder, 'busy'), limits)
    let end: () => void = () => undefined
    const never = (async function* () {
      yield Buffer.from('1')
      await new Promise<void>((resolve) => (end = resolve))
    })()
    const first = files.receive(NAME, never)
    await expect(files.receive(NAME, never)).rejects.toMatchObject({ code: 'limit.rate' })
    while (files.receiving() === 1) {
      end()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await first
    expect(await files.receive(NAME, Readable.from([]))).toEqual({ bytes: 0 })
    const full = createImportFolder(join(folder, 'full'), { ...limits, freeBytesMin: 1e18 })
    await expect(full.receive(NAME, Readable.from([]))).rejects.toMatchObject({
      code: 'storage.full',
    })
  })

  it('keeps places for other workspaces, however slowly one sends its files', async () => {
    const files = createImportFolder(join(folder, 'shared'), { ...limits, receivingMax: 4 })
    const ends: (() => void)[] = []
    const slow = (): Readable => {
      const stream = new Readable({ read: () => undefined })
      ends.push(() => stream.push(null))
      return stream
    }
    const mine = [1, 2, 3].map((n) => files.receive(`${NAME.slice(0, -1)}${n}`, slow()))
    await expect(files.receive(NAME, slow())).rejects.toMatchObject({ code: 'limit.rate' })
    const other = NAME.replace('1.', '9.')
    expect(await files.receive(other, Readable.from([]))).toEqual({ bytes: 0 })
    for (const end of ends) end()
    await Promise.all(mine)
    expect(await files.receive(NAME, Readable.from([]))).toEqual({ bytes: 0 })
  })
})
