// Attacks 17 to 20: what a filter keeps from a token stays unseen, in rows, errors, counts and kept answers.
import { expect } from './expect.ts'
import { HIDDEN } from './project.ts'
import type { Suite } from './suite.ts'
import type { Target } from './target.ts'

/** Each would show a row behind the filter, its count or a value in an error, if it was not there. */
const READS = [
  'SELECT * FROM people',
  'SELECT * FROM people FINAL',
  'SELECT * FROM people WHERE 1 OR 1',
  "SELECT *, 'mine' AS org FROM people",
  "SELECT 'mine' AS org, word FROM people",
  "SELECT * REPLACE ('mine' AS org) FROM people",
  'WITH people AS (SELECT * FROM people) SELECT * FROM people',
  'WITH x AS (SELECT * FROM people) SELECT * FROM x',
  'SELECT b.word FROM people AS a RIGHT JOIN people AS b ON a.n != b.n',
  'SELECT * FROM people AS a, people AS b',
  'SELECT * FROM (SELECT 1 AS n) AS x LEFT JOIN people AS p ON p.n != x.n',
  'SELECT groupArray(word) FROM people',
  'SELECT (SELECT groupArray(word) FROM people)',
  "SELECT word FROM people WHERE word IN (SELECT word FROM people WHERE org = 'theirs')",
  'SELECT * FROM view(SELECT * FROM people)',
  "SELECT * FROM merge('.*', 'people')",
  'SELECT * FROM people PREWHERE 1',
  'SELECT * FROM people SAMPLE 1',
  'SELECT * FROM people ARRAY JOIN [1, 2] AS z',
  'SELECT * FROM people UNION ALL SELECT * FROM people',
  'SELECT * FROM people ORDER BY n LIMIT 1 WITH TIES',
  'SELECT org, count() FROM people GROUP BY org WITH TOTALS',
  'SELECT * FROM people SETTINGS additional_table_filters = {}',
  "SELECT COLUMNS('.*') FROM people",
  'SELECT * FROM `people`',
  'SELECT * FROM "people" AS `org`',
  'SELECT * FROM people_quarantine',
  'EXPLAIN indexes = 1 SELECT * FROM people',
]

/** True for the row that may be seen; fails, with a value in the message, on one that may not. */
const GUESSES = [
  'SELECT intDiv(1, n) FROM people',
  "SELECT if(org = 'mine', 1, toUInt64(word)) FROM people",
  "SELECT 1 FROM people WHERE if(org = 'mine', 1, toUInt64(word)) > 0",
  "SELECT 1 FROM people PREWHERE if(org = 'mine', 1, toUInt64(word)) > 0",
  "SELECT sumIf(1, if(org = 'mine', 1, toUInt64(word)) > 0) FROM people",
  "WITH x AS (SELECT * FROM people) SELECT 1 FROM x WHERE if(org = 'mine', 1, toUInt64(word)) > 0",
  "SELECT throwIf(word != 'visible') FROM people",
]

/** Each fails, or counts more than one, by what the dictionary of `tag` has of rows that were left out. */
const DICTIONARY_READS = [
  'SELECT toFixedString(tag, 4) AS x FROM $',
  'SELECT 1 AS x FROM $ WHERE toFixedString(tag, 4) != toString(1)',
  "SELECT intDiv(1, toUInt64(extract(dumpColumnStructure(tag), 'Unique.size = (.)')) <= 2) AS x FROM $",
]

export function filterAttacks(suite: Suite): void {
  readingAttacks(suite)
  dictionaryAttacks(suite)
  cacheAttacks(suite)
}

