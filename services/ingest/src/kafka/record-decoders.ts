// Records to rows: bytes to JSON text by the formats of the data source, then the text to a row by its columns. What a registry has not
// told yet is asked for; until it answers, the records wait.
import { assert } from '@sandpiper/assert'
import type { Catalog } from '@sandpiper/catalog'
import { kafkaSettings, type KafkaFormat } from '@sandpiper/datafile'
import { findDataSource, type DeployedDataSource } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import type { KafkaRecord } from '@sandpiper/kafka'
import { createFormatDecoder, type Decoded, type SchemaRegistries } from '@sandpiper/registry'
import { compileRecords, LINE_CHARS_MAX, type DecodedRow, type RecordMeta } from '@sandpiper/rows'

import { registryUrlOf } from './live-sources.ts'
import type { DecoderOf, KafkaSource, RecordDecoder } from './kafka-source.ts'

/** Decoders for the live columns of data sources. */
export function createDecoderOf(deps: {
  readonly catalog: Pick<Catalog, 'liveMap' | 'secretsOf'>
  readonly registries: SchemaRegistries
}): DecoderOf {
  const known = new WeakMap<DeployedDataSource, Map<string, RecordDecoder>>()
  return async ({ workspaceId, dataSourceId }: KafkaSource) => {
    const { map } = await deps.catalog.liveMap(workspaceId)
    const dataSource = findDataSource(map, dataSourceId)
    const kafka = dataSource === undefined ? null : kafkaSettings(dataSource.file)
    if (dataSource === undefined || kafka === null)
      throw fault('server.busy', { public: 'The data source is not filled from a topic any more.' })
    const connection = map.connections[kafka.connectionName]
    const url =
      connection === undefined ? null : await registryUrlOf(deps.catalog, workspaceId, connection)
    const decoders = known.get(dataSource) ?? new Map<string, RecordDecoder>()
    known.set(dataSource, decoders)
    const decoder =
      decoders.get(url ?? '') ??
      createRecordDecoder(dataSource, url === null ? null : deps.registries.of(url))
    // One per login: another one is for another secret.
    if (!decoders.has(url ?? '')) decoders.clear()
    decoders.set(url ?? '', decoder)
    return decoder
  }
}

/** One version of the columns of a data source. */
export function createRecordDecoder(
  { file, schemaVersion }: DeployedDataSource,
  registry: ReturnType<SchemaRegistries['of']> | null,
): RecordDecoder {
  const kafka = kafkaSettings(file)
  assert(kafka !== null, `${file.name} is filled from no topic`)
  const rows = compileRecords(file)
  const keys = keyDecoder(kafka.keyFormat, registry)
  const values = createFormatDecoder(kafka.valueFormat, registry)

  function judge(
    record: KafkaRecord,
  ): DecodedRow | { readonly wanted: number; readonly of: 'key' | 'value' } {
    const key = record.key === null ? NO_KEY : keys.decode(record.key)
    if (key.kind === 'wanted') return { wanted: key.schemaId, of: 'key' }
    const meta = metaOf(record, key, kafka?.storeHeaders === true)
    const problem = sizeProblem(record) ?? (key.kind === 'refused' ? `key: ${key.message}` : null)
    if (problem !== null) return rows.refuse(shown(record.value), problem, meta)
    if (record.value === null) return rows.row(null, meta)
    const value = values.decode(record.value)
    if (value.kind === 'wanted') return { wanted: value.schemaId, of: 'value' }
    return value.kind === 'refused'
      ? rows.refuse(shown(record.value), value.message, meta)
      : rows.row(value.text, meta)
  }

  function decodeFrom(
    records: readonly KafkaRecord[],
    done: DecodedRow[],
    signal: AbortSignal,
  ): readonly DecodedRow[] | Promise<readonly DecodedRow[]> {
    let asked = ''
    for (let index = done.length; index < records.length; index++) {
      const record = records[index]
      assert(record !== undefined, 'a list of records has a gap')
      const row = judge(record)
      if (!('wanted' in row)) {
        done.push(row)
        continue
      }
      const decoder = row.of === 'key' ? keys : values
      asked = `${row.of} ${String(row.wanted)} of ${String(record.offset)}`
      return decoder.load(row.wanted, signal).then(() => {
        // A schema that was loaded is known; else we would ask for ever.
        const again = judge(record)
        if (
          'wanted' in again &&
          `${again.of} ${String(again.wanted)} of ${String(record.offset)}` === asked
        )
          throw fault('server.busy', {
            public: 'The schema registry gives schemas faster than they are kept.',
          })
        return decodeFrom(records, done, signal)
      })
    }
    return done
  }

  return { schemaVersion, decode: (records, signal) => decodeFrom(records, [], signal) }
}

const NO_KEY: Decoded = { kind: 'text', text: '' }
const VALUE_BYTES_MAX = 4 * LINE_CHARS_MAX
const KEY_BYTES_MAX = 65_536
const HEADER_BYTES_MAX = 262_144
const HEADERS_MAX = 1_000
const SHOWN_BYTES = 65_536

/** A key without a format is any bytes: as text, with what is no UTF-8 replaced. */
function keyDecoder(
  format: KafkaFormat,
  registry: ReturnType<SchemaRegistries['of']> | null,
): ReturnType<typeof createFormatDecoder> {
  const decoder = createFormatDecoder(format, registry)
  if (format !== 'json_without_schema') return decoder
  return { ...decoder, decode: (bytes) => ({ kind: 'text', text: bytes.toString('utf8') }) }
}

function metaOf(record: KafkaRecord, key: Decoded, keepsHeaders: boolean): RecordMeta {
  const { topic, partition, offset, timestampMs } = record
  const text = record.key === null ? null : key.kind === 'text' ? key.text : shown(record.key)
  const headers = keepsHeaders
    ? record.headers.map(([name, value]) => [name, value.toString('utf8')] as const)
    : []
  return {
    topic,
    partition,
    offset,
    timestampMs,
    key: text?.slice(0, KEY_BYTES_MAX) ?? null,
    headers,
  }
}

function sizeProblem({ key, value, headers }: KafkaRecord): string | null {
  if (value !== null && value.length > VALUE_BYTES_MAX)
    return `not taken: a value of ${String(value.length)} bytes, at most ${String(LINE_CHARS_MAX)} characters are; its beginning is kept`
  if (key !== null && key.length > KEY_BYTES_MAX)
    return `not taken: a key of ${String(key.length)} bytes, at most ${String(KEY_BYTES_MAX)} are`
  const bytes = headers.reduce((sum, [name, each]) => sum + name.length + each.length, 0)
  return headers.length > HEADERS_MAX || bytes > HEADER_BYTES_MAX
    ? `not taken: ${String(headers.length)} headers of ${String(bytes)} bytes, at most ${String(HEADERS_MAX)} of ${String(HEADER_BYTES_MAX)} are`
    : null
}

function shown(bytes: Buffer | null): string {
  return bytes === null ? '' : bytes.subarray(0, SHOWN_BYTES).toString('utf8')
}
