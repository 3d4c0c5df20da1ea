import { describe, expect, test } from 'vitest'

import { compileOver, compilePipe } from './compile-pipe.ts'
import { compileSql } from './compile-sql.ts'
import { usesSecrets } from './secrets.ts'
import { testMap, testScope } from './test-map.fixture.ts'

const SECRETS = new Map([
  ['salt', 'the salt'],
  ['other', 'another value'],
])
const node = (sql: string) => [{ name: 'n', type: 'endpoint' as const, sql: `%\n${sql}` }]
const MAP = testMap({
  salted: node("SELECT id FROM events WHERE id = {{tb_secret('salt')}}"),
  chosen: node('SELECT {{tb_secret(String(name))}} AS a'),
  mixed: node("SELECT {{tb_secret(String(name))}} AS a, {{tb_var(name='salt')}} AS b"),
  outer: node('SELECT * FROM salted'),
  plain: node("SELECT {{String(name, 'x')}} AS a"),
})
const scope = testScope(MAP, { secrets: SECRETS })

describe('a pipe', () => {
  test('binds the secret it names as an engine parameter, itself or through another pipe', () => {
    for (const pipe of ['salted', 'outer']) {
      const { sql, params } = compilePipe(scope, { pipe })
      expect(sql).toContain('{salt: String}')
      expect(sql).not.toContain('the salt')
      expect(params).toEqual({ salt: 'the salt' })
    }
  })

  test('finds no secret by a name that the caller sent', () => {
    for (const pipe of ['chosen', 'mixed']) {
      const called = { ...scope, params: { name: 'other' } }
      expect(() => compilePipe(called, { pipe })).toThrow(/Cannot access secret 'other'/)
    }
  })

  test('is told apart from those that use none', () => {
    expect(usesSecrets(MAP)).toBe(true)
    expect(usesSecrets(testMap({ plain: node("SELECT {{String(name, 'x')}} AS a") }))).toBe(false)
  })
})

describe('the SQL of a caller', () => {
  test.each([
    'SELECT {salt:String}',
    'SELECT { salt : String } FROM _',
    'SELECT {/**/salt:String} FROM _',
    'SELECT {salt/**/:String} FROM _',
    'SELECT {salt:Identifier} FROM _',
    'SELECT {`salt`:String} FROM _',
    'SELECT * FROM {salt:Identifier}',
    "SELECT concat({\nsalt\n:\nString\n}, '') FROM _",
    'SELECT {salt: FixedString(8)} FROM _',
    'SELECT {_:String} FROM _',
  ])('reads no parameter that a pipe has bound: %s', (q) => {
    expect(() => compileOver(scope, { pipe: 'salted', q })).toThrow(/not allowed|cannot be read/)
    const sql = q.replace('_', 'salted')
    expect(() => compileSql(scope, { sql })).toThrow(/not allowed|not found/)
    const admin = { ...scope, mayUseSecrets: true }
    expect(() => compileSql(admin, { sql })).toThrow(/not allowed|not found/)
  })

  test('may hold maps and braces in texts', () => {
    const q = "SELECT {'a': 1, 'b': 2} AS m, '{salt:String}' AS t, map() AS e FROM _"
    expect(compileOver(scope, { pipe: 'salted', q }).params).toEqual({ salt: 'the salt' })
  })

  test('uses no secret in a template unless it may, and q is never a template', () => {
    const sql = "% SELECT {{tb_secret('salt')}} AS a"
    expect(() => compileSql(scope, { sql })).toThrow(/Cannot access secret 'salt'/)
    expect(compileSql({ ...scope, mayUseSecrets: true }, { sql }).params).toEqual({
      salt: 'the salt',
    })
    expect(() => compileOver(scope, { pipe: 'salted', q: sql })).toThrow()
  })

  test('takes the default of a secret that it may not use, as of one that is not there', () => {
    const ask = (name: string) =>
      compileSql(scope, { sql: `% SELECT {{tb_secret('${name}', 'none')}} AS a` }).sql
    expect(ask('salt')).toBe(ask('nosuch'))
  })
})
