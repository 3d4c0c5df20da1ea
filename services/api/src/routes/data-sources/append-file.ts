// POST /v0/datasources?mode=append: a file goes the way of every event, through the log, and is waited for.
import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'

import { findDataSource, type DeployedDataSource } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { compileSchema, decodeBody, type DecodedBody } from '@sandpiper/rows'
import { mayAppend, resourceDenied, type Principal } from '@sandpiper/tokens'
import type { Context } from 'hono'

import type { ApiDeps } from '../../api-deps.ts'
import type { ApiEnv } from '../../app.ts'
import { readBytes, readForm } from '../../read-bytes.ts'
import { csvToNdjson } from './csv-to-ndjson.ts'
import { dataSourceFor } from './find-for-caller.ts'

/** Milliseconds to wait until the rows can be read. */
const LOADED_TIMEOUT_MS = 60_000
/** Bytes of rows in one frame of the log. */
const FRAME_BYTES_MAX = 8_388_608

/** How many times the largest body its rows and refused lines may take: tiny lines that are refused grow many times. */
const GROWTH_MAX = 4

/** Appends the file of a request. @throws fault `request.invalid` | `auth.denied` | `resource.missing` | `ingest.partial` | those of the log. */
export async function appendFile(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  principal: Principal,
): Promise<Record<string, unknown>> {
  const query = new URL(c.req.url).searchParams
  refuseOtherModes(query)
  const name = query.get('name') ?? ''
  if (name === '') throw fault('request.invalid', { public: "The parameter 'name' is missing." })
  // Refuses before the body is read; the map that counts is the one of when it has arrived: rows for a table that was replaced
  // meanwhile, and is removed some time after, would be lost.
  await findTarget(deps, principal, name)
  const sent = await readFile(c, deps.config.bodyBytesMax)
  const source = await findTarget(deps, principal, name)
  const format = formatOf(query.get('format') ?? sent.format)
  const ndjson =
    format === 'csv'
      ? await csvToNdjson(sent.bytes, source.file.columns, dialectOf(query))
      : sent.bytes
  // CSV rows are keyed by column name, whatever paths the columns have for events.
  const columns =
    format === 'csv'
      ? source.file.columns.map((each) => ({ ...each, jsonPath: null }))
      : source.file.columns
  const decoded = await decodeBody(ndjson, compileSchema(columns), {
    now: () => performance.now(),
    onBytes: boundedBy(GROWTH_MAX * deps.config.bodyBytesMax),
  })
  const importId = c.get('requestId')
  await append(deps, principal.workspaceId, source, decoded, importId)
  return appendBody(source, decoded, importId)
}

function boundedBy(bytesMax: number): (bytes: number) => void {
  let total = 0
  return (bytes) => {
    total += bytes
    if (total > bytesMax)
      throw fault('request.too_large', {
        public: `The rows of the file take more than ${bytesMax} bytes. Split it into several files.`,
      })
  }
}

async function findTarget(
  deps: ApiDeps,
  principal: Principal,
  name: string,
): Promise<DeployedDataSource> {
  const { map } = await deps.catalog.liveMap(principal.workspaceId)
  if (findDataSource(map, name) === undefined && !mayAppend(principal, null))
    throw resourceDenied(name)
  return dataSourceFor(map, principal, name, (each) => mayAppend(principal, each.id))
}

function refuseOtherModes(query: URLSearchParams): void {
  const mode = query.get('mode') ?? 'create'
  if (mode === 'append') return
  const advice = mode === 'create' ? 'Data Sources are created by deployments.' : ''
  throw fault('request.invalid', {
    public: `mode=${mode.slice(0, 50)} is not supported yet: use mode=append. ${advice}`.trim(),
  })
}

async function readFile(
  c: Context<ApiEnv>,
  bytesMax: number,
): Promise<{ bytes: Buffer; format: string | null }> {
  const type = c.req.header('Content-Type') ?? ''
  if (new URL(c.req.url).searchParams.has('url')) throw noUrls()
  const bytes = await readBytes(c.req.raw, bytesMax)
  if (!type.includes('multipart/form-data')) {
    if (
      type.includes('application/x-www-form-urlencoded') &&
      bytes.subarray(0, 4).toString() === 'url='
    )
      throw noUrls()
    return { bytes: await unpacked(bytes, bytesMax), format: null }
  }
  const form = await readForm(bytes, type)
  for (const field of ['csv', 'ndjson', 'file']) {
    const part = form.get(field)
    if (part === null) continue
    const file =
      typeof part === 'string' ? Buffer.from(part) : Buffer.from(await part.arrayBuffer())
    // The SDK calls the field csv for every format and tells the format in the query.
    return { bytes: await unpacked(file, bytesMax), format: field === 'file' ? null : field }
  }
  throw fault('request.invalid', {
    public: "The file is missing: send it as the part 'csv' or 'ndjson', or as the body.",
  })
}

