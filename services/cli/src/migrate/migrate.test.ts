// A migration that is stopped at every request it makes, before and after the server did what it was asked, and taken up again.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeUpServer, say, type MadeUpServer, type Reply, type Seen } from '../../test/run-cli.ts'

const EVENTS = `SCHEMA >
    \`at\` Date \`json:$.meta.at\`,
    \`id\` UInt64 \`json:$.meta.id\`

ENGINE MergeTree
ENGINE_PARTITION_KEY toYYYYMM(at)
ENGINE_SORTING_KEY id
`
/** More digits than a double has. */
const FIRST_ID = 9_007_199_254_740_993n
const ROWS = Array.from({ length: 40 }, (_, at) => ({
  partition: at < 25 ? '202601' : '202602',
  line: `{"at":"2026-0${at < 25 ? 1 : 2}-03","id":${FIRST_ID + BigInt(at)}}`,
  at,
}))

let folder: string
let source: MadeUpServer
let target: MadeUpServer
/** What the target holds: bodies by their keys. */
let stored: Map<string, string>
/** Called with each request; true stops the migration there. */
let stopBefore: (seen: Seen) => boolean
let stopAfter: (seen: Seen) => boolean
let stop: AbortController

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'migrate-'))
  stored = new Map()
  stopBefore = stopAfter = () => false
  source = await makeUpServer(stoppable(sourceReply))
  target = await makeUpServer(stoppable(targetReply))
})
afterEach(() => {
  source.close()
  target.close()
  rmSync(folder, { recursive: true })
})

test(
  'a migration stopped at any request and taken up again stores every row once',
  { timeout: 120_000 },
  async () => {
    const whole = await migrateTo('whole')
    expect(whole, whole.err).toMatchObject({ code: 0 })
    const requests = source.seen.length + target.seen.length
    expect(requests).toBeGreaterThan(14)
    for (let at = 1; at <= requests; at += 1) {
      for (const isAfter of [false, true]) {
        stored.clear()
        let count = 0
        const isHere = (): boolean => (count += 1) === at
        stopBefore = isAfter ? () => false : isHere
        stopAfter = isAfter ? isHere : () => false
        const first = await migrateTo(`state-${at}-${String(isAfter)}`)
        expect({ at, isAfter, code: first.code }).toEqual({ at, isAfter, code: 130 })
        stopBefore = stopAfter = () => false
        const second = await migrateTo(`state-${at}-${String(isAfter)}`)
        expect(second, `${at} ${second.err}`).toMatchObject({ code: 0 })
        expect(storedIds()).toEqual(ROWS.map(({ at: id }) => String(FIRST_ID + BigInt(id))))
      }
    }
  },
)

test('the token of the source goes to the source alone, that of the target to the target alone', async () => {
  await migrateTo('tokens')
  const tokensOf = ({ seen }: MadeUpServer): string[] => [
    ...new Set(seen.map((each) => each.headers.authorization ?? '')),
  ]
  expect(tokensOf(source)).toEqual(['Bearer p.source'])
  expect(tokensOf(target)).toEqual(['Bearer p.target'])
})

test('counts that differ end the migration with a failure that names them', async () => {
  await migrateTo('counts')
  stored.delete([...stored.keys()][0] ?? '')
  const again = await migrateTo('counts')
  expect(again.code).toBe(1)
  expect(again.err).toContain('1 counts differ')
  expect(again.out).toMatch(/events +202601 +rows +25 +\d+ +0 +differs/)
})

test('a state belongs to its two workspaces, and is too old after what the target remembers', async () => {
  await migrateTo('mine')
  const old = await migrateTo('mine', { now: () => Date.UTC(2026, 10, 28) })
  expect(old.err).toContain('begin anew')
  workspaces.target = 'another'
  expect((await migrateTo('mine')).err).toContain('other workspaces')
  workspaces.target = 'target'
})

