// The entry of this package: what other rooms may use.
export * from './decoded.ts'
export {
  compileSchema,
  decodeLine,
  LINE_CHARS_MAX,
  type RawForm,
  type RowDecoder,
} from './compile-schema.ts'
export { decodeAtOnce, decodeBody, type DecodeOptions } from './decode-body.ts'
export { compileRecords, type RecordMeta, type RecordRows } from './record-rows.ts'
export { createLineHealer, mappingProblem, type LineHealer } from './heal-line.ts'
export { insertColumns, quarantineColumns, structureOf } from './table-columns.ts'
export { guessDialect, sampleRecords, type KnownDialect } from './csv-dialect.ts'
export { createCsvReader, type CsvDialect, type CsvReader, type CsvRecord } from './csv-reader.ts'
export { createCsvRows, type CsvRows } from './csv-rows.ts'
export {
  inferFromCsv,
  inferFromJson,
  isHeader,
  INFERRED_COLUMNS_MAX,
  type InferredColumn,
  type InferredSchema,
} from './infer-schema.ts'
