import type { TailBatch } from '@sandpiper/contracts'
import { expect, test } from 'vitest'

import { createEventReader } from './server-events.ts'
import { EMPTY_TAIL, found, SHOWN_MAX, withBatch } from './tail-rows.ts'

const at = '2026-01-15T10:00:00Z'
const batch = (rows: TailBatch['rows'], more: Partial<TailBatch> = {}): TailBatch => ({
  ...{ accepted: rows.length, refused: 0, dropped: 0, rows },
  ...more,
})

test('events are whole wherever the stream is cut', () => {
  const stream = 'event: begin\ndata: {"a":1}\n\n:\n\nevent: rows\ndata: {"b":"\\n"}\n\nevent: ro'
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const read = createEventReader()
    const events = [...read(stream.slice(0, cut)), ...read(stream.slice(cut))]
    expect(events).toEqual([
      { event: 'begin', data: '{"a":1}' },
      { event: 'rows', data: '{"b":"\\n"}' },
    ])
  }
})

test('the newest row stands first, and an endless tail keeps a bounded number', () => {
  let state = EMPTY_TAIL
  for (let n = 0; n < SHOWN_MAX + 10; n += 1) state = withBatch(state, batch([{ at, row: { n } }]))
  expect(state.rows).toHaveLength(SHOWN_MAX)
  expect(state.rows[0]?.text).toBe(`{"n":${SHOWN_MAX + 9}}`)
  expect(new Set(state.rows.map(({ id }) => id)).size).toBe(SHOWN_MAX)
  expect(state.accepted).toBe(SHOWN_MAX + 10)
})

test('refused rows are shown as they came, with every reason, and counted with the dropped ones', () => {
  const refused = { c__error_column: ['n'], c__error: ['n is no UInt8'], c__raw: '{"n":"x"}' }
  const state = withBatch(EMPTY_TAIL, batch([{ at, refused }], { refused: 3, dropped: 2 }))
  expect(state.rows[0]).toMatchObject({
    ...{ text: '{"n":"x"}', isRefused: true },
    reasons: ['n is no UInt8'],
  })
  expect([state.refused, state.dropped]).toEqual([3, 2])
})

test('a search looks through rows and reasons in any case', () => {
  const refused = { c__error: ['not a Date'], c__raw: '{"d":1}' }
  const { rows } = withBatch(
    EMPTY_TAIL,
    batch([
      { at, row: { city: 'Oslo' } },
      { at, refused },
    ]),
  )
  expect(found(rows, 'oslo')).toHaveLength(1)
  expect(found(rows, 'NOT A date')).toHaveLength(1)
  expect(found(rows, '')).toHaveLength(2)
})