function noUrls() {
  return fault('request.invalid', {
    public: 'Importing from a URL is not supported yet: send the file itself.',
  })
}

async function unpacked(bytes: Buffer, bytesMax: number): Promise<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: bytesMax })
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError
    throw isTooLarge
      ? fault('request.too_large', {
          public: `The unpacked body is larger than ${bytesMax} bytes.`,
          cause,
        })
      : fault('request.invalid', { public: 'The body is not valid gzip.', cause })
  }
}

function formatOf(format: string | null): 'csv' | 'ndjson' {
  const name = format ?? 'csv'
  if (name === 'csv' || name === 'ndjson') return name
  throw fault('request.invalid', {
    public: `format=${name.slice(0, 50)} is not supported yet: use csv or ndjson.`,
  })
}

function dialectOf(query: URLSearchParams): {
  delimiter: string | undefined
  escape: string | undefined
} {
  const char = (name: string): string | undefined => {
    const value = query.get(name)
    if (value === null || value === '') return undefined
    if (Array.from(value).length === 1) return value
    throw fault('request.invalid', { public: `${name} must be one character.` })
  }
  return { delimiter: char('dialect_delimiter'), escape: char('dialect_escapechar') }
}

async function append(
  deps: ApiDeps,
  workspaceId: string,
  source: DeployedDataSource,
  decoded: DecodedBody,
  requestId: string,
): Promise<void> {
  let last = 0
  const head = {
    workspaceId,
    dataSourceId: source.id,
    schemaVersion: source.schemaVersion,
    requestId,
    idempotencyHash: null,
  }
  for (const piece of [...pieces(decoded.rows, 'rows'), ...pieces(decoded.refused, 'refused')]) {
    last = await deps.log.append({ ...head, arrivedAtMs: deps.now(), ...piece })
  }
  if (last === 0) return
  const outcome = await deps.log.loaded(source.id, last, AbortSignal.timeout(LOADED_TIMEOUT_MS))
  if (outcome.kind === 'view_failed') {
    throw fault('ingest.partial', {
      public: `The rows are in ${source.file.name}, but a materialized view failed: ${outcome.message}`,
    })
  }
}

interface Piece {
  readonly rows: Buffer
  readonly refused: Buffer
  readonly rowCount: number
  readonly refusedCount: number
}

const EMPTY = Buffer.alloc(0)

/** Cuts NDJSON at line ends into pieces of bounded size; a longer line is a piece of its own. */
function* pieces(lines: Buffer, kind: 'rows' | 'refused'): Generator<Piece> {
  for (let start = 0; start < lines.length;) {
    const end = pieceEnd(lines, start)
    const bytes = lines.subarray(start, end)
    const count = countLines(bytes)
    yield kind === 'rows'
      ? { rows: bytes, refused: EMPTY, rowCount: count, refusedCount: 0 }
      : { rows: EMPTY, refused: bytes, rowCount: 0, refusedCount: count }
    start = end
  }
}

function pieceEnd(lines: Buffer, start: number): number {
  if (lines.length - start <= FRAME_BYTES_MAX) return lines.length
  const last = lines.lastIndexOf(10, start + FRAME_BYTES_MAX - 1)
  if (last >= start) return last + 1
  const next = lines.indexOf(10, start)
  return next < 0 ? lines.length : next + 1
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++
  return count
}

function appendBody(
  source: DeployedDataSource,
  decoded: DecodedBody,
  importId: string,
): Record<string, unknown> {
  const { rowCount, refusedCount, malformedCount, firstErrors } = decoded
  const error = firstErrors[0]?.message ?? null
  return {
    import_id: importId,
    successful_rows: rowCount,
    quarantined_rows: refusedCount,
    quarantine_rows: refusedCount,
    invalid_lines: malformedCount,
    error:
      refusedCount > 0 ? `There are ${refusedCount} rows in quarantine: ${error ?? ''}` : false,
    datasource: { id: source.id, name: source.file.name },
  }
}
