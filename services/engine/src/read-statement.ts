// From URL and body to what is to be run. The text of a statement is held in memory up to a bound; rows of an INSERT are spooled.
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { engineError } from './engine-error.ts'
import { splitInsert, type InsertHead } from './statement.ts'

export type Statement =
  | { readonly kind: 'text'; readonly sql: string }
  /** `file` lies in the working directory and is removed by `discard`. */
  | {
      readonly kind: 'insert'
      readonly sql: string
      readonly file: string
      discard(): Promise<void>
    }

/** Bytes of a statement without rows; ClickHouse's parser stops at max_query_size, 256 KiB by default. */
const TEXT_BYTES_MAX = 16 * 1024 * 1024
/** The head of an INSERT must end within these. */
const INSERT_HEAD_BYTES = 256 * 1024

let nextSpool = 1

/** @throws EngineError QUERY_IS_TOO_LARGE (413) over a bound. */
export async function readStatement(
  urlQuery: string,
  body: Readable,
  options: { readonly insertBytesMax: number },
): Promise<Statement> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>
  const start = Buffer.from(urlQuery === '' ? '' : `${urlQuery}\n`)
  const inUrl = splitInsert(urlQuery === '' ? '' : `${urlQuery}\n`)
  if (inUrl !== null) return await spool(inUrl, start, chunks, options.insertBytesMax)
  const head = await readUpTo(start, chunks, INSERT_HEAD_BYTES)
  const insert = splitInsert(head.text.subarray(0, INSERT_HEAD_BYTES).toString())
  if (insert !== null) return await spool(insert, head.text, chunks, options.insertBytesMax)
  const whole = head.ended ? head : await readUpTo(head.text, chunks, TEXT_BYTES_MAX)
  if (!whole.ended)
    throw engineError('QUERY_IS_TOO_LARGE', `The query is over ${TEXT_BYTES_MAX} bytes.`)
  return { kind: 'text', sql: whole.text.toString() }
}

/** Reads on until the end, or until a little more than `max` bytes are there. */
async function readUpTo(
  start: Buffer,
  chunks: AsyncIterator<Buffer>,
  max: number,
): Promise<{ text: Buffer; ended: boolean }> {
  const parts: Buffer[] = [start]
  for (let bytes = start.length; bytes <= max;) {
    const next = await chunks.next()
    if (next.done === true) return { text: Buffer.concat(parts), ended: true }
    parts.push(next.value)
    bytes += next.value.length
  }
  return { text: Buffer.concat(parts), ended: false }
}

async function spool(
  insert: InsertHead,
  text: Buffer,
  rest: AsyncIterable<Buffer>,
  bytesMax: number,
): Promise<Statement> {
  const before = Buffer.from(text.toString().slice(0, insert.dataAt))
  if (!before.equals(text.subarray(0, before.length))) {
    throw engineError('SYNTAX_ERROR', 'Syntax error: the statement is not valid UTF-8.')
  }
  const file = `in-${nextSpool++}`
  const discard = (): Promise<void> => rm(file, { force: true })
  async function* data(): AsyncGenerator<Buffer> {
    let bytes = 0
    yield text.subarray(before.length)
    for await (const chunk of rest) {
      bytes += chunk.length
      if (bytes > bytesMax)
        throw engineError('QUERY_IS_TOO_LARGE', `The data is over ${bytesMax} bytes.`)
      yield chunk
    }
  }
  try {
    await pipeline(Readable.from(data()), createWriteStream(file, { mode: 0o600 }))
  } catch (err) {
    await discard()
    throw err
  }
  return {
    kind: 'insert',
    sql: `${insert.head}\nFROM INFILE '${file}' ${insert.tail}`,
    file,
    discard,
  }
}
