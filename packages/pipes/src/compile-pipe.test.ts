import { describe, expect, it } from 'vitest'

import { compileOver, compilePipe } from './compile-pipe.ts'
import { EVENTS_TABLE, testMap, testScope, USERS_TABLE, type NodeText } from './test-map.fixture.ts'

function compile(
  pipes: Readonly<Record<string, readonly NodeText[]>>,
  params: Record<string, unknown> = {},
) {
  return compilePipe(testScope(testMap(pipes), { params }), { pipe: 'p' })
}

const endpoint = (sql: string, name = 'out'): NodeText => ({ name, sql, type: 'endpoint' })

describe('compilePipe', () => {
  it('names the engine table and keeps the user name as alias, so qualified columns resolve', () => {
    const { sql, tables } = compile({ p: [endpoint('SELECT events.id FROM events')] })
    expect(sql).toBe(`SELECT events.id FROM ${EVENTS_TABLE} AS \`events\``)
    expect(tables.map(({ userName }) => userName)).toEqual(['events'])
  })

  it('puts earlier nodes in as subqueries and leaves unread nodes out', () => {
    const { sql, tables } = compile({
      p: [
        { name: 'unread', sql: 'SELECT * FROM users' },
        { name: 'base', sql: 'SELECT id FROM events -- all of them' },
        endpoint('SELECT count() AS c FROM base AS b'),
      ],
    })
    expect(sql).toBe(`SELECT count() AS c FROM (SELECT id FROM ${EVENTS_TABLE} AS \`events\`) AS b`)
    expect(tables).toHaveLength(1)
  })

  it('reads another pipe through its endpoint node', () => {
    const { sql } = compile({
      other: [{ name: 'draft', sql: 'SELECT 1' }, endpoint('SELECT id FROM users')],
      p: [endpoint('SELECT * FROM other')],
    })
    expect(sql).toBe(`SELECT * FROM (SELECT id FROM ${USERS_TABLE} AS \`users\`) AS \`other\``)
  })

  it('leaves names of CTEs alone', () => {
    const { sql } = compile({
      p: [endpoint('WITH events AS (SELECT id FROM users) SELECT * FROM events')],
    })
    expect(sql).toBe(
      `WITH events AS (SELECT id FROM ${USERS_TABLE} AS \`users\`) SELECT * FROM events`,
    )
  })

  it('renders templates with the parameters of the request', () => {
    const { sql } = compile(
      { p: [endpoint("%\nSELECT id FROM events WHERE id = {{String(id, 'x')}}")] },
      { id: "o'neil" },
    )
    expect(sql).toContain(`WHERE id = 'o\\'neil'`)
  })

  it('reads the quarantine of a data source', () => {
    const { tables } = compile({ p: [endpoint('SELECT * FROM events_quarantine')] })
    expect(tables[0]?.table).toMatch(/_1_quarantine$/)
  })

  it('refuses pipes that read each other in a circle, naming the chain', () => {
    const circle = { p: [endpoint('SELECT * FROM q')], q: [endpoint('SELECT * FROM p')] }
    expect(() => compile(circle)).toThrow('p -> q -> p')
  })

  it('refuses a node that reads a later node, an unknown name and a qualified name', () => {
    expect(() =>
      compile({ p: [endpoint('SELECT * FROM later'), { name: 'later', sql: 'SELECT 1' }] }),
    ).toThrow('stand before it')
    expect(() => compile({ p: [endpoint('SELECT * FROM nope')] })).toThrow(
      "Resource 'nope' not found",
    )
    expect(() => compile({ p: [endpoint('SELECT * FROM system.tables')] })).toThrow(
      "Resource 'system.tables' not found",
    )
  })

  it('refuses a node that hides a data source or a pipe it could mean, and reads a node named like its own pipe', () => {
    const hidden: NodeText[] = [{ name: 'users', sql: 'SELECT 1' }, endpoint('SELECT * FROM users')]
    expect(() => compile({ p: hidden })).toThrow(
      "'users' is both a node of pipe 'p' and a data source",
    )
    expect(() => compile({ p: [endpoint('SELECT * FROM users', 'users')] })).toThrow(
      'Rename the node',
    )
    const other = {
      other: [endpoint('SELECT 1')],
      p: [{ name: 'other', sql: 'SELECT 2' }, endpoint('SELECT * FROM other')],
    }
    expect(() => compile(other)).toThrow("and a pipe (node 'out'")
    const own = { p: [{ name: 'p', sql: 'SELECT 2' }, endpoint('SELECT * FROM p')] }
    expect(compile(own).sql).toBe('SELECT * FROM (SELECT 2) AS `p`')
  })

  it.each([
    ['two statements', 'SELECT 1; DROP TABLE events', 'Only one statement'],
    ['no SELECT', 'DROP TABLE events', 'Only SELECT'],
    ['a format', 'SELECT 1 FORMAT CSV', 'FORMAT is not allowed'],
    ['settings', 'SELECT 1 SETTINGS max_threads = 1', 'SETTINGS'],
    ['an output file', "SELECT 1 INTO OUTFILE '/x'", 'OUTFILE'],
    ['an unclosed string', "SELECT 'a FROM events", 'Syntax error'],
  ])('refuses %s in a node', (_, sql, message) => {
    expect(() => compile({ p: [endpoint(sql)] })).toThrow(message)
  })

  it('ends the growth of nodes that read each other twice', () => {
    const nodes = Array.from({ length: 40 }, (_, index): NodeText => {
      const before = index === 0 ? 'events' : `n${index - 1}`
      return { name: `n${index}`, sql: `SELECT * FROM ${before} AS a, ${before} AS b` }
    })
    expect(() => compile({ p: [...nodes, endpoint('SELECT * FROM n39')] })).toThrow(
      'too many times',
    )
  })

  it('answers that a pipe without endpoint has none yet', () => {
    expect(() => compile({ p: [{ name: 'a', sql: 'SELECT 1' }] })).toThrow(
      'does not have an endpoint yet',
    )
  })
})

describe('compileOver', () => {
  const map = testMap({ p: [endpoint('SELECT id FROM events')] })

  it('runs q over the result, called _ or by name, and takes the format off', () => {
    const { sql, format } = compileOver(testScope(map), {
      pipe: 'p',
      q: 'SELECT count() FROM _ FORMAT CSV',
    })
    expect(format).toBe('CSV')
    expect(sql).toBe(`SELECT count() FROM (SELECT id FROM ${EVENTS_TABLE} AS \`events\`) AS \`_\``)
  })

  it('cannot read anything else', () => {
    for (const q of [
      'SELECT * FROM users',
      'SELECT 1 FROM _ WHERE 1 IN ws_0.t_0',
      'SELECT * FROM {p:Identifier}',
    ]) {
      expect(() => compileOver(testScope(map), { pipe: 'p', q })).toThrow(
        /cannot be read here|not allowed/,
      )
    }
  })
})
