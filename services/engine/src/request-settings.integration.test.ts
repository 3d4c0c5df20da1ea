// What one request sets is its own.
import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ENDLESS, connect, until, type Connected } from './testing/connect.ts'

let at: Connected

beforeAll(async () => {
  at = await connect()
})

afterAll(async () => {
  expect(await at.close()).toBe(0)
})

describe('parameters, settings, database', () => {
  const NASTY = [
    "a'b",
    'a\\b',
    "\\'",
    'line\nbreak\ttab',
    "'); DROP TABLE x; --",
    'ü€😀',
    '',
    '{x:String}',
    'a\0b',
    '`"',
  ]

  test.each(NASTY)('the text parameter %j arrives as it is', async (value) => {
    const [row] = await at.rows<{ v: string; n: number }>(
      'SELECT {v:String} AS v, length({v:String}) AS n',
      { query_params: { v: value } },
    )
    expect(row?.v).toBe(value)
  })

  test('parameters of other types and identifiers arrive', async () => {
    expect(
      await at
        .rows(
          'SELECT {n:Int64} AS n, {a:Array(String)} AS a, {d:DateTime} AS d, {z:Nullable(String)} AS z FROM {t:Identifier} LIMIT 1',
          {
            query_params: {
              n: -5,
              a: ["x'y", '[1]'],
              d: new Date(Date.UTC(2024, 0, 2)),
              z: null,
              t: 'system.one',
            },
          },
        )
        .catch(() => 'identifiers with a dot are one name'),
    ).toBe('identifiers with a dot are one name')
    expect(
      await at.rows(
        'SELECT {n:Int64} AS n, {a:Array(String)} AS a, {z:Nullable(String)} AS z FROM {d:Identifier}.{t:Identifier}',
        {
          query_params: { n: -5, a: ["x'y", '[1]'], z: null, d: 'system', t: 'one' },
        },
      ),
    ).toEqual([{ n: -5, a: ["x'y", '[1]'], z: null }])
  })

  test('settings and database of a request hold for it and for no other', async () => {
    const mine = {
      clickhouse_settings: { max_threads: 3, max_block_size: '77' },
      query_params: { p: 'secret' },
    }
    const seen = "SELECT getSetting('max_block_size') AS b, currentDatabase() AS d"
    const other = createClient({ url: at.engine.url, database: 'w', http_agent: at.agent })
    const inside = await other.query({ query: seen, format: 'JSONEachRow', ...mine })
    expect(await inside.json()).toEqual([{ b: 77, d: 'w' }])
    // More requests than there are sessions: each of them is met.
    for (let index = 0; index < 20; index++) {
      expect(await at.rows(seen)).toEqual([{ b: 65409, d: 'default' }])
      await expect(at.rows('SELECT {p:String} AS p')).rejects.toMatchObject({ code: '456' })
    }
    await other.close()
  })

  test.each([
    'SET max_block_size = 55',
    'USE w',
    'CREATE TEMPORARY TABLE leak (a Int8) ENGINE = Memory',
  ])('nothing of "%s" is left for the next request', async (statement) => {
    await at.client.command({ query: statement })
    for (let index = 0; index < 20; index++) {
      const [row] = await at.rows<Record<string, unknown>>(
        "SELECT getSetting('max_block_size') AS b, currentDatabase() AS d",
      )
      expect(row).toEqual({ b: 65409, d: 'default' })
      await expect(at.rows('SELECT * FROM leak')).rejects.toMatchObject({ code: '60' })
    }
  })

  test('the output of a query that failed half-way does not show up in the next one', async () => {
    for (let index = 0; index < 12; index++) {
      await expect(
        at.rows(
          "SELECT number, throwIf(number = 90000, 'late') FROM numbers(100000) SETTINGS max_block_size = 10000",
        ),
      ).rejects.toThrow()
      expect(await at.rows('SELECT 5 AS five')).toEqual([{ five: 5 }])
    }
  })

  test('queries under the same settings share a connection, and nothing but that', async () => {
    const statements = async (): Promise<number> => {
      const [row] = await at.rows<{ n: string }>(
        "SELECT toString(value) AS n FROM system.events WHERE event = 'Query'",
      )
      return Number(row?.n)
    }
    const alike = { clickhouse_settings: { max_threads: 2 } }
    const seen = "SELECT getSetting('max_block_size') AS b"
    await at.rows(seen, alike)
    const before = await statements()
    for (let n = 0; n < 10; n += 1) {
      expect(await at.rows(`${seen} SETTINGS max_block_size = 123`, alike)).toEqual([{ b: 123 }])
      expect(await at.rows(seen, alike)).toEqual([{ b: 65409 }])
    }
    // A SET before each would make it twice as many.
    expect((await statements()) - before).toBeLessThan(30)
  })

  test('a query that was stopped takes no later one along that has the same settings', async () => {
    const alike = { clickhouse_settings: { max_threads: 2 } }
    for (let round = 0; round < 3; round += 1) {
      const leaving = new AbortController()
      const gone = expect(
        at.rows(ENDLESS, { ...alike, abort_signal: leaving.signal }),
      ).rejects.toThrow()
      await until(async () => (await at.running('%sipHash64(number) = 3%')) > 0)
      leaving.abort()
      await gone
      // While the first one is being killed, again and again.
      const busy = Array.from({ length: 6 }, (_, n) =>
        at.rows(`SELECT ${n} AS n, count() AS c FROM numbers(20000000)`, alike),
      )
      expect(await Promise.all(busy)).toEqual(
        Array.from({ length: 6 }, (_, n) => [{ n, c: 20_000_000 }]),
      )
    }
  })

  test('every query has a time limit, also one that asks for none', async () => {
    expect(await at.rows("SELECT getSetting('max_execution_time') AS s")).toEqual([{ s: 60 }])
    const limits = async (seconds: number): Promise<unknown> =>
      at.rows("SELECT getSetting('max_execution_time') AS s", {
        clickhouse_settings: { max_execution_time: seconds },
      })
    expect(await limits(5)).toEqual([{ s: 5 }])
    expect(await limits(0)).toEqual([{ s: 3600 }])
    expect(await limits(99_999)).toEqual([{ s: 3600 }])
  })

  test('a query over its time limit fails with 159 and status 408', async () => {
    const response = await fetch(`${at.engine.url}/?max_execution_time=0.2`, {
      method: 'POST',
      body: ENDLESS,
    })
    expect(response.status).toBe(408)
    expect(response.headers.get('x-clickhouse-exception-code')).toBe('159')
    expect(await response.text()).toContain('TIMEOUT_EXCEEDED')
  })

  test('a GET changes nothing', async () => {
    const url = `${at.engine.url}/?query=${encodeURIComponent('CREATE DATABASE by_get ENGINE = Atomic')}`
    const response = await fetch(url)
    expect(await response.text()).toContain('READONLY')
    expect(await at.rows("SELECT name FROM system.databases WHERE name = 'by_get'")).toEqual([])
  })

  test.each(['session_id=a', 'compress=1', 'decompress=1'])(
    '%s is refused instead of ignored',
    async (search) => {
      const response = await fetch(`${at.engine.url}/?${search}`, {
        method: 'POST',
        body: 'SELECT 1',
      })
      expect(response.status).toBe(501)
      expect(response.headers.get('x-clickhouse-exception-code')).toBe('48')
      await response.text()
    },
  )
})

describe('a statement that names a life of the engine', () => {
  const ask = (life: string, query: string): Promise<Response> =>
    fetch(`${at.engine.url}/?${new URLSearchParams({ engine_life: life, query }).toString()}`, {
      method: 'POST',
    })

  test('is run by that life, and by no other', async () => {
    const told = await ask('', 'SELECT {engine_life:String}, {engine_cpu_ms:UInt64} > 0')
    const [life = '', used] = (await told.text()).trim().split('\t')
    expect(life).toMatch(/^[0-9a-f]{16}$/)
    expect(used).toBe('1')
    expect((await ask(life, 'CREATE TABLE w.of_this_life (a Int8) ENGINE = Memory')).status).toBe(
      200,
    )
    const late = await ask('0123456789abcdef', 'DROP TABLE w.of_this_life')
    expect(late.headers.get('x-clickhouse-exception-code')).toBe('236')
    expect(await at.rows('SELECT count() AS n FROM w.of_this_life')).toEqual([{ n: 0 }])
  })
})
