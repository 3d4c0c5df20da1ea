// Holds the beginning of an answer back until it is known to be good: to its end, or to the first 1 MiB. An error that
// comes later destroys the stream, so that a truncated body never looks complete (design.md, the way of a query).
import { readClickHouseError } from './clickhouse-error.ts'
import { faultOfEngine, faultOfResultSize } from './errors.ts'

/** Bytes held before the status line may go out. */
export const HEAD_BYTES_MAX = 1_048_576

/** The beginning of an answer, known to be good. */
export interface HeldHead {
  readonly held: readonly Uint8Array[]
  /** null when the answer ended within the held part. */
  readonly rest: AsyncIterator<Uint8Array> | null
}

/**
 * Reads up to HEAD_BYTES_MAX, or to the end when that comes first.
 * @param options.bytesMax bytes of the whole answer; one more ends it with engine code 396. The engine's own max_result_bytes counts a constant column once.
 * @param options.exceptionTag value of `X-ClickHouse-Exception-Tag`: a server that fails after its head went out ends the body with a block marked so.
 * @throws what the body throws, and the engine's fault, while the head is held. Later `rest` throws the same.
 * Source: ClickHouse HTTP interface, exceptions during streaming, read 2026-11.
 */
export async function holdHead(
  body: AsyncIterable<Uint8Array>,
  options: { readonly exceptionTag?: string | undefined; readonly bytesMax?: number } = {},
): Promise<HeldHead> {
  const { exceptionTag, bytesMax = Infinity } = options
  const whole = exceptionTag === undefined ? body : refuseException(body, exceptionTag)
  const source = bytesMax === Infinity ? whole : refuseExcess(whole, bytesMax)
  const rest = source[Symbol.asyncIterator]()
  const held: Uint8Array[] = []
  let bytes = 0
  while (bytes < HEAD_BYTES_MAX) {
    const next = await rest.next()
    if (next.done === true) return { held, rest: null }
    held.push(next.value)
    bytes += next.value.byteLength
  }
  return { held, rest }
}

/**
 * Bytes kept back until more follow. The engine closes a JSON document properly before it tells of an error: those last
 * bytes (rows, statistics, brackets) must not go out, for some readers take what parses.
 */
const KEPT_BACK_BYTES = 4_096

// Passes all but the last bytes through, and turns the marked block into the error it holds.
// The server cuts the connection behind the block, so a broken body is expected once the marker was seen.
async function* refuseException(
  body: AsyncIterable<Uint8Array>,
  tag: string,
): AsyncGenerator<Uint8Array> {
  const marker = Buffer.from(`__exception__\r\n${tag}\r\n`)
  let kept: Buffer = Buffer.alloc(0)
  let failed = false
  try {
    for await (const chunk of body) {
      kept = kept.length === 0 ? Buffer.from(chunk) : Buffer.concat([kept, chunk])
      if (!failed) {
        const at = kept.indexOf(marker)
        failed = at >= 0
        if (failed) kept = kept.subarray(at + marker.length)
      }
      if (failed || kept.length <= KEPT_BACK_BYTES) continue
      const sure = kept.length - KEPT_BACK_BYTES
      yield kept.subarray(0, sure)
      kept = kept.subarray(sure)
    }
  } catch (err) {
    if (!failed) throw err
  }
  if (failed) throw faultOfEngine(readClickHouseError(exceptionText(kept.toString('utf8'), tag)))
  if (kept.length > 0) yield kept
}

async function* refuseExcess(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > bytesMax) throw faultOfResultSize(bytesMax)
    yield chunk
  }
}

// `<message>\r\n<length> <tag>\r\n__exception__\r\n`
function exceptionText(block: string, tag: string): string {
  const end = block.lastIndexOf(` ${tag}`)
  return (end < 0 ? block : block.slice(0, end)).replace(/\s*\d+$/, '')
}
