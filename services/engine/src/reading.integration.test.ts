// Results through the official client: formats, streams, sizes, headers.
import { startEngine } from '@sandpiper/testkit'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { connect, type Connected, readAll } from './testing/connect.ts'

let at: Connected

beforeAll(async () => {
  at = await connect()
})

afterAll(async () => {
  expect(await at.close()).toBe(0)
})

/** Memory that the engine's process holds, in bytes; without the pages of its program, which come and go. */
const heldBytes = (): number => {
  const status = readFileSync(`/proc/${at.engine.pid}/status`, 'utf8')
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

describe('reading', () => {
  test('ping answers', async () => {
    expect(await at.client.ping()).toEqual({ success: true })
    expect(await at.client.ping({ select: true })).toEqual({ success: true })
  })

  test.each([
    ['JSON', '"data"'],
    ['JSONCompact', '[1, "a"]'],
    ['JSONEachRow', '{"n":1,"s":"a"}'],
    ['CSV', '1,"a"'],
    ['CSVWithNames', '"n","s"\n1,"a"'],
    ['TabSeparated', '1\ta'],
    ['TabSeparatedWithNamesAndTypes', 'n\ts\nUInt8\tString\n1\ta'],
    ['Parquet', 'PAR1'],
  ] as const)('a result comes in the format %s', async (format, piece) => {
    const { stream } = await at.client.exec({ query: `SELECT 1 AS n, 'a' AS s FORMAT ${format}` })
    expect((await readAll(stream)).toString('latin1')).toContain(piece)
  })

  test('numbers over 2^53 and types of every kind come through the JSON mode whole', async () => {
    const result = await at.client.query({
      query:
        "SELECT 18446744073709551615 AS big, toDecimal128('1.000000000000000001', 18) AS d, [1, NULL] AS list",
      format: 'JSON',
      clickhouse_settings: {
        output_format_json_quote_64bit_integers: 1,
        output_format_json_quote_decimals: 1,
      },
    })
    const { data, rows: count, statistics } = await result.json()
    expect(data).toEqual([
      { big: '18446744073709551615', d: '1.000000000000000001', list: [1, null] },
    ])
    expect(count).toBe(1)
    expect(statistics?.rows_read).toBe(1)
  })

  test('a query begun in the URL is continued by the body', async () => {
    const url = new URL(at.engine.url)
    url.searchParams.set('query', 'SELECT 1 +')
    const response = await fetch(url, { method: 'POST', body: '41 FORMAT TabSeparated' })
    expect(await response.text()).toBe('42\n')
  })

  test('the format is FORMAT, else default_format, else the header, else TabSeparated', async () => {
    const ask = async (query: string, search: string, headers = {}): Promise<string> =>
      (await fetch(`${at.engine.url}/?${search}`, { method: 'POST', body: query, headers })).text()
    const header = { 'X-ClickHouse-Format': 'JSONCompactEachRow' }
    expect(await ask('SELECT 1 AS a FORMAT CSV', 'default_format=JSONEachRow', header)).toBe('1\n')
    expect(await ask('SELECT 1 AS a', 'default_format=JSONEachRow', header)).toBe('{"a":1}\n')
    expect(await ask('SELECT 1 AS a', '', header)).toBe('[1]\n')
    expect(await ask("SELECT 1 AS a, 'x' AS b", '')).toBe('1\tx\n')
  })

  test.each([
    'SELECT 7 AS format ORDER BY format DESC',
    'SELECT format FROM (SELECT 7 AS format) -- FORMAT JSON',
    'SELECT format FROM (SELECT 7 AS format);',
    'WITH 7 AS x SELECT x SETTINGS max_threads = 1',
    '(SELECT 7)',
    '/* FORMAT CSV */ SELECT 7 FORMAT TabSeparated SETTINGS max_threads = 1',
  ])('%s is one query with one answer', async (query) => {
    const response = await fetch(at.engine.url, { method: 'POST', body: query })
    expect(await response.text()).toBe('7\n')
    expect(response.status).toBe(200)
  })

  test('statements without rows of a table answer too', async () => {
    expect(await at.rows<{ name: string }>('SHOW DATABASES')).toContainEqual({ name: 'w' })
    expect(await at.rows('DESCRIBE TABLE (SELECT 1 AS a)')).toMatchObject([
      { name: 'a', type: 'UInt8' },
    ])
    const { stream } = await at.client.exec({ query: 'EXPLAIN AST SELECT 1' })
    expect((await readAll(stream)).toString()).toContain('SelectWithUnionQuery')
  })

  test('a result of 470 MB passes without ever being held, not even half of it', async () => {
    await at.rows('SELECT 1')
    const before = heldBytes()
    let peak = 0
    let bytes = 0
    const { stream } = await at.client.exec({
      query: "SELECT number, repeat('x', 90) AS pad FROM numbers(4000000) FORMAT JSONEachRow",
    })
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      peak = Math.max(peak, heldBytes())
    }
    expect(bytes).toBeGreaterThan(470_000_000)
    // 64 KiB are in hand at a time. What Node read before stays until its collector is told to look: about 140 MB, of whatever size
    // the result is (measured with 117 MB, 470 MB and twice 470 MB). A result that is kept would need 470 MB.
    expect(peak - before).toBeLessThan(bytes / 2)
  })

  test('one JSON document larger than any buffer of ours comes whole, and so does a Parquet file', async () => {
    const json = await at.client.exec({ query: 'SELECT number FROM numbers(3000000) FORMAT JSON' })
    const text = (await readAll(json.stream)).toString()
    expect((JSON.parse(text) as { rows: number }).rows).toBe(3_000_000)
    const parquet = await at.client.exec({
      query: 'SELECT number, sipHash64(number) FROM numbers(1000000) FORMAT Parquet',
    })
    const bytes = await readAll(parquet.stream)
    expect(bytes.subarray(-4).toString()).toBe('PAR1')
  })

  test('headers tell what a server tells', async () => {
    const response = await fetch(`${at.engine.url}/?query_id=my-id`, {
      method: 'POST',
      body: 'SELECT count() FROM numbers(1000) FORMAT JSON',
    })
    const { headers } = response
    expect(headers.get('x-clickhouse-query-id')).toBe('my-id')
    expect(headers.get('x-clickhouse-format')).toBe('JSON')
    expect(headers.get('x-clickhouse-timezone')).toBe('UTC')
    expect(headers.get('x-clickhouse-server-display-name')).not.toBeNull()
    expect(headers.get('content-type')).toBe('application/json; charset=UTF-8')
    const summary = JSON.parse(headers.get('x-clickhouse-summary') ?? '') as Record<string, string>
    expect(summary).toMatchObject({ read_rows: '1000', result_rows: '1' })
    expect(Number(summary['elapsed_ns'])).toBeGreaterThan(0)
    await response.arrayBuffer()
  })

  test('the client gets the query id it asked for, or one of ours', async () => {
    expect((await at.client.query({ query: 'SELECT 1', query_id: 'mine' })).query_id).toBe('mine')
    expect((await at.client.query({ query: 'SELECT 1' })).query_id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('the time zone is UTC whatever the machine says', async () => {
    const elsewhere = await startEngine({ env: { TZ: 'America/St_Johns' } })
    try {
      const response = await fetch(elsewhere.url, {
        method: 'POST',
        body: "SELECT timezone(), toDateTime('2024-01-01 12:00:00')::UInt32",
      })
      expect(await response.text()).toBe('UTC\t1704110400\n')
    } finally {
      await elsewhere.stop()
    }
  })
})
