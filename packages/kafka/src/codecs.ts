// kafkajs unpacks gzip only, and that without a bound. Producers use any of four codecs, and a batch that cannot be unpacked would stop
// its partition for good; one that unpacks to more than there is memory would stop everything.
import { promisify } from 'node:util'
import { gzip, unzip } from 'node:zlib'

import kafkajs from 'kafkajs'

import { UNPACKED_BYTES_MAX } from './growing-bytes.ts'
import { unpackLz4 } from './unpack-lz4.ts'
import { unpackSnappy } from './unpack-snappy.ts'
import { unpackZstd } from './unpack-zstd.ts'

const pack = promisify(gzip)
const unpack = promisify(unzip)

/** Makes batches packed with gzip, snappy, lz4 and zstd readable, of at most 256 MiB unpacked. Only gzip can be written. Idempotent. */
export function registerCodecs(): void {
  const { CompressionTypes, CompressionCodecs } = kafkajs
  CompressionCodecs[CompressionTypes.GZIP] = () => ({
    compress: ({ buffer }: { readonly buffer: Buffer }) => pack(buffer),
    decompress: (bytes: Buffer) => unpack(bytes, { maxOutputLength: UNPACKED_BYTES_MAX }),
  })
  CompressionCodecs[CompressionTypes.Snappy] = readOnly(unpackSnappy)
  CompressionCodecs[CompressionTypes.LZ4] = readOnly(unpackLz4)
  CompressionCodecs[CompressionTypes.ZSTD] = readOnly(unpackZstd)
}

function readOnly(unpackNow: (bytes: Buffer) => Buffer) {
  return () => ({
    compress: () => Promise.reject(new Error('only gzip can be written')),
    // Not at once: what it throws is a rejection.
    decompress: async (bytes: Buffer) => Promise.resolve(unpackNow(bytes)),
  })
}
