// Parameters of the management calls: clients send them in the query, as a form, or as JSON.
import { fault } from '@sandpiper/faults'
import type { Context } from 'hono'

import type { ApiEnv } from './app.ts'
import { readBytes } from './read-bytes.ts'

/** Bytes of a management body; projects and data have limits of their own. */
const BODY_BYTES_MAX = 1_048_576

/** What a caller sent, from everywhere it may stand. */
export interface Params {
  /** Query first, then form or the plain members of a JSON object. */
  readonly values: URLSearchParams
  /** The JSON body when it is an object, else null. */
  readonly json: Readonly<Record<string, unknown>> | null
}

/**
 * Reads query and body together.
 * @throws fault `request.too_large` (413) over 1 MiB | `request.invalid` for a body that is multipart, or looks like JSON and is no object.
 */
export async function readParams(c: Context<ApiEnv>): Promise<Params> {
  const values = new URL(c.req.url).searchParams
  const type = c.req.header('Content-Type') ?? ''
  const bytes = await readBytes(c.req.raw, BODY_BYTES_MAX)
  if (type.includes('multipart/form-data')) {
    throw fault('request.invalid', {
      public: 'multipart/form-data is not read here: use application/x-www-form-urlencoded.',
    })
  }
  const text = new TextDecoder().decode(bytes)
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
