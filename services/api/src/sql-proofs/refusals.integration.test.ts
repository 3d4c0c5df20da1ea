// The corpus with one forbidden piece put in at a random place: none may be answered. And the corpus broken at random places: no error
// tells a name of ours, a path, or the filter of a token.
import { Fault } from '@sandpiper/faults'
import { compileSql, userFault, type Authority, type CompiledQuery } from '@sandpiper/pipes'
import { tokenize, type Token } from '@sandpiper/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { CORPUS } from './corpus.fixture.ts'
import {
  FOREIGN_SECRET,
  FOREIGN_TABLE,
  startProofWorkspace,
  type ProofWorkspace,
} from './proof-workspace.fixture.ts'

let workspace: ProofWorkspace
beforeAll(async () => {
  workspace = await startProofWorkspace()
})
afterAll(() => workspace.stop())

/** The same numbers in every run: a failure names its statement, and comes again. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** In place of a literal: what must not be called or read wherever a value may stand. */
const VALUES = [
  "file('/etc/hostname')",
  "FILE('/etc/hostname')",
  "`file`('/etc/hostname')",
  "f\u0069le/**/('/etc/hostname')",
  'hostName()',
  'sleep(0.001)',
  "getSetting('max_threads')",
  'currentUser()',
  "dictGet('d', 'a', 1)",
  `(SELECT s FROM ${FOREIGN_TABLE})`,
  `(SELECT any(s) FROM (WITH x AS (SELECT * FROM ${FOREIGN_TABLE}) SELECT * FROM x))`,
  '(SELECT count() FROM system.tables)',
  '(SELECT count() FROM SYSTEM . `tables`)',
  '(SELECT count() FROM information_schema.tables)',
  "(SELECT count() FROM url('http://127.0.0.1/', 'CSV', 'a String'))",
  "(SELECT count() FROM file('/etc/hostname', 'LineAsString'))",
  "(SELECT count() FROM merge('.*', '.*'))",
  "(SELECT count() FROM cluster('default', 'system.one'))",
  '(SELECT count() FROM numbers(1000000000000000000))',
  '(SELECT 1 SETTINGS max_threads = 1)',
  `arrayMap(x -> (SELECT count() FROM ${FOREIGN_TABLE}), [1])`,
  `(1 IN ${FOREIGN_TABLE})`,
  `in(1, ${FOREIGN_TABLE})`,
  '(WITH (x, y) -> 1 AS equals SELECT 1)',
  '{p:Identifier}',
  '@@version',
]

/** At a place between two tokens: what must not stand anywhere. */
const PIECES = [
  ' SETTINGS max_threads = 1 ',
  " INTO OUTFILE '/tmp/never' ",
  '; SELECT 1 ',
  '; DROP TABLE events ',
  ` UNION ALL SELECT s FROM ${FOREIGN_TABLE} `,
  ` FROM ${FOREIGN_TABLE} `,
  ` JOIN ${FOREIGN_TABLE} AS f ON 1 = 1 `,
  ` , ${FOREIGN_TABLE} `,
  ` , (SELECT * FROM ${FOREIGN_TABLE}) AS f `,
  " , file('/etc/hostname') ",
  " || file('/etc/hostname') ",
  ' , hostName() AS h ',
  ' PARALLEL WITH DROP TABLE events ',
  ' FORMAT JSON SETTINGS readonly = 0 ',
]

function mutate(sql: string, random: (below: number) => number): string {
  const tokens = tokenize(sql)
  const literals = tokens.filter(({ kind }) => kind === 'number' || kind === 'string')
  const target = literals[random(literals.length)]
  if (target !== undefined && random(2) === 0)
    return splice(sql, target, VALUES[random(VALUES.length)] ?? '')
  // Not behind the last token: a second statement there is for others to test, a comment would swallow the rest.
  const code = tokens.filter(({ kind }) => kind !== 'comment' && kind !== 'whitespace')
  const at = code[1 + random(Math.max(code.length - 1, 1))]?.start ?? sql.length
  return sql.slice(0, at) + (PIECES[random(PIECES.length)] ?? '') + sql.slice(at)
}

function splice(sql: string, { start, end }: Token, text: string): string {
  return sql.slice(0, start) + text + sql.slice(end)
}

