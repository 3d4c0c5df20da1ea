import { parseDatafile } from '@sandpiper/datafile'
import { Fault } from '@sandpiper/faults'
import { describe, expect, it } from 'vitest'

import { compileSql } from './compile-sql.ts'
import type { Authority } from './compile-scope.ts'
import { EVENTS_TABLE, testMap, testScope, USERS_TABLE } from './test-map.fixture.ts'

const map = testMap({ report: [{ name: 'out', sql: 'SELECT id FROM users', type: 'endpoint' }] })

function onlyEvents(filter: string | null): Authority {
  return { mayRead: ({ name }) => ({ allowed: name === 'events', filter }), seesNames: false }
}

function statusOf(sql: string, authority: Authority): [number, string] {
  try {
    compileSql(testScope(map, { authority }), { sql })
  } catch (err) {
    if (err instanceof Fault) return [err.status, err.details.public.replace(/'[^']*'/, "'?'")]
    throw err
  }
  return [200, '']
}

describe('compileSql', () => {
  it('applies a filter to the physical table, with FINAL inside', () => {
    const { sql, settings } = compileSql(testScope(map, { authority: onlyEvents("org = 'a'") }), {
      sql: 'SELECT 1 AS org FROM events AS e FINAL',
    })
    expect(settings).toEqual({ apply_prewhere_after_final: 1, enable_lazy_columns_replication: 0 })
    expect(sql).toBe(
      `SELECT 1 AS org FROM (SELECT COLUMNS('^(?:id)(?:$|\\\\.)') FROM ${EVENTS_TABLE} FINAL PREWHERE (org = 'a')) AS e`,
    )
  })

  it('filters tables that have no PREWHERE, too', () => {
    const events = map.dataSources['events']
    const text = 'SCHEMA >\n    id String\n\nENGINE "Null"\n'
    const { file } = parseDatafile(text, { filename: 'events.datasource' })
    if (events === undefined || file?.kind !== 'datasource') throw new Error('not a data source')
    const ofNull = { ...map, dataSources: { ...map.dataSources, events: { ...events, file } } }
    const { sql } = compileSql(testScope(ofNull, { authority: onlyEvents("org = 'a'") }), {
      sql: 'SELECT 1 FROM events',
    })
    expect(sql).toContain(`FROM ${EVENTS_TABLE} WHERE (org = 'a')`)
  })

  it('filters in CTEs, joins and IN alike', () => {
    const { sql } = compileSql(testScope(map, { authority: onlyEvents('ok') }), {
      sql: 'WITH x AS (SELECT * FROM events) SELECT * FROM x JOIN events AS y USING id WHERE id IN events',
    })
    expect(sql.split('PREWHERE (ok)')).toHaveLength(4)
  })

  it('answers the same for a forbidden and for an unknown resource', () => {
    const forbidden = statusOf('SELECT * FROM users', onlyEvents(null))
    expect(forbidden[0]).toBe(403)
    expect(statusOf('SELECT * FROM no_such_thing', onlyEvents(null))).toEqual(forbidden)
    expect(statusOf('SELECT * FROM report', onlyEvents(null))).toEqual(forbidden)
    expect(statusOf('SELECT * FROM system.tables', onlyEvents(null))).toEqual(forbidden)
  })

  it('tells by no other answer that a quarantine or the right side of IN names something that exists', () => {
    const scope = testScope(map, { authority: onlyEvents(null) })
    for (const name of ['users_quarantine', 'nope_quarantine']) {
      expect(() => compileSql(scope, { sql: `SELECT * FROM ${name}` })).toThrow(
        `Resource '${name}' not found or not allowed for this token`,
      )
    }
    for (const name of ['users', 'report', 'users_quarantine', 'nope']) {
      const select = `SELECT 1 IN ${name}`
      expect(compileSql(scope, { sql: select }).sql).toBe(select)
    }
  })

  it('refuses a text of too many words and signs before it reads it', () => {
    for (const piece of ['1,', '- ', '(', 'a IN ', '--\n'])
      expect(() => compileSql(testScope(map), { sql: `SELECT ${piece.repeat(210_000)}1` })).toThrow(
        'more than 200000 words and signs',
      )
    const list = Array.from({ length: 90_000 }, (_, n) => n).join(',')
    expect(compileSql(testScope(map), { sql: `SELECT 1 IN (${list})` }).sql).toContain('89999')
  })

  it.each(['1) OR (1', '1 = 1 -- ', 'id IN (SELECT id FROM users)', '1; DROP TABLE x', "'"])(
    'refuses the filter %s',
    (filter) => {
      expect(statusOf('SELECT * FROM events', onlyEvents(filter))[0]).toBe(400)
    },
  )

  it('does not let a filtered token read the quarantine', () => {
    expect(statusOf('SELECT * FROM events_quarantine', onlyEvents('ok'))[0]).toBe(403)
    expect(statusOf('SELECT * FROM events_quarantine', onlyEvents(null))[0]).toBe(200)
  })

  it('reads a pipe under the pipe authority, and its format off the end', () => {
    const authority: Authority = {
      mayRead: ({ name }) => ({ allowed: name === 'report', filter: null }),
      seesNames: false,
    }
    const { sql, format } = compileSql(testScope(map, { authority, columnsOf: () => [] }), {
      sql: 'SELECT * FROM report FORMAT JSONEachRow;',
    })
    expect(format).toBe('JSONEachRow')
    expect(sql).toContain(`(SELECT id FROM ${USERS_TABLE} AS \`users\``)
    expect(sql).toMatch(/AS `report`$/)
  })

  it('names an unknown resource to those who see names', () => {
    expect(() => compileSql(testScope(map), { sql: 'SELECT * FROM nope' })).toThrow(
      "Resource 'nope' not found",
    )
  })
})
