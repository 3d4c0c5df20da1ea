// The entry of this package: what other rooms may use.
export { createFormatDecoder, type Decoded, type FormatDecoder } from './format-decoder.ts'
export {
  createSchemaRegistries,
  type SchemaRegistries,
  type SchemaRegistry,
} from './schema-registry.ts'
