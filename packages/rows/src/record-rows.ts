// Records of a topic as rows: the value is judged like a line of events, and what is known of the record beside its value goes into the
// columns that the server added (`__topic`, `__offset` ...), in good rows and in refused ones.
import {
  kafkaMetaColumns,
  kafkaSettings,
  ownColumns,
  type DataSourceFile,
} from '@sandpiper/datafile'

import { compileSchema, wellFormed, type RawForm } from './compile-schema.ts'
import type { DecodedRow } from './decoded.ts'

/** What a record is beside its value. */
export interface RecordMeta {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Unix milliseconds, as the record says. */
  readonly timestampMs: number
  /** Text, or JSON for a key that a schema decodes; null for a record without a key. */
  readonly key: string | null
  /** In order; of a name given twice the last counts. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Judges records against one version of a data source's columns. Not for two records at the same moment. */
export interface RecordRows {
  /**
   * @param value its JSON text; null when the record has none: then it is a row of nothing but its meta columns, if the data source's own
   * may all be empty. @param raw what `__value` and `c__raw` keep; default `value`. Never throws for data.
   */
  row(value: string | null, meta: RecordMeta, raw?: string): DecodedRow
  /** Refuses a record whose value is no JSON text. @param kept `sent` when `raw` is all of it; default `partial`. */
  refuse(raw: string, message: string, meta: RecordMeta, kept?: RawForm): DecodedRow
}

/** Compiles the columns of a data source that is filled from a topic. @param file as deployed, with the columns that the server adds. */
export function compileRecords(file: Pick<DataSourceFile, 'columns' | 'settings'>): RecordRows {
  const decoder = compileSchema(ownColumns(file))
  const kafka = kafkaSettings(file)
  const names = new Set(kafkaMetaColumns(file).map(({ name }) => name))
  const keeps = {
    raw: kafka?.storeRawValue === true && names.has('__value'),
    headers: names.has('__headers'),
  }
  return {
    row(value, meta, raw = value ?? '') {
      if (value === null) {
        const empty = decoder.decode('{}', 0, 2)
        if (empty.kind === 'row') return withMeta(empty, rowCells(meta, keeps, ''))
        return withMeta(decoder.refuse('', NO_VALUE), refusedCells(meta, keeps, ''))
      }
      const judged = decoder.decode(value, 0, value.length)
      const cells = judged.kind === 'row' ? rowCells : refusedCells
      return withMeta(judged, cells(meta, keeps, raw))
    },
    refuse(raw, message, meta, kept = 'partial') {
      return withMeta(decoder.refuse(raw, message, kept), refusedCells(meta, keeps, raw))
    },
  }
}

const NO_VALUE = 'the record has no value, and not every column may be empty'

interface Keeps {
  readonly raw: boolean
  readonly headers: boolean
}

function withMeta(judged: DecodedRow, cells: string): DecodedRow {
  const json = judged.json === '{}' ? `{${cells}}` : `{${cells},${judged.json.slice(1)}`
  return judged.kind === 'row' ? { kind: 'row', json } : { ...judged, json }
}

function rowCells(meta: RecordMeta, keeps: Keeps, raw: string): string {
  const { topic, partition, offset, key } = meta
  const text = `"__topic":${JSON.stringify(topic)},"__partition":${String(partition)},"__offset":${String(offset)},"__timestamp":${String(secondsOf(meta))}`
  const keyText = key === null ? '' : `,"__key":${JSON.stringify(key)}`
  const rawText = keeps.raw && raw !== '' ? `,"__value":${JSON.stringify(raw)}` : ''
  return text + keyText + rawText + (keeps.headers ? `,"__headers":${headersOf(meta)}` : '')
}

/** In a quarantine every column is text. */
function refusedCells(meta: RecordMeta, keeps: Keeps, raw: string): string {
  const { topic, partition, offset, key } = meta
  const time = new Date(secondsOf(meta) * 1_000).toISOString().slice(0, 19).replace('T', ' ')
  const cells: Record<string, string> = {
    ...{
      __topic: topic,
      __partition: String(partition),
      __offset: String(offset),
      __timestamp: time,
    },
    ...(key === null ? {} : { __key: kept(key, KEY_KEPT_CHARS) }),
    ...(keeps.raw && raw !== '' ? { __value: kept(raw, RAW_KEPT_CHARS) } : {}),
    ...(keeps.headers ? { __headers: kept(headersOf(meta), RAW_KEPT_CHARS) } : {}),
  }
  return JSON.stringify(cells).slice(1, -1)
}

function kept(text: string, charsMax: number): string {
  return wellFormed(text.slice(0, charsMax))
}

const KEY_KEPT_CHARS = 4 * 1_024
const RAW_KEPT_CHARS = 64 * 1_024
const SECONDS_MAX = 4_294_967_295

/** A DateTime of the engine: whole seconds from 1970 to 2106. */
function secondsOf({ timestampMs }: RecordMeta): number {
  const seconds = Math.floor(timestampMs / 1_000)
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), SECONDS_MAX) : 0
}

function headersOf({ headers }: RecordMeta): string {
  return JSON.stringify(Object.fromEntries(headers))
}
