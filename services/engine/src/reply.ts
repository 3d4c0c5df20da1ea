// Writes an answer with the headers of a ClickHouse server. The head waits for the end of the result or for its first MiB, so an
// ordinary error has a status of its own; a later one is marked in the body and the connection is cut: it never looks complete.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Transform, Writable } from 'node:stream'
import { createBrotliCompress, createDeflate, createGzip } from 'node:zlib'

import type { EngineError } from './engine-error.ts'
import type { EngineRequest } from './request.ts'

/** Known before the head, or 0 / null when not. */
export interface Summary {
  readonly elapsedNs: number
  readonly readRows: number
  readonly readBytes: number
  readonly writtenRows: number
  readonly writtenBytes: number
  readonly resultRows: number
}

export interface Reply {
  /** Takes a piece of the result. Resolves when the next may come; rejects when the client is gone or does not read for 60 s. */
  write(chunk: Uint8Array): Promise<void>
  /** True once a status went out. */
  headSent(): boolean
  /** The last bytes that were written, for formats that end with statistics. */
  tail(): Buffer
  end(summary: Summary): Promise<void>
  fail(error: EngineError): Promise<void>
}

const HEAD_BYTES = 1024 * 1024
const TAIL_BYTES = 512
/** A client that takes nothing for so long is given up: its query holds a session. */
const STALL_MS = 60_000
const NOTHING: Summary = {
  elapsedNs: 0,
  readRows: 0,
  readBytes: 0,
  writtenRows: 0,
  writtenBytes: 0,
  resultRows: 0,
}

export interface ReplyOptions {
  readonly request: Pick<EngineRequest, 'encoding'>
  readonly queryId: string
  readonly displayName: string
  readonly format: string
}

/** Starts an answer; nothing is sent until the first MiB or the end. */
export function createReply(res: ServerResponse, options: ReplyOptions): Reply {
  const { encoding } = options.request
  let tag = ''
  let out: ServerResponse | Transform | null = null
  let held: Uint8Array[] = []
  let heldBytes = 0
  let tail = Buffer.alloc(0)

  function start(summary: Summary | null): ServerResponse | Transform {
    res.statusCode = 200
    setCommonHeaders(res, options, summary)
    res.setHeader('Content-Type', contentType(options.format))
    res.setHeader('X-ClickHouse-Format', options.format)
    if (encoding !== null) res.setHeader('Content-Encoding', encoding)
    if (summary === null) {
      tag = randomBytes(8).toString('hex')
      res.setHeader('X-ClickHouse-Exception-Tag', tag)
    } else if (encoding === null) res.setHeader('Content-Length', heldBytes)
    if (encoding === null) return res
    const through = compressor(encoding)
    through.pipe(res)
    return through
  }

  async function flushHeld(to: Writable): Promise<void> {
    const all = held
    held = []
    for (const chunk of all) await send(to, res, chunk)
  }

  return {
    headSent: () => out !== null,
    tail: () => tail,
    async write(chunk) {
      tail = Buffer.concat([tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES)
      if (out !== null) {
        await send(out, res, chunk)
        return
      }
      held.push(chunk)
      heldBytes += chunk.length
      if (heldBytes < HEAD_BYTES) return
      out = start(null)
      await flushHeld(out)
    },
    async end(summary) {
      const to = out ?? start(summary)
      await flushHeld(to)
      to.end()
      await closed(res)
    },
    async fail(error) {
      if (out === null) {
        sendError(res, error, options)
        return
      }
      const text = `${error.text}\n`
      const mark = `\r\n__exception__\r\n${tag}\r\n${text}${Buffer.byteLength(text)} ${tag}\r\n__exception__\r\n`
      if (!('unpipe' in out)) res.write(mark, () => res.socket?.destroySoon())
      else {
        // The compressor has to give out what it holds, but the end mark of the chunked body must not follow.
        out.end(mark)
        out.unpipe(res)
        for await (const chunk of out) res.write(chunk)
        res.write('', () => res.socket?.destroySoon())
      }
    },
  }
}

/** Answers a failure that has the reply for itself. */
export function sendError(
  res: ServerResponse,
  error: EngineError,
  options: Pick<ReplyOptions, 'queryId' | 'displayName'>,
): void {
  if (res.headersSent || res.destroyed) return void res.destroy()
  res.statusCode = error.status
  setCommonHeaders(res, options, NOTHING)
  res.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  res.setHeader('X-ClickHouse-Exception-Code', error.code)
  if (error.status === 503) res.setHeader('Retry-After', 1)
  res.end(`${error.text}\n`)
}

async function send(to: Writable, res: ServerResponse, chunk: Uint8Array): Promise<void> {
  if (res.destroyed) throw new Error('the client went away')
  if (to.write(chunk)) return
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => res.destroy(), STALL_MS)
    const settle = (): void => {
      clearTimeout(timer)
      to.off('drain', drained)
      res.off('close', gone)
    }
    const drained = (): void => {
      settle()
      resolve()
    }
    const gone = (): void => {
      settle()
      reject(new Error('the client went away'))
    }
    to.on('drain', drained)
    res.on('close', gone)
  })
}

/** A client that does not take the rest is cut off. */
async function closed(res: ServerResponse): Promise<void> {
  if (res.writableFinished || res.destroyed) return
  const timer = setTimeout(() => res.destroy(), STALL_MS)
  await once(res, 'close')
  clearTimeout(timer)
}

function setCommonHeaders(
  res: ServerResponse,
  options: Pick<ReplyOptions, 'queryId' | 'displayName'>,
  summary: Summary | null,
): void {
  res.setHeader('X-ClickHouse-Query-Id', options.queryId)
  res.setHeader('X-ClickHouse-Timezone', 'UTC')
  res.setHeader('X-ClickHouse-Server-Display-Name', options.displayName)
  if (summary !== null) res.setHeader('X-ClickHouse-Summary', summaryText(summary))
}

function summaryText(summary: Summary): string {
  return JSON.stringify({
    read_rows: String(summary.readRows),
    read_bytes: String(summary.readBytes),
    written_rows: String(summary.writtenRows),
    written_bytes: String(summary.writtenBytes),
    total_rows_to_read: '0',
    result_rows: String(summary.resultRows),
    result_bytes: '0',
    elapsed_ns: String(summary.elapsedNs),
  })
}

function compressor(encoding: NonNullable<EngineRequest['encoding']>): Transform {
  if (encoding === 'br') return createBrotliCompress()
  // Level 3 is ClickHouse's default for HTTP.
  return encoding === 'gzip' ? createGzip({ level: 3 }) : createDeflate({ level: 3 })
}

/** Source: content types of ClickHouse's formats, tried on a 26.x server's documentation, read 2026-11. */
function contentType(format: string): string {
  if (/^(JSON\w*EachRow\w*|NDJSON|JSONLines)$/.test(format))
    return 'application/x-ndjson; charset=UTF-8'
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8'
  if (format.startsWith('CSV'))
    return `text/csv; charset=UTF-8; header=${format === 'CSV' ? 'absent' : 'present'}`
  if (/^(TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8'
  if (/^(Native|RowBinary|Parquet|Arrow|ORC|Avro|MsgPack|Protobuf|Npy|BSON)/.test(format))
    return 'application/octet-stream'
  return 'text/plain; charset=UTF-8'
}
