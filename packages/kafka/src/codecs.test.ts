// What a batch becomes is bounded, however small it came; `zstd` packed the short one.
import { gzipSync } from 'node:zlib'
import kafkajs from 'kafkajs'
import { describe, expect, test } from 'vitest'

import { registerCodecs } from './codecs.ts'

registerCodecs()
const { CompressionCodecs, CompressionTypes } = kafkajs
const codec = (type: kafkajs.CompressionTypes) =>
  (
    CompressionCodecs as Record<
      number,
      () => {
        compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
        decompress(bytes: Buffer): Promise<Buffer>
      }
    >
  )[type]!()
const gzip = codec(CompressionTypes.GZIP)
const zstd = codec(CompressionTypes.ZSTD)

/** A frame of so many blocks of 128 KiB, each one byte that is repeated. @param window its descriptor: 2^(10 + a) for a * 8. */
function zstdFrame(blocks: number, window: number): Buffer {
  const bytes = Buffer.alloc(6 + blocks * 4)
  bytes.set([0x28, 0xb5, 0x2f, 0xfd, 0, window])
  for (let index = 0; index < blocks; index += 1) {
    const isLast = index === blocks - 1
    bytes.writeUIntLE((131_072 << 3) | (1 << 1) | Number(isLast), 6 + index * 4, 3)
    bytes.writeUInt8(0x61, 9 + index * 4)
  }
  return bytes
}

describe('gzip', () => {
  test('gives back what was packed', async () => {
    const packed = await gzip.compress({ buffer: Buffer.from('some records') })
    expect((await gzip.decompress(packed)).toString()).toBe('some records')
  })

  test('a batch that would become more than 256 MiB is refused', async () => {
    const member = gzipSync(Buffer.alloc(16 * 1024 * 1024))
    const bomb = Buffer.concat(Array.from({ length: 17 }, () => member))
    await expect(gzip.decompress(bomb)).rejects.toThrow('larger than 268435456')
  })
})

describe('zstd', () => {
  test('unpacks frames that say their size and frames that do not, one after the other, and passes over what is to be skipped', async () => {
    const text = 'some records, some records, some records'
    const sized = Buffer.from(SIZED, 'base64')
    const streamed = Buffer.from(STREAMED, 'base64')
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9])
    const unpacked = await zstd.decompress(Buffer.concat([sized, skipped, streamed]))
    expect(unpacked.toString()).toBe(text + text)
    const repeated = await zstd.decompress(zstdFrame(3, 0x38))
    expect(repeated.equals(Buffer.alloc(3 * 131_072, 'a'))).toBe(true)
  })

  test('a batch that would become more than 256 MiB is refused, in one frame or in many', async () => {
    const tooLarge = 'a packed batch is too large'
    await expect(zstd.decompress(zstdFrame(2_049, 0x38))).rejects.toThrow(tooLarge)
    const frames = Array.from({ length: 33 }, () => zstdFrame(64, 0x38))
    await expect(zstd.decompress(Buffer.concat(frames))).rejects.toThrow(tooLarge)
    const said = Buffer.from('28b52ffda000000020010000', 'hex')
    await expect(zstd.decompress(said)).rejects.toThrow(tooLarge)
  })

  test('a window of gigabytes is made no larger than what comes out', async () => {
    const before = process.memoryUsage().arrayBuffers
    expect((await zstd.decompress(zstdFrame(1, 0xa8))).length).toBe(131_072)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
  })

  test('a small batch of so many blocks that its window is moved without end is refused', async () => {
    await expect(zstd.decompress(zstdFrame(1_000, 0x88))).rejects.toThrow(
      'a packed batch is too large',
    )
  })
})

const SIZED = 'KLUv/SQopQAAcHNvbWUgcmVjb3JkcywgAQBhTyU3FjdJ'
const STREAMED = 'KLUv/QRYpQAAcHNvbWUgcmVjb3JkcywgAQBhTyU3FjdJ'
