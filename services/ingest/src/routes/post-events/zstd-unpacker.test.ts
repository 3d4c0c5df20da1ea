import { describe, expect, test } from 'vitest'
import {
  ZSTD_BEST,
  ZSTD_FAST,
  ZSTD_LONG_WINDOW,
  zstdLines,
  zstdRepeats,
} from '../../testing/zstd-fixtures.ts'
import { ZstdUnpacker } from './zstd-unpacker.ts'

const SKIPPABLE = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 0x03, 0x00, 0x00, 0x00, 1, 2, 3])

/** Unpacks what comes in pieces of so many bytes. */
async function unpacked(
  packed: Buffer,
  piece = packed.length,
): Promise<{ text: string; kept: number }> {
  let kept = 0
  const unpacker = new ZstdUnpacker((bytes) => (kept += bytes))
  const chunks: Buffer[] = []
  unpacker.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise((resolve, reject) =>
    unpacker.once('end', resolve).once('error', reject),
  )
  for (let at = 0; at < packed.length; at += piece) unpacker.write(packed.subarray(at, at + piece))
  unpacker.end()
  await ended
  return { text: Buffer.concat(chunks).toString(), kept }
}

describe('what the zstd command packs comes out as it was', () => {
  test.each([
    ['with a checksum', ZSTD_FAST],
    ['at the highest level', ZSTD_BEST],
  ])('%s, whole or byte by byte', async (_, packed) => {
    for (const piece of [packed.length, 100, 1])
      expect((await unpacked(packed, piece)).text).toBe(zstdLines())
  })

  test('several frames, and frames to be skipped between them', async () => {
    const packed = Buffer.concat([
      SKIPPABLE,
      ZSTD_FAST,
      SKIPPABLE,
      ZSTD_BEST,
      zstdRepeats('x', [3]),
    ])
    for (const piece of [packed.length, 1])
      expect((await unpacked(packed, piece)).text).toBe(`${zstdLines()}${zstdLines()}xxx`)
  })

  test('frames smaller than the decompressor looks at, and empty ones', async () => {
    expect((await unpacked(zstdRepeats('y', [1]))).text).toBe('y')
    expect((await unpacked(zstdRepeats('y', [0]))).text).toBe('')
  })
})

describe('refused', () => {
  const damaged = 'The compressed body is damaged or cut off.'
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('{"n":1}\n'.repeat(10))],
    ['a frame cut off in its head', ZSTD_FAST.subarray(0, 5)],
    ['a frame cut off in a block', ZSTD_FAST.subarray(0, -20)],
    ['a checksum cut off', ZSTD_FAST.subarray(0, -1)],
    ['something behind the frame', Buffer.concat([ZSTD_BEST, Buffer.from('rest.')])],
    ['a damaged block', Buffer.concat([ZSTD_BEST.subarray(0, 30), Buffer.alloc(2_000, 0xff)])],
    ['a block of a kind there is not', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50, 7, 0, 0, 0])],
  ])('%s', async (_, packed) => {
    await expect(unpacked(packed)).rejects.toThrow(damaged)
  })

  test('a window above 8 MiB, before any memory is taken for it', async () => {
    let kept = 0
    const unpacker = new ZstdUnpacker((bytes) => (kept += bytes))
    const failed = new Promise((_resolve, reject) => unpacker.once('error', reject))
    unpacker.write(ZSTD_LONG_WINDOW)
    await expect(failed).rejects.toThrow('needs a window of 134217728 bytes')
    expect(kept).toBe(0)
  })

  test('a dictionary', async () => {
    const packed = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x50, 9, 1, 0, 0])
    await expect(unpacked(packed)).rejects.toThrow('needs a dictionary')
  })

  test('blocks so small that moving the window is all the work', async () => {
    const packed = zstdRepeats('x', new Array<number>(40_000).fill(1))
    // A window of 8 MiB.
    packed[5] = 0x68
    await expect(unpacked(packed)).rejects.toThrow('too many small zstd blocks')
  })
})

test('the memory of the window is told, and what a frame becomes comes block by block', async () => {
  const { text, kept } = await unpacked(zstdRepeats('z', [131_072, 131_072, 5]))
  expect([text.length, kept]).toEqual([262_149, 1_048_576])
})