function readingAttacks(suite: Suite): void {
  const { target, describe, each, test } = suite
  describe('attacks 17 and 18: the filter of a token holds in any shape of a query', () => {
    each([...READS, ...GUESSES])('%s', async (sql) => {
      const { status, text } = await target().sql(sql, target().tokens.filtered)
      expect([200, 400, 403], text).toContain(status)
      expect(text).not.toContain(HIDDEN)
      // What the caller wrote himself may come back to him.
      if (!sql.includes('theirs')) expect(text).not.toContain('theirs')
    })
  })

  test('attack 19: rows behind the filter fail nothing, and count nowhere', async () => {
    const token = target().tokens.filtered
    const divided = await target().sql('SELECT intDiv(1, n) AS d FROM people', token)
    expect(divided.status, divided.text).toBe(200)
    const counted = await target().sql('SELECT count() AS c, max(n) AS m FROM people', token)
    expect(counted.json, counted.text).toMatchObject({ data: [{ c: 1, m: 1 }] })
    const { text } = await target().sql("SELECT * FROM people WHERE org = 'theirs'", token)
    expect(text).not.toMatch(/"rows_read":\s*[1-9]/)
  })

  each([
    "org = 'mine') OR (1",
    "org = 'mine' OR 1=1 --",
    "org = 'mine'; SELECT 1",
    '1 OR (SELECT 1 FROM vault)',
    "org IN (SELECT org FROM vault) UNION ALL SELECT '1",
    "file('/etc/hostname') != ''",
  ])('attack 17: the filter %s widens nothing', async (filter) => {
    const scope = { type: 'DATASOURCES:READ', resource: 'people', filter }
    const { status, text } = await target().sql('SELECT * FROM people', target().jwt([scope]))
    if (filter.includes('OR 1=1')) {
      // One expression that a deployer wrote is his to decide, a comment in it is not.
      expect(status, text).toBe(400)
      return
    }
    expect([400, 403], text).toContain(status)
    expect(text).not.toContain(HIDDEN)
  })
}

function dictionaryAttacks({ target, each }: Suite): void {
  each(DICTIONARY_READS)(
    'attack 19: no dictionary tells of rows that are left out: %s',
    async (sql) => {
      const { filtered } = target().tokens
      const fixed = target().jwt([
        { type: 'PIPES:READ', resource: 'tags', fixed_params: { org: 'mine' } },
      ])
      const over = (from: string, read = sql): string => read.replace('$', from)
      const asked = [
        await target().sql(over('people'), filtered),
        await target().sql(over('tags'), fixed),
        await target().sql(over('tags', sql.replace('tag,', 'arrayJoin(tags),')), fixed),
        await target().send(`/v0/pipes/tags.json?q=${encodeURIComponent(over('_'))}`, {
          token: fixed,
        }),
      ]
      for (const { status, text, json } of asked) {
        expect(status, text).toBe(200)
        expect(json, text).toMatchObject({ rows: 1 })
      }
    },
  )
}

function cacheAttacks(suite: Suite): void {
  const { target, test } = suite
  const path = '/v0/pipes/kept.json'
  const fixed = (org: string): string =>
    target().jwt([{ type: 'PIPES:READ', resource: 'kept', fixed_params: { org } }])

  test('attack 20: an answer that was kept is for nobody else', async () => {
    const { admin, caller, reader, stranger } = target().tokens
    const ask = (token: string, query = ''): ReturnType<Target['send']> =>
      target().send(`${path}${query}`, { token })
    for (const query of ['?org=theirs', '']) {
      // Warm, so that there is something to be given to the wrong one.
      for (const token of [admin, caller]) expect((await ask(token, query)).status, query).toBe(200)
      for (let round = 0; round < 2; round += 1) {
        const mine = await ask(fixed('mine'), query)
        expect(mine.json, query).toMatchObject({ data: [{ org: 'mine', word: 'visible' }] })
        expect((await ask(fixed('nobody'), query)).json, query).toMatchObject({ data: [] })
        expect((await ask(fixed('theirs'), '?org=mine')).text).toContain(HIDDEN)
      }
      for (const token of [reader, stranger])
        expect([403, 404], query).toContain((await ask(token, query)).status)
    }
    expect((await ask(admin, '?org=mine')).text).not.toContain(HIDDEN)
    expect((await ask(admin, '?org=theirs')).text).toContain(HIDDEN)
  })

  test('attacks 20 and 25: a token that was removed gets no answer that was kept for it', async () => {
    const { admin } = target().tokens
    const body = new URLSearchParams({ name: 'brief', scope: 'PIPES:READ:kept' })
    const made = await target().send('/v0/tokens', { token: admin, body })
    const { token } = made.json as { token: string }
    const ask = async (): Promise<number> =>
      (await target().send(`${path}?org=mine`, { token })).status
    expect([await ask(), await ask()]).toEqual([200, 200])
    await target().send('/v0/tokens/brief', { method: 'DELETE', token: admin })
    expect(await ask()).toBe(403)
  })
}
