// kafkajs unpacks gzip only. Producers use any of four codecs, and a batch that cannot be unpacked would stop its partition for good.
import kafkajs from 'kafkajs'
import { decompress as unpackZstd } from 'fzstd'

import { unpackLz4 } from './unpack-lz4.ts'
import { unpackSnappy } from './unpack-snappy.ts'

/** Makes batches packed with snappy, lz4 and zstd readable. Writing with them is not supported. Idempotent. */
export function registerCodecs(): void {
  const { CompressionTypes, CompressionCodecs } = kafkajs
  const codec = (unpack: (bytes: Buffer) => Uint8Array) => () => ({
    compress: () => Promise.reject(new Error('only gzip can be written')),
    decompress: (bytes: Buffer) => Promise.resolve(asBuffer(unpack(bytes))),
  })
  CompressionCodecs[CompressionTypes.Snappy] = codec(unpackSnappy)
  CompressionCodecs[CompressionTypes.LZ4] = codec(unpackLz4)
  CompressionCodecs[CompressionTypes.ZSTD] = codec((bytes) => unpackZstd(bytes))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
