// The rows of one data source, slice by slice: read whole to disk, then sent in chunks under keys of their own. Whatever is cut off, the
// next run sends the same bytes under the same keys, and what was stored before is not stored again.
import { createReadStream, createWriteStream, existsSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CliWorld } from '../cli-call.ts'
import { CliError } from '../cli-error.ts'
import type { Body, Client } from '../client.ts'
import { eventWriter } from '../event-writer.ts'
import { linesOf } from '../lines.ts'
import {
  renameDurably,
  type MigrationState,
  type PartitionState,
  type SourceState,
} from './migration-state.ts'
import { patiently } from './patiently.ts'
import { sentColumns, slicesFor, sliceSql, type CopySubject } from './source-sql.ts'

export interface Ends {
  readonly source: Client
  readonly target: Client
  readonly world: CliWorld
}

/** Bytes of one request; where a chunk ends follows from the file alone. */
const CHUNK_BYTES_MAX = 4 * 1024 * 1024
const CHUNK_LINES_MAX = 20_000
const SLICES_MAX = 65_536
/** What a server says when a result is larger than it gives away. */
const TOO_MUCH = /limit|too (large|big|much|many)|memory|timeout|maximum/i

/** Copies what is left of a data source. */
export async function copyRows(
  ends: Ends,
  state: MigrationState,
  subject: CopySubject,
  source: SourceState,
): Promise<void> {
  for (const [index, partition] of source.partitions.entries()) {
    while (partition.slicesDone < partition.slices) {
      await copySlice(ends, state, subject, { index, partition })
      tell(ends.world, subject.file.name, partition)
    }
  }
}

interface Place {
  readonly index: number
  readonly partition: PartitionState
}

async function copySlice(
  ends: Ends,
  state: MigrationState,
  subject: CopySubject,
  { index, partition }: Place,
): Promise<void> {
  const { name } = subject.file
  const slice = partition.slicesDone
  const path = state.spoolPath(name, index, slice)
  if (!existsSync(path) && !(await readSlice(ends, subject, partition, path))) {
    // Too much for one answer: the partition is read in smaller parts.
    partition.slices *= 2
    state.save()
    return
  }
  const key = `migrate:${state.migration.id}:${name}:${index}:${slice}`
  const quarantined = await sendFile(ends, name, path, key)
  partition.slicesDone += 1
  partition.quarantined += quarantined
  state.save()
  rmSync(path)
}

/** Reads a slice to disk, as events. @returns false when the source refuses so much at once and it can be asked for in smaller parts. */
async function readSlice(
  { source, world }: Ends,
  subject: CopySubject,
  { partition, slices, slicesDone }: PartitionState,
  path: string,
): Promise<boolean> {
  const text = sliceSql(subject, partition, { slice: slicesDone, slices })
  const write = eventWriter(sentColumns(subject.file.columns))
  try {
    await patiently(world, async () => {
      const response = await source.open('/v0/sql', { text })
      await spool(response, write, `${path}.making`)
    })
  } catch (err) {
    const isTooMuch =
      err instanceof CliError &&
      (err.status === 413 || (err.status === 400 && TOO_MUCH.test(err.message)))
    const mayBeSmaller =
      slicesDone === 0 && slices < SLICES_MAX && slicesFor(subject.file, 2, 1) > 1
    if (isTooMuch && mayBeSmaller) return false
    throw err
  }
  renameDurably(`${path}.making`, path)
  return true
}

async function spool(
  response: Response,
  write: (row: string) => string,
  path: string,
): Promise<void> {
  const rows = response.body as AsyncIterable<Uint8Array> | null
  await pipeline(
    async function* () {
      try {
        for await (const line of linesOf(rows ?? Readable.from([])))
          if (line !== '') yield `${write(line)}\n`
      } catch (err) {
        throw brokenOff(err)
      }
    },
    createWriteStream(path, { mode: 0o600 }),
  )
}

function brokenOff(err: unknown): Error {
  const why = err instanceof Error ? err.message : String(err)
  if (err instanceof SyntaxError)
    return new CliError(`the source sent a row that is no JSON: ${why}`)
  if (err instanceof Error && err.name === 'AbortError') return err
  return new CliError(`the source broke off: ${why}.`, { isPassing: true })
}

/** @returns how many rows the target put into quarantine. */
async function sendFile(
  { target, world }: Ends,
  name: string,
  path: string,
  key: string,
): Promise<number> {
  let quarantined = 0
  let chunk = 0
  for await (const text of chunksOf(path)) {
    const number = chunk++
    const answer = await patiently(world, () => send(target, name, text, `${key}:${number}`))
    quarantined += Number(answer['quarantined_rows'] ?? 0)
  }
  return quarantined
}

async function send(target: Client, name: string, text: string, key: string): Promise<Body> {
  const query = new URLSearchParams({ name, wait: 'true' })
  try {
    const response = await target.open(
      `/v0/events?${query.toString()}`,
      { text },
      { 'Idempotency-Key': key },
    )
    return (await response.json()) as Body
  } catch (err) {
    if (err instanceof CliError && err.status === 422)
      throw new CliError(
        `rows of ${name} are stored, but a materialized view failed on them: ${err.message} Mend the view; its data source is then filled by sandpiper materialization populate.`,
      )
    throw err
  }
}

async function* chunksOf(path: string): AsyncGenerator<string> {
  let held: string[] = []
  let bytes = 0
  for await (const line of linesOf(createReadStream(path))) {
    const length = Buffer.byteLength(line) + 1
    if (held.length > 0 && (bytes + length > CHUNK_BYTES_MAX || held.length >= CHUNK_LINES_MAX)) {
      yield held.join('')
      held = []
      bytes = 0
    }
    held.push(`${line}\n`)
    bytes += length
  }
  if (held.length > 0) yield held.join('')
}

function tell(
  world: CliWorld,
  name: string,
  { partition, slices, slicesDone }: PartitionState,
): void {
  const where = partition === '' ? name : `${name} ${partition}`
  if (slicesDone === slices)
    world.err(world.isTerminal ? `\r${where}: copied\n` : `${where}: copied\n`)
  else if (world.isTerminal) world.err(`\r${where}: ${Math.floor((100 * slicesDone) / slices)} %`)
}
