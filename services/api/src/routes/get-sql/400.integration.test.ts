// SQL of callers over HTTP: what is refused, and how it is told. Attacks 5-9, 35 and 47 end to end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { EVENTS_ID, startQueryApi, type QueryApi } from '../../testing/start-query-api.ts'

let api: QueryApi
let reader: string

beforeAll(async () => {
  api = await startQueryApi({})
  reader = await api.token({ type: 'DATASOURCES:READ', resource: EVENTS_ID })
})
afterAll(() => api.stop())

async function refusal(
  sql: string,
  token = api.adminToken,
): Promise<{ status: number; error: string }> {
  const answer = await api.call('/v0/sql', token, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: sql,
  })
  return { status: answer.status, ...((await answer.json()) as { error: string }) }
}

test.each(['', ' ', ';', '-- only a comment'])('a missing query is 400: "%s"', async (sql) => {
  expect(await refusal(sql)).toMatchObject({ status: 400 })
})

const MISUSES = [
  'SELECT 1; DROP TABLE events',
  'SELECT 1; SELECT 2',
  'DROP TABLE events',
  'INSERT INTO events SELECT today(), 1, 1',
  'ALTER TABLE events DELETE WHERE 1',
  'CREATE TABLE x (a Int8) ENGINE = Memory',
  'SET readonly = 0',
  'KILL QUERY WHERE 1',
  'SHOW TABLES',
  'EXPLAIN SELECT 1',
  'SELECT 1 FORMAT Native',
  'SELECT * FROM (SELECT 1 FORMAT JSON)',
  "SELECT 1 INTO OUTFILE '/tmp/x'",
  'SELECT 1 SETTINGS readonly = 0',
  'SELECT * FROM (SELECT 1 SETTINGS max_threads = 1)',
  "SELECT file('/etc/passwd')",
  "SELECT * FROM file('/etc/passwd', 'LineAsString')",
  "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
  "SELECT * FROM remote('127.0.0.1', 'system.one')",
  "SELECT * FROM merge('.*', '.*')",
  "SELECT * FROM executable('id', 'CSV', 'a String')",
  "SELECT * FROM events WHERE name IN (SELECT * FROM file('/etc/passwd', 'LineAsString'))",
  "WITH x AS (SELECT file('/etc/passwd') AS a) SELECT * FROM x",
  'SELECT * FROM events ARRAY JOIN [hostName()] AS h',
  'SELECT * APPLY(file) FROM events',
  'SELECT * FROM system.tables',
  'SELECT * FROM `system`.`tables`',
  'SELECT * FROM information_schema.tables',
  'SELECT 1 IN system.one',
  'SELECT * FROM `/etc/passwd`',
  'SELECT * FROM nothing.x',
  'SELECT sleep(1)',
  'SELECT hostName()',
  'SELECT currentUser()',
  'SELECT currentDatabase()',
  'SELECT version()',
  "SELECT getSetting('max_threads')",
  'SELECT * FROM numbers(1000000000000000000)',
  'SELECT * FROM {t:Identifier}',
  'SELECT {x:String}',
  'SELECT 1 AS `x\n     Function plus`',
]

describe('misuse is refused, and nothing of ours is told', () => {
  test.each(MISUSES)('%s', async (sql) => {
    for (const token of [api.adminToken, reader]) {
      const { status, error } = await refusal(sql, token)
      expect([400, 403], error).toContain(status)
      expect(error).not.toMatch(/ws_[0-9a-f]{8}|\bt_[0-9a-f]{8}|root:x/)
    }
    expect(
      (await api.call('/v0/sql?q=SELECT+count()+FROM+events+FORMAT+TSV', api.adminToken)).status,
    ).toBe(200)
  })

  test('the tables of the workspace cannot be named as the engine names them', async () => {
    for (const table of [
      `${api.database}.${EVENTS_ID}_1`,
      `\`${api.database}\`.\`${EVENTS_ID}_1\``,
      `${EVENTS_ID}_1`,
    ]) {
      for (const sql of [
        `SELECT * FROM ${table}`,
        `SELECT 1 IN ${table}`,
        `SELECT (SELECT 1 FROM ${table})`,
      ]) {
        expect([400, 403], sql).toContain((await refusal(sql)).status)
      }
    }
  })
})

test('attack 35: bombs end at a limit and the engine lives', async () => {
  for (const sql of [
    "SELECT repeat('x', 1000000000)",
    'SELECT groupArray(number) FROM numbers(1000000000)',
    'SELECT count() FROM (SELECT arrayJoin(range(1000000000)))',
    `SELECT ${'('.repeat(3000)}1${')'.repeat(3000)}`,
    `SELECT ${'1+'.repeat(60_000)}1`,
    `SELECT 1 FROM ${'('.repeat(400)}`,
    'SELECT arrayMap(x -> arrayMap(y -> arrayMap(z -> z, range(1000)), range(1000)), range(1000))',
  ]) {
    expect([400, 408], sql.slice(0, 80)).toContain((await refusal(sql)).status)
  }
  expect(await api.deps.clickhouse.ping()).toBe(true)
})

test("an error tells position and message of the caller's own text", async () => {
  const { error } = await refusal('SELECT 1 1')
  expect(error).toMatch(/^\[Error\] Syntax error: failed at position 10 .*\(SYNTAX_ERROR\)$/s)
  expect(error).not.toContain('EXPLAIN')
})

test('an unknown column is told in the names of the user', async () => {
  const { status, error } = await refusal('SELECT nope FROM events')
  expect(status).toBe(400)
  expect(error).toMatch(/^\[Error\] .*nope.* \(UNKNOWN_IDENTIFIER\)$/s)
})

test('a body that is not UTF-8 is 400', async () => {
  const answer = await api.call('/v0/sql', api.adminToken, {
    method: 'POST',
    body: new Uint8Array([0x53, 0xff]),
  })
  expect(answer.status).toBe(400)
})
