import { NO_OPS, type DataSourceOp } from '@sandpiper/telemetry'
import { expect, test } from 'vitest'
import { createBreakers } from './breakers.ts'

function world() {
  let ms = 0
  const told: DataSourceOp[] = []
  const warnings: string[] = []
  const breakers = createBreakers({
    logger: {
      warn: (_about: unknown, text?: string) => void warnings.push(text ?? ''),
      info: () => undefined,
    },
    ops: { ...NO_OPS, dataSourceOp: (row) => void told.push(row) },
    now: () => Date.parse('2026-01-01T00:00:00Z') + ms,
    monotonicMs: () => ms,
  })
  const send = (good: number, bad: number, name = 'a'): void =>
    breakers.observe({
      ...{ workspaceId: 'w', dataSourceId: name, dataSourceName: name },
      ...{ rowCount: good, refusedCount: bad },
      errors:
        bad === 0 ? [] : [{ column: 'n', message: `value '${bad}' on column 'n' is not UInt8` }],
    })
  const pass = (seconds: number): void => void (ms += seconds * 1_000)
  return { breakers, told, warnings, send, pass }
}

test('a jump of the invalid part opens the breaker once, tells counts and the top cause, and calm closes it', () => {
  const { breakers, told, warnings, send, pass } = world()
  for (let minute = 0; minute < 5; minute += 1) {
    send(1_000, 20)
    pass(60)
  }
  expect(breakers.stateOf('a').state).toBe('closed')
  for (let request = 0; request < 40; request += 1) send(0, 3)
  expect(breakers.stateOf('a')).toEqual({
    state: 'open',
    since: '2026-01-01T00:05:00.000Z',
    ...{ rows: 120, invalid_rows: 120, top_cause: "n: value '…' on column 'n' is not UInt8" },
  })
  expect(warnings).toHaveLength(1)
  expect(told).toMatchObject([
    { eventType: 'breaker', rowsQuarantine: 102, rows: 102, options: { state: 'open' } },
  ])
  send(2_000, 0)
  expect(breakers.stateOf('a').state).toBe('closed')
  expect(told[1]).toMatchObject({ error: null, options: { state: 'closed' } })
  expect(breakers.counters).toEqual({ opened: 1, closed: 1, open: 0 })
})

test.each([
  ['fewer than a hundred rows', 0, 99],
  ['half of the rows', 100, 100],
])('%s open nothing', (_, good, bad) => {
  const { breakers, send } = world()
  send(good, bad)
  expect(breakers.stateOf('a').state).toBe('closed')
})

test('a data source whose rows are usually invalid opens nothing', () => {
  const { breakers, send, pass } = world()
  for (let minute = 0; minute < 5; minute += 1) {
    send(90, 10)
    pass(60)
  }
  send(0, 500)
  expect(breakers.stateOf('a').state).toBe('closed')
})

test('one that goes silent closes after a minute, told by whoever comes next', () => {
  const { breakers, told, send, pass } = world()
  send(0, 200)
  pass(59)
  send(1, 0, 'b')
  expect(told).toHaveLength(1)
  pass(11)
  send(1, 0, 'b')
  expect(told[1]).toMatchObject({ dataSourceId: 'a', options: { state: 'closed' } })
  expect(breakers.stateOf('a')).toMatchObject({ state: 'closed', rows: 0 })
})

test('what comes while it is open does not become usual', () => {
  const { breakers, send, pass } = world()
  for (let minute = 0; minute < 30; minute += 1) {
    send(0, 200)
    pass(30)
  }
  expect(breakers.stateOf('a').state).toBe('open')
  pass(120)
  send(0, 200)
  expect(breakers.counters.opened).toBe(2)
})

test('data sources beyond those watched push out the oldest that is closed', () => {
  const { breakers, send } = world()
  send(0, 200, 'kept')
  for (let index = 0; index < 10_050; index += 1) send(1, 0, `s${index}`)
  expect(breakers.stateOf('kept').state).toBe('open')
  expect(breakers.stateOf('s0').rows).toBe(0)
  expect(breakers.stateOf('s10049').rows).toBe(1)
})