test('no statement of the corpus is answered with a forbidden piece in it', async () => {
  const random = randomNumbers(20_261_121)
  let refusedByUs = 0
  for (let round = 0; round < 2; round++) {
    for (const sql of CORPUS) {
      const mutated = mutate(sql, random)
      const outcome = await workspace.answer(mutated).then(
        (answer) => `answered ${answer.includes(FOREIGN_SECRET) ? 'with the secret' : ''}`,
        (err: unknown) => (err instanceof Fault ? err.code : String(err)),
      )
      expect(outcome, mutated).toMatch(/^(?:query\.|auth\.)/)
      if (outcome === 'query.refused') refusedByUs++
    }
  }
  expect(refusedByUs).toBeGreaterThan(CORPUS.length)
})

describe('an error of the engine', () => {
  const FILTER_WORD = 'filter_word_of_the_token'
  /** Ours, and what the caller did not write. */
  const INTERNAL =
    /ws_[0-9a-f]{6}|t_[0-9a-f]{6}|__table|\bnothing\b|\/store\/|\bEXPLAIN\b|_CAST|filter_word|DB::Exception|version 2\d\./

  function broken(sql: string, random: (below: number) => number): string {
    const tokens = tokenize(sql)
    const named = tokens.filter(({ kind, text }) => kind === 'word' && /^[a-z_]+$/.test(text))
    const literals = tokens.filter(({ kind }) => kind === 'number' || kind === 'string')
    const word = named[random(named.length)]
    const literal = literals[random(literals.length)]
    const any = tokens[random(tokens.length)]
    const ways: readonly (() => string)[] = [
      () => (word === undefined ? sql : splice(sql, word, 'nope_x')),
      () => (word === undefined ? sql : splice(sql, word, `${word.text}.nope`)),
      () => (word === undefined ? sql : splice(sql, word, `toUInt8(${word.text})`)),
      () => (word === undefined ? sql : splice(sql, word, `sum(${word.text})`)),
      () => (word === undefined ? sql : splice(sql, word, `(${word.text}, tuple())`)),
      () => (literal === undefined ? sql : splice(sql, literal, "toDate('x')")),
      () => (literal === undefined ? sql : splice(sql, literal, "(SELECT arrayJoin(['a', 'b']))")),
      () => (literal === undefined ? sql : splice(sql, literal, "match('a', '(')")),
      () => (any === undefined ? sql : splice(sql, any, '')),
      () => sql.replace(/\bFROM (\w+)/, 'FROM $1 AS a, $1 AS a'),
      () => sql.replace(/\bFROM (\w+)/, 'FROM $1 PREWHERE nope'),
      () => sql.replace(/\bFROM (\w+)/, 'FROM $1 FINAL'),
    ]
    return (ways[random(ways.length)] ?? (() => sql))()
  }

  async function errorOf(sql: string, authority: Authority): Promise<string | null> {
    let compiled: CompiledQuery | null = null
    try {
      compiled = compileSql({ ...workspace.scope, authority }, { sql })
      await workspace.gate.check(compiled)
      await workspace.run(compiled)
      return null
    } catch (err) {
      if (!(err instanceof Fault)) throw err
      return compiled === null ? err.details.public : userFault(err, compiled).details.public
    }
  }

  test('tells no name of ours, no path and nothing of the filter, whatever is wrong with a statement', async () => {
    const random = randomNumbers(77)
    const filter = `country != '${FILTER_WORD}' AND name != '${FILTER_WORD}'`
    const codes = new Set<string>()
    for (let round = 0; round < 2; round++) {
      for (const sql of CORPUS) {
        const own = filterFor(sql, filter)
        const mayRead = () => ({ allowed: true, filter: own })
        const text = await errorOf(broken(sql, random), { mayRead, seesNames: false })
        if (text === null) continue
        expect(text, sql).not.toMatch(INTERNAL)
        codes.add(/\(([A-Z_]+)\)$/.exec(text)?.[1] ?? text.slice(0, 40))
      }
    }
    // Enough different failures to mean something.
    expect(codes.size).toBeGreaterThan(12)
  })

  /** A condition over a column that all tables of the statement have, or none. */
  function filterFor(sql: string, both: string): string | null {
    const tables = ['events', 'users', 'prices', 'daily_pages'].filter((each) => sql.includes(each))
    if (tables.length !== 1) return null
    const [country = '', name = ''] = both.split(' AND ')
    return tables[0] === 'events' ? country : tables[0] === 'users' ? name : null
  }
})
