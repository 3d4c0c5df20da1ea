// Parameters of the management calls: clients send them in the query, as a form, or as JSON.
import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'

import type { ApiEnv } from './app.ts'

/** Bytes of a management body; projects and data have limits of their own. */
const BODY_BYTES_MAX = 1_048_576

/** Refuses bodies over 1 MiB with 413, before and while they are read. */
export const smallBody = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  onError: () => {
    throw fault('request.too_large', {
      public: `The body is larger than ${BODY_BYTES_MAX} bytes.`,
    })
  },
})

/** What a caller sent, from everywhere it may stand. */
export interface Params {
  /** Query first, then form or the plain members of a JSON object. */
  readonly values: URLSearchParams
  /** The JSON body when it is an object, else null. */
  readonly json: Readonly<Record<string, unknown>> | null
}

/**
 * Reads query and body together. Use behind smallBody.
 * @throws fault `request.invalid` for a body that says it is JSON and is not a JSON object.
 */
export async function readParams(c: Context<ApiEnv>): Promise<Params> {
  const values = new URL(c.req.url).searchParams
  const type = c.req.header('Content-Type') ?? ''
  if (type.includes('multipart/form-data'))
    return { values: await withMultipart(c, values), json: null }
  const text = await c.req.text()
  if (text.trim() === '') return { values, json: null }
  // The SDK posts JSON without saying so; no form begins with a brace.
  if (type.includes('json') || text.trimStart().startsWith('{')) {
    const json = parseObject(text)
    for (const [name, value] of plainMembers(json)) values.append(name, value)
    return { values, json }
  }
  for (const [name, value] of new URLSearchParams(text)) values.append(name, value)
  return { values, json: null }
}

/** A parameter as a flag: `true`, `1`, `yes` and `on` are true. */
export function isOn(value: string | null | undefined): boolean {
  return ['true', '1', 'yes', 'on'].includes((value ?? '').toLowerCase())
}

async function withMultipart(
  c: Context<ApiEnv>,
  values: URLSearchParams,
): Promise<URLSearchParams> {
  const form = await c.req.formData().catch((cause: unknown) => {
    throw fault('request.invalid', { public: 'The body is not valid multipart/form-data.', cause })
  })
  form.forEach((value, name) => {
    if (typeof value === 'string') values.append(name, value)
  })
  return values
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw fault('request.invalid', { public: 'The body is not valid JSON.', cause })
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw fault('request.invalid', { public: 'The body must be a JSON object.' })
  }
  return parsed as Readonly<Record<string, unknown>>
}

function plainMembers(json: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(json).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((each): [string, string][] =>
      typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean'
        ? [[name, String(each)]]
        : [],
    ),
  )
}