test('rows that are at the target already are not doubled by a migration that knows nothing of them', async () => {
  await migrateTo('first')
  const keys = stored.size
  const second = await migrateTo('second')
  expect(second.code).toBe(1)
  expect(second.err).toContain('events has 40 such rows at the target already')
  expect(stored.size).toBe(keys)
})

test('a dry run changes nothing', async () => {
  const { code, out } = await migrateTo('dry', {}, ['--dry-run', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    copied: [{ datasource: 'events', partitions: 2, rows: 40 }],
  })
  expect(stored.size).toBe(0)
  expect(target.seen.map((each) => each.method)).toEqual(['GET'])
})

let isReversed = false
const workspaces = { source: 'source', target: 'target' }

function migrateTo(state: string, world: object = {}, more: readonly string[] = []) {
  stop = new AbortController()
  const args = ['migrate', '--from', source.url, '--token', 'p.source', '--slice-rows', '20']
  return say([...args, '--to-token', 'p.target', '--state', join(folder, state), ...more], {
    url: target.url,
    signal: stop.signal,
    ...world,
  })
}

function stoppable(reply: (seen: Seen) => Reply): (seen: Seen) => Reply {
  return (seen) => {
    if (stopBefore(seen)) {
      stop.abort()
      return {}
    }
    const answer = reply(seen)
    if (stopAfter(seen)) stop.abort()
    return answer
  }
}

function sourceReply({ path, body }: Seen): Reply {
  if (path === '/v1/workspace') return { body: { id: workspaces.source } }
  if (path === '/v0/datasources') return { body: { datasources: [{ name: 'events' }] } }
  if (path === '/v0/datasources/events.datasource') return { text: EVENTS }
  if (path === '/v0/pipes') return { body: { pipes: [] } }
  if (path === '/v0/connectors') return { body: { connectors: [] } }
  if (path === '/v0/sql') return sqlReply(body, ROWS)
  return { status: 404, body: { error: 'no' } }
}

function targetReply({ path, headers, body }: Seen): Reply {
  if (path === '/v1/workspace') return { body: { id: workspaces.target } }
  if (path === '/v1/deploy') return { body: { result: 'no_changes', deployment: { id: '0' } } }
  if (path === '/v0/sql') return sqlReply(body, rowsThere())
  if (path !== '/v0/events') return { status: 404, body: { error: 'no' } }
  const key = String(headers['idempotency-key'])
  if (stored.has(key) && stored.get(key) !== body)
    return { status: 409, body: { error: 'other events under this key' } }
  stored.set(key, body)
  return { body: { successful_rows: body.trim().split('\n').length, quarantined_rows: 0 } }
}

function rowsThere(): typeof ROWS {
  const ids = storedIds().map((id) => Number(BigInt(id) - FIRST_ID))
  return ids.flatMap((id) => ROWS.filter(({ at }) => at === id))
}

function storedIds(): string[] {
  const lines = [...stored.values()].flatMap((body) => body.trim().split('\n'))
  return lines.map((line) => /"meta":\{"at":"[-\d]+","id":(\d+)\}/.exec(line)?.[1] ?? line).sort()
}

/** What the two questions of a migration are answered with. */
function sqlReply(sql: string, rows: typeof ROWS): Reply {
  if (sql.includes('GROUP BY')) {
    const data = ['202601', '202602'].map((partition) => ({
      sandpiper_partition: partition,
      sandpiper_rows: String(rows.filter((row) => row.partition === partition).length),
    }))
    return { body: { data } }
  }
  const [, partition] = /toYYYYMM\(at\) = (\d+)/.exec(sql) ?? []
  const [, slices = '1', slice = '0'] = / % (\d+) = (\d+)/.exec(sql) ?? []
  const chosen = rows.filter(
    (row) => row.partition === partition && row.at % Number(slices) === Number(slice),
  )
  // No engine promises an order.
  if (isReversed) chosen.reverse()
  isReversed = !isReversed
  return { text: chosen.map(({ line }) => `${line}\n`).join('') }
}
