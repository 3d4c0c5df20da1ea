// What the engine answers when it cannot or will not.
import { ClickHouseError } from '@clickhouse/client'
import { startEngine } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { connect, type Connected, readAll } from './testing/connect.ts'

let at: Connected

beforeAll(async () => {
  at = await connect()
  await at.client.command({ query: 'CREATE TABLE w.t (a Int64, s String) ENGINE = Memory' })
})

afterAll(async () => {
  expect(await at.close()).toBe(0)
})

describe('refusing and failing', () => {
  test.each([
    ['SELECT (1', '62', 'SYNTAX_ERROR', 400],
    ['SELECT * FROM w.nope', '60', 'UNKNOWN_TABLE', 404],
    ['SELECT nope(1)', '46', 'UNKNOWN_FUNCTION', 404],
    ["SELECT toInt32('x')", '6', 'CANNOT_PARSE_TEXT', 400],
    ['SELECT 1 SETTINGS nope = 1', '115', 'UNKNOWN_SETTING', 404],
    ['SELECT 1 FORMAT Nope', '73', 'UNKNOWN_FORMAT', 404],
    ["SELECT throwIf(1, 'my text')", '395', 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO', 500],
  ])('%s fails with code %s', async (query, code, type, status) => {
    const failed: unknown = await at.client.exec({ query }).catch((err: unknown) => err)
    expect(failed).toBeInstanceOf(ClickHouseError)
    expect(failed).toMatchObject({ code, type })
    const response = await fetch(at.engine.url, { method: 'POST', body: query })
    expect(response.status).toBe(status)
    expect(response.headers.get('x-clickhouse-exception-code')).toBe(code)
    expect(await response.text()).toMatch(
      new RegExp(
        `^Code: ${code}\\. DB::Exception: (?!Code:).*\\(${type}\\) \\(version [\\d.]+\\)\\n$`,
        's',
      ),
    )
  })

  test.each([
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP TABLE w.t',
    'EXPLAIN AST SELECT 1; DROP TABLE w.t',
    "SELECT 'a\\';'; DROP TABLE w.t; --'",
    'SELECT 1 /* ; */; DROP TABLE w.t',
    'SELECT 1;;; DROP TABLE w.t',
    'SELECT $$;$$; DROP TABLE w.t',
    "INSERT INTO w.t SELECT 1, 'x'; DROP TABLE w.t",
    'SELECT 1;\nSELEC 2',
  ])('two statements are refused with code 62, and nothing of them runs: %s', async (query) => {
    const before = await at.rows('SELECT count() AS n FROM w.t')
    await expect(at.client.exec({ query })).rejects.toMatchObject({ code: '62' })
    expect(await at.rows('SELECT count() AS n FROM w.t')).toEqual(before)
  })

  test.each(['', '   ', '-- nothing', ';'])(
    'an empty text %j is refused with code 62',
    async (query) => {
      const response = await fetch(at.engine.url, { method: 'POST', body: query })
      expect(response.headers.get('x-clickhouse-exception-code')).toBe('62')
      expect(response.status).toBe(400)
      await response.text()
    },
  )

  test.each([
    'SELECT 1;',
    'SELECT 1 ; -- end',
    "SELECT ';' AS a",
    'SELECT 1 AS `a;b`',
    '/* a; b */ SELECT 1',
  ])('a semicolon that separates nothing is no second statement: %s', async (query) => {
    const { stream } = await at.client.exec({ query })
    expect((await readAll(stream)).length).toBeGreaterThan(0)
  })

  test.each([
    ["SELECT 1 INTO OUTFILE '/tmp/stolen'", '358'],
    ["INSERT INTO w.t FROM INFILE '/etc/passwd' FORMAT LineAsString", '497'],
    ['SYSTEM SHUTDOWN', '497'],
    ['SYSTEM KILL', '497'],
  ])('%s is refused', async (query, code) => {
    await expect(at.client.exec({ query })).rejects.toMatchObject({ code })
    expect(await at.rows('SELECT 1 AS a')).toEqual([{ a: 1 }])
  })

  test('a query over the memory of all queries fails alone', async () => {
    const small = await startEngine({ env: { SANDPIPER_ENGINE_MEMORY_BYTES: '600000000' } })
    try {
      const ask = (query: string): Promise<Response> =>
        fetch(small.url, { method: 'POST', body: query })
      const failed = await ask('SELECT length(groupArray(number)) FROM numbers(300000000)')
      expect(failed.headers.get('x-clickhouse-exception-code')).toBe('241')
      await failed.text()
      expect(await (await ask('SELECT 1')).text()).toBe('1\n')
    } finally {
      await small.stop()
    }
  })

  test('a failure after the first MiB is marked and cuts the connection', async () => {
    const query =
      "SELECT number, repeat('x', 100) FROM numbers(1000000) WHERE NOT throwIf(number = 900000, 'late')"
    const response = await fetch(at.engine.url, { method: 'POST', body: query })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-clickhouse-exception-tag')).toMatch(/^[0-9a-f]{16}$/)
    let text = ''
    const reading = (async () => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text = (text + Buffer.from(chunk).toString()).slice(-2000)
      }
    })()
    await expect(reading).rejects.toThrow()
    expect(text).not.toContain('999999')
    const streamed = at.client
      .query({ query, format: 'JSONEachRow' })
      .then((result) => result.json())
    await expect(streamed).rejects.toMatchObject({ code: '395' })
  })

  test('a path that is not ours is 404', async () => {
    const response = await fetch(`${at.engine.url}/play`)
    expect(response.status).toBe(404)
    await response.text()
  })
})
