// INSERT through the official client.
import { createClient } from '@clickhouse/client'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect as connectTo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { connect, type Connected, readAll, until } from './testing/connect.ts'

let at: Connected

beforeAll(async () => {
  at = await connect()
})

afterAll(async () => {
  expect(await at.close()).toBe(0)
})

describe('writing', () => {
  beforeAll(async () => {
    await at.client.command({
      query: "CREATE TABLE w.t (a Int64, s String DEFAULT 'none') ENGINE = MergeTree ORDER BY a",
    })
  })

  const stored = async (where: string): Promise<unknown[]> =>
    at.rows(`SELECT toString(a) AS a, s FROM w.t WHERE ${where} ORDER BY a`)

  test('rows as values, with defaults for what is missing', async () => {
    await at.client.insert({
      table: 'w.t',
      values: [{ a: 1, s: "x;y'z" }, { a: 2 }],
      format: 'JSONEachRow',
    })
    expect(await stored('a IN (1, 2)')).toEqual([
      { a: '1', s: "x;y'z" },
      { a: '2', s: 'none' },
    ])
  })

  test('rows as a stream, larger than any buffer of ours', async () => {
    const lines = function* (): Generator<object> {
      for (let a = 1000; a < 301_000; a++) yield { a, s: 'p'.repeat(60) }
    }
    await at.client.insert({
      table: 'w.t',
      values: Readable.from(lines()),
      format: 'JSONEachRow',
    })
    expect(
      await at.rows(
        'SELECT toString(count()) AS n, toString(sum(a)) AS s FROM w.t WHERE a BETWEEN 1000 AND 300999',
      ),
    ).toEqual([{ n: '300000', s: String((300_000 * (1_000 + 300_999)) / 2) }])
  })

  test('CSV and a chosen list of columns', async () => {
    await at.client.insert({
      table: 'w.t',
      columns: ['s', 'a'],
      values: Readable.from(['"one, two",11\n"a ""q""",12\n'], { objectMode: false }),
      format: 'CSV',
    })
    expect(await stored('a IN (11, 12)')).toEqual([
      { a: '11', s: 'one, two' },
      { a: '12', s: 'a "q"' },
    ])
  })

  test('a binary format keeps every byte', async () => {
    const native = await at.client.exec({
      query: "SELECT toInt64(21) AS a, unhex('00FF0A3B27') AS s FORMAT Native",
    })
    const body = await readAll(native.stream)
    const response = await fetch(
      `${at.engine.url}/?query=${encodeURIComponent('INSERT INTO w.t (a, s) FORMAT Native')}`,
      {
        method: 'POST',
        body: new Uint8Array(body),
      },
    )
    expect(response.status).toBe(200)
    await response.text()
    expect(await at.rows('SELECT hex(s) AS h FROM w.t WHERE a = 21')).toEqual([{ h: '00FF0A3B27' }])
  })

  test.each([
    ['in the body', '', "INSERT INTO w.t (a, s) VALUES (31, 'v;1'), (32, 'v2')"],
    ['as data', 'INSERT INTO w.t (a, s) VALUES', "(31, 'v;1'), (32, 'v2')"],
    [
      'with settings',
      'INSERT INTO w.t (a, s) SETTINGS max_threads = 1 FORMAT Values',
      "(31, 'v;1'), (32, 'v2')",
    ],
  ])('VALUES %s', async (_how, query, body) => {
    await at.client.command({
      query: 'ALTER TABLE w.t DELETE WHERE a IN (31, 32) SETTINGS mutations_sync = 1',
    })
    const response = await fetch(`${at.engine.url}/?query=${encodeURIComponent(query)}`, {
      method: 'POST',
      body,
    })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(await stored('a IN (31, 32)')).toEqual([
      { a: '31', s: 'v;1' },
      { a: '32', s: 'v2' },
    ])
  })

  test.each([
    ['INSERT INTO w.t (a, s) VALUES', "(41, 'x'); DROP TABLE w.t"],
    ['INSERT INTO w.t FORMAT Values', "(42, 'x');\nDROP TABLE w.t;"],
    ['INSERT INTO w.t FORMAT JSONEachRow', '{"a":43}\n; DROP TABLE w.t'],
    ['INSERT INTO w.t FORMAT CSV', '44,x\n; DROP TABLE w.t'],
  ])('a statement hidden in the data of %s is not run', async (query, body) => {
    const response = await fetch(`${at.engine.url}/?query=${encodeURIComponent(query)}`, {
      method: 'POST',
      body,
    })
    await response.text()
    expect(
      await at.rows("SELECT name FROM system.tables WHERE database = 'w' AND name = 't'"),
    ).toHaveLength(1)
  })

  test('rows that cannot be read fail with the code and the place', async () => {
    const insert = at.client.insert({
      table: 'w.t',
      values: [{ a: 'no number' }],
      format: 'JSONEachRow',
    })
    await expect(insert).rejects.toMatchObject({
      code: '27',
      type: 'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
    })
  })

  test('INSERT SELECT tells how many rows it wrote', async () => {
    const { summary } = await at.client.command({
      query: "INSERT INTO w.t SELECT 50 + number, 'n' FROM numbers(7)",
    })
    expect(summary?.written_rows).toBe('7')
  })

  test('a gzipped body is read, and INSERT and SELECT compress both ways', async () => {
    const packed = createClient({
      url: at.engine.url,
      http_agent: at.agent,
      compression: { request: true, response: true },
    })
    await packed.insert({
      table: 'w.t',
      values: [{ a: 61, s: 'z'.repeat(10_000) }],
      format: 'JSONEachRow',
    })
    const result = await packed.query({
      query: 'SELECT length(s) AS n FROM w.t WHERE a = 61',
      format: 'JSONEachRow',
    })
    expect(await result.json()).toEqual([{ n: 10000 }])
    expect(result.response_headers['content-encoding']).toBe('gzip')
    const large = await packed.query({
      query: 'SELECT number FROM numbers(1000000)',
      format: 'JSONEachRow',
    })
    expect((await large.text()).split('\n')).toHaveLength(1_000_001)
    await packed.close()
  })

  test('what libchdb would answer with success and no rows is refused', async () => {
    const insert = at.client.command({
      query: "INSERT INTO w.t SELECT a, s FROM input('a Int64, s String') FORMAT JSONEachRow",
    })
    await expect(insert).rejects.toMatchObject({ code: '48', type: 'NOT_IMPLEMENTED' })
  })

  test('rows of a body that was cut off are not stored', async () => {
    const { port } = new URL(at.engine.url)
    const socket = connectTo(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    const query = encodeURIComponent('INSERT INTO w.t (a) FORMAT JSONEachRow')
    socket.write(
      `POST /?query=${query} HTTP/1.1\r\nHost: engine\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    socket.write('9\r\n{"a":71}\n\r\n')
    await until(() => spooled(at.engine.directory).length === 1)
    socket.destroy()
    await until(() => spooled(at.engine.directory).length === 0)
    expect(await stored('a IN (71)')).toEqual([])
  })

  test('small parts are merged many at a time, and all of them on demand', async () => {
    await at.client.command({
      query: 'CREATE TABLE w.many (a Int64) ENGINE = MergeTree ORDER BY a',
    })
    for (let a = 0; a < 40; a++)
      await at.client.command({ query: `INSERT INTO w.many SELECT ${a}` })
    const parts = async <Row>(select: string): Promise<Row | undefined> =>
      (await at.rows<Row>(`SELECT ${select} FROM system.parts WHERE table = 'many'`))[0]
    const active = async (): Promise<number> =>
      (await parts<{ n: number }>('toInt32(sum(active)) AS n'))?.n ?? 0
    await until(async () => (await active()) <= 25)
    const merged = 'min(max_block_number - min_block_number + 1) >= 16 AS many'
    expect(
      await at.rows(`SELECT ${merged} FROM system.parts WHERE table = 'many' AND level > 0`),
    ).toEqual([{ many: 1 }])
    await until(async () => {
      await at.client.command({ query: 'OPTIMIZE TABLE w.many FINAL' })
      return (await active()) === 1
    })
  })

  test('no spooled file is left behind', () => {
    expect(spooled(at.engine.directory)).toEqual([])
  })
})

function spooled(directory: string): string[] {
  return readdirSync(join(directory, 'tmp')).filter((name) => name.startsWith('in-'))
}
