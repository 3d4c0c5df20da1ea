// Programs to take along: how to bring rows into a data source, with its own columns as the example.
import type { ColumnBody } from '@sandpiper/contracts'

import { codeText, shellText } from '@/lib/code-text.ts'

export const LANGUAGES = [
  { id: 'curl', label: 'curl' },
  { id: 'javascript', label: 'JavaScript' },
  { id: 'python', label: 'Python' },
  { id: 'sdk', label: 'SDK' },
  { id: 'file', label: 'Files' },
] as const

export type Language = (typeof LANGUAGES)[number]['id']

export interface SnippetInput {
  /** Where the server is, without a path. */
  origin: string
  name: string
  /** Null: the reader has to put one in. */
  token: string | null
  columns: readonly ColumnBody[]
}

const PLACEHOLDER = '<token with DATASOURCES:APPEND>'

export function snippet(language: Language, input: SnippetInput): string {
  return WRITERS[language]({ ...input, token: input.token ?? PLACEHOLDER })
}

type Filled = SnippetInput & { token: string }

const WRITERS: Readonly<Record<Language, (input: Filled) => string>> = {
  curl: ({ origin, name, token, columns }) =>
    [
      `curl ${shellText(`${origin}/v0/events?name=${encodeURIComponent(name)}`)} \\`,
      `  -H ${shellText(`Authorization: Bearer ${token}`)} \\`,
      `  -d ${shellText(JSON.stringify(exampleEvent(columns)))}`,
    ].join('\n'),
  javascript: ({ origin, name, token, columns }) =>
    [
      `const answer = await fetch(${codeText(`${origin}/v0/events?name=${encodeURIComponent(name)}`)}, {`,
      `  method: 'POST',`,
      `  headers: { Authorization: ${codeText(`Bearer ${token}`)} },`,
      `  // One event per line; many in one request are faster.`,
      `  body: JSON.stringify(${indented(JSON.stringify(exampleEvent(columns), null, 2), 2)}),`,
      `})`,
      `console.log(answer.status, await answer.json())`,
    ].join('\n'),
  python: ({ origin, name, token, columns }) =>
    [
      `import json`,
      `import requests`,
      ``,
      `event = json.loads(${codeText(JSON.stringify(exampleEvent(columns)))})`,
      `answer = requests.post(`,
      `    ${codeText(`${origin}/v0/events`)},`,
      `    params={"name": ${codeText(name)}},`,
      `    headers={"Authorization": ${codeText(`Bearer ${token}`)}},`,
      `    data=json.dumps(event),`,
      `)`,
      `print(answer.status_code, answer.json())`,
    ].join('\n'),
  sdk: ({ origin, name, token, columns }) =>
    [
      `import { createTinybirdApi } from '@tinybirdco/sdk'`,
      ``,
      `const api = createTinybirdApi({`,
      `  baseUrl: ${codeText(origin)},`,
      `  token: ${codeText(token)},`,
      `})`,
      `await api.ingestBatch(${codeText(name)}, [`,
      `  ${indented(JSON.stringify(exampleEvent(columns), null, 2), 2)},`,
      `])`,
    ].join('\n'),
  file: ({ origin, name, token }) =>
    ['csv', 'ndjson', 'parquet']
      .map((format) => {
        const url = `${origin}/v0/datasources?mode=append&name=${encodeURIComponent(name)}&format=${format}`
        return [
          `curl ${shellText(url)} \\`,
          `  -H ${shellText(`Authorization: Bearer ${token}`)} \\`,
          `  --data-binary @rows.${format}`,
        ].join('\n')
      })
      .join('\n\n'),
}

/** An event that the data source takes: its JSONPaths, with a value for each type. */
export function exampleEvent(columns: readonly ColumnBody[]): Record<string, unknown> {
  const event: Record<string, unknown> = {}
  for (const { name, type, jsonpath } of columns) {
    const steps = (jsonpath ?? `$.${name}`).replace(/^\$\.?/, '').split('.')
    put(event, steps, exampleValue(type))
  }
  return event
}

function put(into: Record<string, unknown>, steps: readonly string[], value: unknown): void {
  const [step = '', ...rest] = steps
  const isList = step.endsWith('[:]')
  const key = isList ? step.slice(0, -3) : step
  if (key === '' || key === '__proto__') return
  if (rest.length === 0) {
    into[key] = isList && !Array.isArray(value) ? [value] : value
    return
  }
  const held = into[key]
  const inner: unknown = isList && Array.isArray(held) ? held[0] : held
  const object = typeof inner === 'object' && inner !== null ? inner : {}
  into[key] = isList ? [object] : object
  put(object as Record<string, unknown>, rest, value)
}

function exampleValue(type: string): unknown {
  const inner = type
    .replace(/^LowCardinality\((.*)\)$/, '$1')
    .replace(/^SimpleAggregateFunction\([^,]+, *(.*)\)$/, '$1')
    .replace(/^Nullable\((.*)\)$/, '$1')
  if (inner.startsWith('Array(')) return [exampleValue(inner.slice(6, -1))]
  if (/^U?Int/.test(inner)) return 1
  if (/^(?:Float|BFloat|Decimal)/.test(inner)) return 1.5
  if (inner.startsWith('Bool')) return true
  if (inner.startsWith('DateTime')) return '2026-01-15 10:00:00'
  if (inner.startsWith('Date')) return '2026-01-15'
  if (inner.startsWith('UUID')) return '61f0c404-5cb3-11e7-907b-a6006ad3dba0'
  if (inner.startsWith('Map') || inner.startsWith('JSON')) return {}
  const enumerated = /^Enum\d*\('((?:[^'\\]|\\.)*)'/.exec(inner)
  return enumerated?.[1] ?? 'text'
}

function indented(text: string, spaces: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(spaces)}`)
}
