import { fault, type Fault } from '@sandpiper/faults'
import { expect, test } from 'vitest'

import { hideRowData } from './hide-row-data.ts'

function ofEngine(code: string, text: string): Fault {
  return fault('query.failed', { public: text, headers: { 'X-DB-Exception-Code': code } })
}

test('a value that the engine stumbled over is not shown, its name and code are', () => {
  const text = "[Error] Cannot parse string 'theirs' as UInt64 (CANNOT_PARSE_TEXT)"
  expect(hideRowData(ofEngine('6', text))).toMatchObject({
    ...{ code: 'query.failed', status: 400 },
    message:
      '[Error] The query failed. What the engine says is not shown to tokens that see some rows only. (CANNOT_PARSE_TEXT)',
    details: { headers: { 'X-DB-Exception-Code': '6' } },
  })
  expect(String(hideRowData(ofEngine('395', 'theirs')))).not.toContain('theirs')
})

test('what is wrong with the query itself is told, and so is what the engine did not say', () => {
  const others = [
    ofEngine('47', "[Error] Unknown identifier 'x' (UNKNOWN_IDENTIFIER)"),
    fault('template.error', { public: "Template Syntax Error: missing parameter 'tenant'" }),
    new Error('bug'),
  ]
  for (const err of others) expect(hideRowData(err)).toBe(err)
})
