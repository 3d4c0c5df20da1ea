import { expect, test } from 'vitest'

import { createIdleConnections, type IdleConnection } from './idle-connections.ts'
import type { Native } from './native.ts'

function setUp(max: number) {
  const closed: unknown[] = []
  const native = { CloseConnection: (connection: unknown) => closed.push(connection) }
  const idle = createIdleConnections({ native: native as unknown as Native }, max)
  const made = (text: string, name: string): IdleConnection => ({
    ...{ text, mark: name, uses: 0 },
    connection: name as never,
  })
  return { closed, idle, made }
}

test('a connection is given to one request at a time, and only to one with the same text', () => {
  const { idle, made, closed } = setUp(4)
  idle.put(made('a', '1'))
  expect(idle.take('b')).toBeNull()
  expect(idle.take('a')).toMatchObject({ mark: '1', uses: 1 })
  expect(idle.take('a')).toBeNull()
  expect(closed).toEqual([])
})

test('over the bound the one that has waited longest is closed', () => {
  const { idle, made, closed } = setUp(2)
  for (const name of ['1', '2', '3']) idle.put(made('a', name))
  expect(closed).toEqual(['1'])
  idle.close()
  expect(closed).toEqual(['1', '2', '3'])
  expect(idle.take('a')).toBeNull()
})

test('a connection that served a thousand requests is closed', () => {
  const { idle, made, closed } = setUp(2)
  let uses = 0
  for (let next = made('a', '1') as IdleConnection | null; next !== null; next = idle.take('a')) {
    uses += 1
    idle.put(next)
  }
  expect([uses, closed]).toEqual([1_000, ['1']])
})
