// The entry of this package: what other rooms may use.
export * from './decoded.ts'
export {
  compileSchema,
  decodeLine,
  LINE_CHARS_MAX,
  type RawForm,
  type RowDecoder,
} from './compile-schema.ts'
export { decodeBody, type DecodeOptions } from './decode-body.ts'
export { insertColumns, quarantineColumns, structureOf } from './table-columns.ts'
