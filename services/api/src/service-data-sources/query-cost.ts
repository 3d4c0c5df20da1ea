// What a query read, from what its answer says about itself: JSON ends with it, other formats say nothing and then it is 0.

/** Rows and bytes read from tables, and rows of the result. */
export interface QueryCost {
  readonly readRows: number
  readonly readBytes: number
  readonly resultRows: number
}

/** How an answer that was streamed came to its end: the error of a broken one. */
interface End {
  readonly how: unknown
  /** The last bytes that were sent. */
  readonly tail: Uint8Array
}

/** Of the end of a document: rows, rows_before_limit_at_least and statistics fit, whatever their numbers. */
const TAIL_BYTES = 400

/** Nothing known. */
export function noCost(): QueryCost {
  return { readRows: 0, readBytes: 0, resultRows: 0 }
}

/** The cost by the end of an answer, or by the engine's summary. @param end the answer, or at least its last bytes. */
export function costOf(headers: Readonly<Record<string, string>>, end: Uint8Array): QueryCost {
  const text = Buffer.from(end.subarray(-TAIL_BYTES)).toString('latin1')
  const at = text.lastIndexOf('"statistics"')
  if (at >= 0 && text.endsWith('}\n')) {
    return {
      readRows: numberOf(/"rows_read":\s*(\d+)/.exec(text.slice(at))),
      readBytes: numberOf(/"bytes_read":\s*(\d+)/.exec(text.slice(at))),
      // The last one: a row may hold the same words.
      resultRows: numberOf([...text.slice(0, at).matchAll(/"rows":\s*(\d+)/g)].at(-1)),
    }
  }
  const summary = headers['x-clickhouse-summary'] ?? ''
  return {
    readRows: numberOf(/"read_rows":"(\d+)"/.exec(summary)),
    readBytes: numberOf(/"read_bytes":"(\d+)"/.exec(summary)),
    resultRows: numberOf(/"result_rows":"(\d+)"/.exec(summary)),
  }
}

function numberOf(match: RegExpMatchArray | null | undefined): number {
  return Number(match?.[1] ?? 0)
}

/** The chunks as they are, and a promise of how they end: `done`, `left` when the reader stopped, or the error. Never rejects. */
export function watched(body: AsyncIterable<Uint8Array>): {
  readonly chunks: AsyncIterable<Uint8Array>
  readonly ended: Promise<End>
} {
  let tail: Uint8Array = new Uint8Array(0)
  let settle: (end: End) => void = () => undefined
  const ended = new Promise<End>((resolve) => {
    settle = resolve
  })
  // Not a generator: one that is left before its first chunk never runs its end.
  function iterate(): AsyncIterator<Uint8Array> {
    const source = body[Symbol.asyncIterator]()
    return {
      async next() {
        try {
          const next = await source.next()
          if (next.done === true) settle({ how: 'done', tail })
          else tail = endOf(tail, next.value)
          return next
        } catch (err) {
          settle({ how: err, tail })
          throw err
        }
      },
      async return() {
        settle({ how: 'left', tail })
        await source.return?.()
        return { done: true, value: undefined }
      },
    }
  }
  return { chunks: { [Symbol.asyncIterator]: iterate }, ended }
}

function endOf(before: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (chunk.byteLength >= TAIL_BYTES) return chunk.slice(-TAIL_BYTES)
  return Buffer.concat([before, chunk]).subarray(-TAIL_BYTES)
}
