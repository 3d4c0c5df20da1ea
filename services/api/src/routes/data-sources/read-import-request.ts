// A request with a file: its parameters stand in the query, in a form, or beside the file in multipart; the file is the body, a part of
// it, or somewhere else. Whatever comes is written away as it comes.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { importFormatSchema, type ImportFormat, type ImportInput } from '@sandpiper/contracts'
import { Fault, fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiEnv } from '../../app.ts'

/** What came. */
export interface ImportRequest {
  /** Query first, then the fields of the form. */
  readonly params: URLSearchParams
  /** Whether there was a file, be it empty. */
  readonly hasFile: boolean
  readonly format: ImportFormat
  readonly dialect: ImportInput['dialect']
}

type Receive = (stream: AsyncIterable<Uint8Array>) => Promise<unknown>

/** Bytes of parameters in a body. */
const FORM_BYTES_MAX = 1024 * 1024
const FILE_FIELDS: ReadonlySet<string> = new Set(['csv', 'ndjson', 'parquet', 'file'])
/** A form of our parameters; data that curl calls a form does not begin like one. */
const FORM =
  /^(url|mode|name|format|schema|engine\w*|dialect_\w+|type_guessing|replace_\w+|skip_\w+|debug|description|token)=/

/** Reads a request to its end. @param receive keeps the file; called at most once. @throws fault `request.invalid`, and what `receive` throws. */
export async function readImportRequest(
  c: Context<ApiEnv>,
  receive: Receive,
): Promise<ImportRequest> {
  const params = new URLSearchParams(new URL(c.req.url).searchParams)
  const type = c.req.header('Content-Type') ?? ''
  const body = (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>
  const file = type.includes('multipart/form-data')
    ? await readMultipart(body, type, params, receive)
    : await readPlain(body, type, params, receive)
  return {
    params,
    hasFile: file !== null,
    format: formatOf(params, file),
    dialect: dialectOf(params),
  }
}

/** What is known of the file beside its bytes. */
interface FileNote {
  readonly field: string
  readonly filename: string
}

async function readPlain(
  body: AsyncIterable<Uint8Array>,
  type: string,
  params: URLSearchParams,
  receive: Receive,
): Promise<FileNote | null> {
  const pieces = body[Symbol.asyncIterator]()
  const first = await pieces.next()
  if (first.done === true) return null
  const rest = restOf(first.value, pieces)
  const mayBeForm = type === '' || type.includes('application/x-www-form-urlencoded')
  const head = Buffer.from(first.value.subarray(0, 64)).toString('latin1')
  if (mayBeForm && FORM.test(head)) {
    for (const [name, value] of new URLSearchParams(await textOf(rest))) params.append(name, value)
    return null
  }
  await receive(rest)
  return { field: '', filename: '' }
}

async function* restOf(
  first: Uint8Array,
  pieces: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next())
    yield next.value
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const held: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.byteLength
    if (bytes > FORM_BYTES_MAX) throw formTooLarge()
    held.push(piece)
  }
  return Buffer.concat(held).toString('utf8')
}

async function readMultipart(
  body: AsyncIterable<Uint8Array>,
  type: string,
  params: URLSearchParams,
  receive: Receive,
): Promise<FileNote | null> {
  const form = parserOf(type)
  let kept: Promise<unknown> | null = null
  let coming: Readable | null = null
  let note: FileNote | null = null
  const cut: string[] = []
  const keep = (name: FileNote, stream: Readable): void => {
    note = name
    coming = stream
    kept = receive(stream)
    // The first failure ends the reading of the rest.
    kept.catch((err: unknown) => form.destroy(err instanceof Error ? err : undefined))
  }
  form.on('file', (field, stream, filename: string | undefined) => {
    if (kept === null) keep({ field, filename: filename ?? '' }, stream)
    else stream.resume()
  })
  form.on('field', (name: string, value: string, _nameCut: boolean, valueCut: boolean) => {
    if (valueCut) cut.push(name)
    if (!FILE_FIELDS.has(name)) params.append(name, value)
    else if (kept === null) keep({ field: name, filename: '' }, Readable.from([Buffer.from(value)]))
  })
  let failure: unknown = null
  try {
    await pipeline(Readable.from(body), form)
  } catch (err) {
    failure = err
    // The parser leaves a part that broke off without an end: whoever reads it would wait forever.
    breakOff(coming)
  }
  // What went wrong with the file says more than that the form was not read to its end.
  await keptOrGone(kept, failure)
  if (failure !== null) throw notMultipart(failure)
  if (cut.length > 0) throw formTooLarge()
  return note
}

function breakOff(stream: Readable | null): void {
  stream?.destroy(new Error('the form broke off'))
}

async function keptOrGone(kept: Promise<unknown> | null, failure: unknown): Promise<void> {
  try {
    await kept
  } catch (err) {
    if (err instanceof Fault || failure === null) throw err
  }
}

function parserOf(type: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': type },
      limits: { fields: 50, fieldSize: FORM_BYTES_MAX, files: 2, parts: 60, headerPairs: 100 },
    })
  } catch (cause) {
    throw notMultipart(cause)
  }
}

function formatOf(params: URLSearchParams, file: FileNote | null): ImportFormat {
  const asked = params.get('format')?.toLowerCase()
  const told = asked ?? file?.field ?? ''
  const known = importFormatSchema.safeParse(told === 'jsonl' ? 'ndjson' : told)
  if (known.success) return known.data
  if (asked !== undefined)
    throw fault('request.invalid', {
      public: `format=${asked.slice(0, 50)} is not known: use csv, ndjson or parquet.`,
    })
  const name = (file?.filename ?? pathOf(params.get('url'))).toLowerCase().replace(/\.gz$/, '')
  if (/\.(ndjson|jsonl|json)$/.test(name)) return 'ndjson'
  return name.endsWith('.parquet') ? 'parquet' : 'csv'
}

function pathOf(url: string | null): string {
  return url !== null && URL.canParse(url) ? new URL(url).pathname : ''
}

function dialectOf(params: URLSearchParams): ImportInput['dialect'] {
  const char = (name: string): string | null => {
    const value = params.get(name)
    if (value === null || value === '') return null
    const real = ESCAPED[value] ?? value
    if (real.length === 1) return real
    throw fault('request.invalid', { public: `${name} must be one character.` })
  }
  const newLine = params.get('dialect_new_line')
  return {
    delimiter: char('dialect_delimiter'),
    // `\r\n` is what `\n` reads too.
    newLine: newLine === '\r' || newLine === '\\r' ? '\r' : newLine === null ? null : '\n',
    escape: char('dialect_escapechar'),
  }
}

const ESCAPED: Readonly<Record<string, string>> = { '\\t': '\t', '\\\\': '\\' }

function notMultipart(cause: unknown): Fault {
  return fault('request.invalid', { public: 'The body is not valid multipart/form-data.', cause })
}

function formTooLarge(): Fault {
  return fault('request.too_large', {
    public: `The parameters in the body take more than ${FORM_BYTES_MAX} bytes.`,
  })
}
