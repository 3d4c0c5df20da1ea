// Schemas of a Confluent-compatible registry, by id. An id means the same schema for ever, so what was read is kept; a registry that is
// away, or that refuses us, says nothing about the data: whoever asks waits and asks again.
// Source: Confluent Schema Registry API reference (GET /schemas/ids/{id}, /subjects/{subject}/versions/{version}), read 2026-11.
import { fault, type Fault } from '@sandpiper/faults'
import type { Outbound } from '@sandpiper/outbound'
import { z } from 'zod'

import { readAvroSchema, type AvroType } from './avro-schema.ts'
import { Undecodable } from './json-out.ts'
import { readProtobufSchema, type ProtobufSchema } from './protobuf-schema.ts'

/** What an id stands for: a schema, or why there is none that can be used. */
export type KnownSchema =
  | { readonly kind: 'avro'; readonly type: AvroType }
  | { readonly kind: 'protobuf'; readonly schema: ProtobufSchema }
  | { readonly kind: 'other'; readonly name: string }
  | { readonly kind: 'problem'; readonly message: string }

/** One registry. */
export interface SchemaRegistry {
  /** At once; undefined when it has to be loaded. */
  find(schemaId: number): KnownSchema | undefined
  /**
   * Asks the registry. Resolves also for an id that it does not know, which `find` then gives as a problem, for a while.
   * @throws fault `remote.unavailable` when the registry does not answer as it should | `request.invalid` for an address that is not allowed.
   */
  load(schemaId: number, signal: AbortSignal): Promise<void>
}

/** The registries that this process reads from. */
export interface SchemaRegistries {
  /** @param url with its login; never logged. */
  of(url: string): SchemaRegistry
}

const REGISTRIES_MAX = 200
const SCHEMAS_MAX = 1_000
const SCHEMA_BYTES_MAX = 1_048_576
const REFERENCES_MAX = 50
const UNKNOWN_MS = 10_000
const TOTAL_MS = 10_000

/** Makes them. Up to 200 registries and 1,000 schemas of each are kept, the oldest go first; an unknown id is asked for again after 10 s. */
export function createSchemaRegistries(deps: {
  readonly outbound: Outbound
  /** Unix milliseconds. */
  readonly now: () => number
}): SchemaRegistries {
  const registries = new Map<string, SchemaRegistry>()
  return {
    of(url) {
      const registry = registries.get(url) ?? createRegistry(deps, url)
      keepNewest(registries, url, registry, REGISTRIES_MAX)
      return registry
    },
  }
}

interface Kept {
  readonly schema: KnownSchema
  readonly until: number
}

function createRegistry(
  deps: { readonly outbound: Outbound; readonly now: () => number },
  url: string,
): SchemaRegistry {
  const kept = new Map<number, Kept>()
  const loading = new Map<number, Promise<void>>()
  const ask = (path: string, signal: AbortSignal): Promise<Answer> =>
    askRegistry(deps.outbound, url, path, signal)

  async function loadSchema(schemaId: number, signal: AbortSignal): Promise<void> {
    const schema = await fetchSchema(ask, schemaId, signal)
    const until = schema === null ? deps.now() + UNKNOWN_MS : Infinity
    const message = `the schema registry does not know schema ${String(schemaId)}`
    keepNewest(
      kept,
      schemaId,
      { schema: schema ?? { kind: 'problem', message }, until },
      SCHEMAS_MAX,
    )
  }

  return {
    find(schemaId) {
      const found = kept.get(schemaId)
      return found === undefined || found.until <= deps.now() ? undefined : found.schema
    },
    load(schemaId, signal) {
      const begun = loading.get(schemaId)
      if (begun !== undefined) return begun
      const work = loadSchema(schemaId, signal).finally(() => loading.delete(schemaId))
      loading.set(schemaId, work)
      return work
    },
  }
}

function keepNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, max: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= max) return
    map.delete(oldest)
  }
}

const referenceShape = z.object({
  name: z.string(),
  subject: z.string(),
  version: z.number().int(),
})
const schemaShape = z.object({
  schema: z.string(),
  schemaType: z.string().nullish(),
  references: z.array(referenceShape).nullish(),
})
type SchemaBody = z.infer<typeof schemaShape>

interface Answer {
  /** null: the registry says that there is none. */
  readonly body: SchemaBody | null
}

type Ask = (path: string, signal: AbortSignal) => Promise<Answer>

/** null for an id that the registry does not know. */
async function fetchSchema(
  ask: Ask,
  schemaId: number,
  signal: AbortSignal,
): Promise<KnownSchema | null> {
  const { body } = await ask(`/schemas/ids/${String(schemaId)}`, signal)
  if (body === null) return null
  const type = body.schemaType?.toUpperCase() ?? 'AVRO'
  if (type !== 'AVRO' && type !== 'PROTOBUF') return { kind: 'other', name: type.slice(0, 50) }
  const referenced = new Map<string, string>()
  await collectReferences(boundedAsk(ask), body, referenced, signal)
  try {
    return type === 'AVRO'
      ? { kind: 'avro', type: readAvroSchema(body.schema, [...referenced.values()]) }
      : { kind: 'protobuf', schema: readProtobufSchema(body.schema, referenced) }
  } catch (err) {
    if (!(err instanceof Undecodable)) throw err
    return { kind: 'problem', message: `schema ${String(schemaId)} cannot be used: ${err.message}` }
  }
}

/** Asks so often, whatever comes back; then nothing is known. */
function boundedAsk(ask: Ask): Ask {
  let asked = 0
  return (path, signal) => {
    asked += 1
    return asked > REFERENCES_MAX ? Promise.resolve({ body: null }) : ask(path, signal)
  }
}

/** Those that others name come first. */
async function collectReferences(
  ask: Ask,
  { references }: SchemaBody,
  found: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, subject, version } of references ?? []) {
    if (found.has(name)) continue
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${String(version)}`
    const { body } = await ask(path, signal)
    if (body === null) continue
    // Before it is asked what it names itself: a circle ends here.
    found.set(name, body.schema)
    await collectReferences(ask, body, found, signal)
    found.delete(name)
    found.set(name, body.schema)
  }
}

/** Error codes that say that there is no such schema, subject or version. */
const UNKNOWN_CODES: ReadonlySet<unknown> = new Set([40_401, 40_402, 40_403])

async function askRegistry(
  outbound: Outbound,
  url: string,
  path: string,
  signal: AbortSignal,
): Promise<Answer> {
  const headers = { accept: 'application/vnd.schemaregistry.v1+json, application/json' }
  const bounds = { bytesMax: SCHEMA_BYTES_MAX, totalMs: TOTAL_MS, signal, headers }
  const reply = await outbound.openRemote(url.replace(/\/+$/, '') + path, bounds)
  const pieces: Uint8Array[] = []
  for await (const piece of reply.body) pieces.push(piece)
  const body = parsed(Buffer.concat(pieces).toString('utf8'))
  if (reply.status === 200) {
    const schema = schemaShape.safeParse(body)
    if (schema.success) return { body: schema.data }
    throw away(reply.shownUrl, 'answers with what is no schema')
  }
  const code = (body as { error_code?: unknown } | null)?.error_code
  if (reply.status === 404 && UNKNOWN_CODES.has(code)) return { body: null }
  if (reply.status === 401 || reply.status === 403)
    throw away(reply.shownUrl, `refuses the login (${String(reply.status)})`)
  throw away(reply.shownUrl, `answers with status ${String(reply.status)}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function away(shownUrl: string, what: string): Fault {
  return fault('remote.unavailable', { public: `The schema registry at ${shownUrl} ${what}.` })
}
