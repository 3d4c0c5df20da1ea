// The body of a request, whole or not at all. Decompression is bounded while it runs: a bomb is stopped at its first mebibyte, not
// when the memory is full.
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { Fault, fault } from '@sandpiper/faults'
import type { ByteShare } from '../../byte-budget.ts'
import type { IngestLimits } from '../../ingest-deps.ts'

const DECODERS = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const
const INFLATION_JUDGED_FROM_BYTES = 1024 * 1024
const SMALL_BYTES_MAX = 64 * 1024
const COPY_SLICE_BYTES = 4 * 1024 * 1024

/**
 * Reads the body, decompressed as Content-Encoding says.
 * @param share takes every byte that is kept in memory.
 * @throws fault `request.too_large` (413) above a limit | `request.invalid` (400) for another encoding, a damaged or a broken-off body |
 * `server.busy` (503) when the share may not grow.
 */
export async function readBody(
  request: Request,
  limits: Pick<IngestLimits, 'bodyBytesMax' | 'inflationMax'>,
  share: ByteShare,
): Promise<Buffer> {
  const decoder = decoderFor(request.headers.get('content-encoding'))
  if (Number(request.headers.get('content-length') ?? 0) > limits.bodyBytesMax)
    throw tooLarge(limits.bodyBytesMax)
  if (decoder === null && isSmall(request)) return readSmall(request, share)
  if (request.body === null) return Buffer.alloc(0)
  const chunks: Buffer[] = []
  let received = 0
  let kept = 0

  async function* arriving(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      received += chunk.byteLength
      if (received > limits.bodyBytesMax) throw tooLarge(limits.bodyBytesMax)
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    }
  }

  async function keep(source: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of source) {
      kept += chunk.length
      if (kept > limits.bodyBytesMax) throw tooLarge(limits.bodyBytesMax)
      if (kept > INFLATION_JUDGED_FROM_BYTES && kept > received * limits.inflationMax)
        throw tooInflated(limits.inflationMax)
      share.take(chunk.length)
      chunks.push(chunk)
    }
  }

  const body = request.body as unknown as AsyncIterable<Uint8Array>
  try {
    if (decoder === null) await keep(arriving(body))
    else await pipeline(arriving(body), decoder(), keep)
  } catch (error) {
    throw bodyFault(error)
  }
  return joined(chunks, kept)
}

/** Whether the body's length is known and small: node:http lets no more through, and reading it at once costs a fraction. */
function isSmall(request: Request): boolean {
  const length = request.headers.get('content-length')
  return length !== null && /^\d+$/.test(length) && Number(length) <= SMALL_BYTES_MAX
}

async function readSmall(request: Request, share: ByteShare): Promise<Buffer> {
  share.take(Number(request.headers.get('content-length')))
  try {
    return Buffer.from(await request.arrayBuffer())
  } catch (error) {
    throw bodyFault(error)
  }
}

function decoderFor(header: string | null): (typeof DECODERS)[keyof typeof DECODERS] | null {
  const encoding = (header ?? '').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return null
  if (Object.hasOwn(DECODERS, encoding)) return DECODERS[encoding as keyof typeof DECODERS]
  throw fault('request.invalid', {
    public: `Content-Encoding '${encoding.slice(0, 50)}' is not supported: send the body as it is or with one of gzip, deflate, br.`,
  })
}

/** One buffer, copied in slices so that a large body does not hold up the loop. */
async function joined(chunks: readonly Buffer[], bytes: number): Promise<Buffer> {
  const [first] = chunks
  if (first !== undefined && chunks.length === 1) return first
  const whole = Buffer.allocUnsafe(bytes)
  let at = 0
  let sliceEnd = COPY_SLICE_BYTES
  for (const chunk of chunks) {
    at += chunk.copy(whole, at)
    if (at < sliceEnd) continue
    sliceEnd = at + COPY_SLICE_BYTES
    await nextTurn()
  }
  return whole
}

function bodyFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const isDamaged =
    code.startsWith('Z_') || code.startsWith('ERR__ERROR_FORMAT') || code.startsWith('ERR_BROTLI')
  const text = isDamaged
    ? 'The compressed body is damaged or cut off.'
    : 'The body broke off before its end. Nothing was stored.'
  return fault('request.invalid', { public: text, cause: error })
}

function tooLarge(bytesMax: number): Fault {
  return fault('request.too_large', {
    public: `The body is larger than ${bytesMax} bytes. Split it into several requests.`,
  })
}

function tooInflated(times: number): Fault {
  return fault('request.too_large', {
    public: `The compressed body grows to more than ${times} times its size.`,
  })
}
