// The body of a request, whole or not at all. Decompression is bounded while it runs: a bomb is stopped at its first mebibyte, not
// when the memory is full.
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { Fault, fault } from '@sandpiper/faults'
import type { ByteShare } from '../../byte-budget.ts'
import type { IngestLimits } from '../../ingest-deps.ts'
import { codingOf, type Coding } from './codings.ts'

const INFLATION_JUDGED_FROM_BYTES = 1024 * 1024
/** A body that fits into the first packets: it has arrived by the time it is asked for. */
const SMALL_BYTES_MAX = 64 * 1024
/** Unpacking so little takes less than a thread's hand-over costs. */
const AT_ONCE_BYTES_MAX = 16 * 1024

type BodyLimits = Pick<IngestLimits, 'bodyBytesMax' | 'inflationMax'>

/** What the headers say about the body. */
export interface BodyShape {
  readonly coding: Coding | null
  /** Its length is known, and little. */
  readonly isSmall: boolean
}

export interface ReceivedBody {
  /** Decompressed. */
  readonly chunks: readonly Buffer[]
  /** Of the chunks together. */
  readonly bytes: number
  /** As sent. */
  readonly receivedBytes: number
}

/** @throws fault `request.too_large` (413) when more is announced than is taken | `request.invalid` (400) for another or a nested coding. */
export function bodyShapeOf(req: IncomingMessage, limits: BodyLimits): BodyShape {
  const coding = codingOf(req.headers['content-encoding'])
  const announced = req.headers['content-length']
  if (announced === undefined) return { coding, isSmall: false }
  // The parser has let nothing through but digits.
  const length = Number(announced)
  if (length > limits.bodyBytesMax) throw tooLarge(limits.bodyBytesMax)
  return { coding, isSmall: length <= SMALL_BYTES_MAX }
}

/**
 * Reads the body, decompressed as its coding says.
 * @param share takes every byte that is kept in memory.
 * @throws fault `request.too_large` (413) above a limit | `request.invalid` (400) for a damaged or a broken-off body | `server.busy` (503)
 * when the share may not grow. What is left of the body is then still to be read.
 */
export async function readBody(
  req: IncomingMessage,
  shape: BodyShape,
  limits: BodyLimits,
  share: ByteShare,
): Promise<ReceivedBody> {
  const { coding } = shape
  if (coding !== null && !shape.isSmall) return unpack(req, coding, limits, share)
  const chunks = await collect(req, limits, share)
  const bytes = sizeOf(chunks)
  if (coding === null || bytes === 0) return { chunks, bytes, receivedBytes: bytes }
  const packed = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
  const plain = bytes <= AT_ONCE_BYTES_MAX ? unpackAtOnce(packed, coding) : null
  if (plain === null) return unpack(Readable.from([packed]), coding, limits, share)
  share.take(plain.length)
  return { chunks: [plain], bytes: plain.length, receivedBytes: bytes }
}

/** Every byte as it was sent. */
async function collect(
  req: IncomingMessage,
  limits: BodyLimits,
  share: ByteShare,
): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  let bytes = 0
  await arrival(req, (chunk) => {
    bytes += chunk.length
    if (bytes > limits.bodyBytesMax) throw tooLarge(limits.bodyBytesMax)
    share.take(chunk.length)
    chunks.push(chunk)
  }).ended
  return chunks
}

/** Unpacks while the body arrives; the source waits while the unpacking does. */
async function unpack(
  source: Readable,
  coding: Coding,
  limits: BodyLimits,
  share: ByteShare,
): Promise<ReceivedBody> {
  const chunks: Buffer[] = []
  let receivedBytes = 0
  let bytes = 0
  const unpacker = coding.createUnpacker((kept) => {
    share.take(kept)
  })
  const arriving = arrival(source, (chunk) => {
    receivedBytes += chunk.length
    if (receivedBytes > limits.bodyBytesMax) throw tooLarge(limits.bodyBytesMax)
    if (!unpacker.write(chunk)) source.pause()
  })
  unpacker.on('drain', () => source.resume())
  const unpacking = arrival(unpacker, (chunk) => {
    bytes += chunk.length
    if (bytes > limits.bodyBytesMax) throw tooLarge(limits.bodyBytesMax)
    if (bytes > INFLATION_JUDGED_FROM_BYTES && bytes > receivedBytes * limits.inflationMax)
      throw tooInflated(limits.inflationMax)
    share.take(chunk.length)
    chunks.push(chunk)
  })
  try {
    await Promise.all([arriving.ended.then(() => unpacker.end()), unpacking.ended])
    return { chunks, bytes, receivedBytes }
  } finally {
    arriving.stop()
    unpacking.stop()
    // What it still has to say is of no interest, but would end the process if nobody listened.
    unpacker.on('error', () => undefined).destroy()
  }
}

interface Arrival {
  /** Rejects with what `take` throws, and when the source breaks off; the source then stays where it was. */
  readonly ended: Promise<void>
  stop(): void
}

function arrival(source: Readable, take: (chunk: Buffer) => void): Arrival {
  let stop = (): void => undefined
  const ended = new Promise<void>((resolve, reject) => {
    const onEnd = (): void => {
      stop()
      resolve()
    }
    const onError = (err: unknown): void => {
      stop()
      reject(bodyFault(err))
    }
    const onClose = (): void => {
      onError(new Error('closed'))
    }
    const onData = (chunk: Buffer): void => {
      try {
        take(chunk)
      } catch (err) {
        source.pause()
        onError(err)
      }
    }
    stop = () => {
      source.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
    }
    // A client that went away before anybody listened is not told of again.
    if (source.destroyed) onClose()
    else source.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
  })
  return {
    ended,
    stop: () => {
      stop()
    },
  }
}

/** Unpacks a little on the spot; null when it grows too large for that, and is to be judged like the others. */
function unpackAtOnce(packed: Buffer, coding: Coding): Buffer | null {
  try {
    return coding.unpackSync(packed, INFLATION_JUDGED_FROM_BYTES)
  } catch (err) {
    if (codeOf(err) === 'ERR_BUFFER_TOO_LARGE') return null
    throw bodyFault(err)
  }
}

function sizeOf(chunks: readonly Buffer[]): number {
  let bytes = 0
  for (const chunk of chunks) bytes += chunk.length
  return bytes
}

function bodyFault(err: unknown): Fault {
  if (err instanceof Fault) return err
  const code = codeOf(err)
  const isDamaged =
    code.startsWith('Z_') || code.startsWith('ERR__ERROR_') || code.startsWith('ERR_BROTLI')
  const text = isDamaged
    ? 'The compressed body is damaged or cut off.'
    : 'The body broke off before its end. Nothing was stored.'
  return fault('request.invalid', { public: text, cause: err })
}

function codeOf(err: unknown): string {
  return err instanceof Error && 'code' in err ? String(err.code) : ''
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
