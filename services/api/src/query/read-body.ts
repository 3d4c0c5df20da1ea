// The body of a query request, bounded, as fields: form, JSON object, or the raw SQL text.
import { fault } from '@sandpiper/faults'

/** Bytes of one query request; SQL and parameters are small. */
export const QUERY_BODY_BYTES_MAX = 8 * 1_048_576

/** Fields of one query request, repeats included: reading a million of them would hold up everybody else. */
export const QUERY_FIELDS_MAX = 10_000

/** Fields of a form or JSON object in order, repeats included; or the text of any other body. */
export type QueryBody =
  | {
      readonly kind: 'fields'
      readonly fields: readonly (readonly [string, unknown])[]
      /** A form as it came: `curl -d` calls any text a form. */
      readonly formText?: string
    }
  | { readonly kind: 'text'; readonly text: string }

/**
 * Reads the body of a POST; an empty one has no fields.
 * @throws fault `request.too_large` (413) over QUERY_BODY_BYTES_MAX or QUERY_FIELDS_MAX | `request.invalid` for broken JSON or what is not UTF-8.
 */
export async function readQueryBody(request: Request): Promise<QueryBody> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const bytes = await readBytes(request)
  if (bytes.byteLength === 0) return { kind: 'fields', fields: [] }
  if (type === 'multipart/form-data') {
    throw fault('request.invalid', {
      public: 'multipart/form-data is not read here: use application/x-www-form-urlencoded.',
    })
  }
  const text = decode(bytes)
  if (type === 'application/json') return { kind: 'fields', fields: jsonFields(text) }
  if (type === 'application/x-www-form-urlencoded') {
    refuseMany(fieldsIn(text))
    return { kind: 'fields', fields: [...new URLSearchParams(text)], formText: text }
  }
  return { kind: 'text', text }
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > QUERY_BODY_BYTES_MAX) throw tooLarge()
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > QUERY_BODY_BYTES_MAX) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(): Error {
  return fault('request.too_large', {
    public: `The body is larger than ${QUERY_BODY_BYTES_MAX} bytes.`,
  })
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (err) {
    throw fault('request.invalid', { public: 'The body is not valid UTF-8.', cause: err })
  }
}

function jsonFields(text: string): [string, unknown][] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (err) {
    const why = err instanceof Error ? err.message.slice(0, 200) : ''
    throw fault('request.invalid', { public: `The body is not valid JSON: ${why}`, cause: err })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fault('request.invalid', {
      public: 'The body must be a JSON object whose members are the parameters.',
    })
  }
  const fields = Object.entries(value)
  refuseMany(fields.length)
  return fields
}

/** Counted before they are made; stops counting over the bound. */
function fieldsIn(form: string): number {
  let count = 1
  for (let at = form.indexOf('&'); at >= 0 && count <= QUERY_FIELDS_MAX; count++)
    at = form.indexOf('&', at + 1)
  return count
}

function refuseMany(fields: number): void {
  if (fields <= QUERY_FIELDS_MAX) return
  throw fault('request.too_large', {
    public: `The body has more than ${QUERY_FIELDS_MAX} parameters.`,
  })
}
