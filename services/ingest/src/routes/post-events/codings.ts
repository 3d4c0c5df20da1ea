// The content codings of a body, one at a time: what is packed twice is refused, and so is what nobody knows.
import type { Transform } from 'node:stream'
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzipSync,
  inflateSync,
} from 'node:zlib'
import { fault } from '@sandpiper/faults'
import { ZstdUnpacker } from './zstd-unpacker.ts'

export interface Coding {
  /** @param onKept told of the memory it takes beside what it gives out; what it throws ends the unpacking. */
  createUnpacker(onKept: (bytes: number) => void): Transform
  /** All at once; null when this coding cannot. @throws Error `ERR_BUFFER_TOO_LARGE` above `bytesMax`. */
  unpackSync(packed: Buffer, bytesMax: number): Buffer | null
}

/** Fewer, larger pieces: each costs a turn of the loop. */
const chunkSize = 64 * 1024

const GZIP: Coding = {
  createUnpacker: () => createGunzip({ chunkSize }),
  unpackSync: (packed, maxOutputLength) => gunzipSync(packed, { maxOutputLength }),
}
const CODINGS: Readonly<Record<string, Coding>> = {
  gzip: GZIP,
  'x-gzip': GZIP,
  deflate: {
    createUnpacker: () => createInflate({ chunkSize }),
    unpackSync: (packed, maxOutputLength) => inflateSync(packed, { maxOutputLength }),
  },
  br: {
    createUnpacker: () => createBrotliDecompress({ chunkSize }),
    unpackSync: (packed, maxOutputLength) => brotliDecompressSync(packed, { maxOutputLength }),
  },
  zstd: {
    createUnpacker: (onKept) => new ZstdUnpacker(onKept),
    unpackSync: () => null,
  },
}

/** The coding a Content-Encoding names; null for none. @throws fault `request.invalid` (400) for another or more than one. */
export function codingOf(header: string | undefined): Coding | null {
  if (header === undefined) return null
  const name = header.trim().toLowerCase()
  if (name === '' || name === 'identity') return null
  const coding = Object.hasOwn(CODINGS, name) ? CODINGS[name] : undefined
  if (coding !== undefined) return coding
  throw fault('request.invalid', {
    public: `Content-Encoding '${name.slice(0, 50)}' is not supported: send the body as it is or with one of gzip, deflate, br, zstd.`,
  })
}
