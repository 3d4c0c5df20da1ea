// The bytes of a file, unpacked when they are gzip. A small file can unpack to terabytes: what comes out is bounded by its size and by how
// many times it is larger than what went in, while it streams.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'

import { Fault, fault } from '@sandpiper/faults'

/** Bounds of what comes out. */
export interface UnpackLimits {
  /** Bytes of one file, unpacked. */
  readonly unpackedBytesMax: number
  /** How many times larger than packed, counted from `RATIO_FROM_BYTES` on. */
  readonly unpackRatioMax: number
}

const RATIO_FROM_BYTES = 64 * 1024 * 1024
const PIECE_BYTES = 64 * 1024

/** Whether bytes begin like gzip. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

/** The first bytes of a file, as they stand on disk. */
export async function fileHead(path: string, length: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const head = Buffer.alloc(length)
    const { bytesRead } = await file.read(head, 0, length, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Streams a file. @throws fault `request.invalid` for broken gzip or gzip in gzip | `request.too_large`. */
export async function* unpackedBytes(
  path: string,
  limits: UnpackLimits,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const isPacked = isGzip(await fileHead(path, 2))
  const raw = createReadStream(path, { highWaterMark: PIECE_BYTES })
  const stream = isPacked ? raw.pipe(createGunzip({ chunkSize: PIECE_BYTES })) : raw
  raw.on('error', (err) => stream.destroy(err))
  let bytes = 0
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      signal?.throwIfAborted()
      if (isPacked && bytes === 0 && isGzip(piece))
        throw fault('request.invalid', { public: 'The file is packed twice: unpack it once.' })
      bytes += piece.length
      if (bytes > limits.unpackedBytesMax) throw tooLarge(limits.unpackedBytesMax)
      const isBomb =
        isPacked && bytes > RATIO_FROM_BYTES && bytes > raw.bytesRead * limits.unpackRatioMax
      if (isBomb)
        throw fault('request.too_large', {
          public: `The file unpacks to more than ${limits.unpackRatioMax} times its size.`,
        })
      yield piece
    }
  } catch (err) {
    throw isPacked && isBroken(err)
      ? fault('request.invalid', { public: 'The file is not valid gzip.', cause: err })
      : err
  } finally {
    raw.destroy()
    stream.destroy()
  }
}

function isBroken(err: unknown): boolean {
  return (
    !(err instanceof Fault) && err instanceof Error && 'code' in err && /^Z_/.test(String(err.code))
  )
}

function tooLarge(bytesMax: number): Error {
  return fault('request.too_large', {
    public: `The file has more than ${bytesMax} bytes unpacked. Split it into several files.`,
  })
}
