import { describe, expect, test } from 'vitest'
import { insertRows, literal, qualified, readFromDatabase } from './statements.ts'

describe('readFromDatabase', () => {
  const source = { database: 'ws_1', table: 't_a_0' }
  const move = (select: string): string => readFromDatabase(select, source, 'scratch')

  test('every mention of the source is moved, as the engine pushes a block', () => {
    expect(
      move(
        'SELECT ws_1.t_a_0.x FROM ws_1.t_a_0 AS l JOIN (SELECT y FROM ws_1.t_a_0) AS r ON l.y = r.y',
      ),
    ).toBe(
      'SELECT scratch.t_a_0.x FROM scratch.t_a_0 AS l JOIN (SELECT y FROM scratch.t_a_0) AS r ON l.y = r.y',
    )
  })

  test.each([
    'SELECT 1 FROM ws_1.t_a_01',
    'SELECT 1 FROM ws_1.t_a_0_quarantine',
    'SELECT 1 FROM ws_2.t_a_0',
    'SELECT 1 FROM xws_1.t_a_0',
    "SELECT 'ws_1.t_a_0' FROM ws_1.t_b_0",
    "SELECT 'it\\'s ws_1.t_a_0' FROM ws_1.t_b_0",
    'SELECT 1 AS `ws_1.t_a_0` FROM ws_1.t_b_0',
  ])('what only looks like the source stays: %s', (select) => {
    expect(move(select)).toBe(select)
  })

  test('a mention after a text with quotes in it is moved', () => {
    expect(move("SELECT 'a\\'b' FROM ws_1.t_a_0")).toBe("SELECT 'a\\'b' FROM scratch.t_a_0")
    expect(move("SELECT '' FROM ws_1.t_a_0")).toBe("SELECT '' FROM scratch.t_a_0")
  })
})

test('names and texts are quoted whatever they hold', () => {
  expect(qualified('d`b', 't\\')).toBe('`d\\`b`.`t\\\\`')
  expect(literal("it's \\")).toBe("'it\\'s \\\\'")
})

test('an insert reads the columns it takes and knows the types of all', () => {
  const columns = [
    { name: 'a', type: 'Int64', jsonPath: null, default: null, codec: null },
    { name: 'b', type: 'String', jsonPath: null, default: "'x'", codec: null },
  ]
  expect(insertRows('t', { from: 'rows', columns }, columns.slice(0, 1))).toBe(
    'INSERT INTO t (`a`) SELECT `a` FROM rows',
  )
})
