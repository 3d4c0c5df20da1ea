// The list of functions against the functions of the real engine.
import { startEngine, type RunningEngine } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ClickHouse } from '../client-contract.ts'
import { createClickHouse } from '../create-clickhouse.ts'
import { ensureEmptyDatabase } from '../empty-database.ts'
import {
  AGGREGATES,
  AGGREGATES_ANY_CASE,
  COMBINATORS,
  FUNCTIONS,
  FUNCTIONS_ANY_CASE,
} from './allowed-functions.ts'
import { REFUSED_FUNCTIONS } from './fixtures/refused-functions.ts'
import { isAllowedFunction } from './is-allowed-function.ts'

let engine: RunningEngine
let clickhouse: ClickHouse

beforeAll(async () => {
  engine = await startEngine()
  clickhouse = createClickHouse({
    url: 'http://localhost',
    socketPath: engine.socketPath,
    loadsFiles: true,
  })
  await ensureEmptyDatabase(clickhouse)
})
afterAll(async () => {
  await clickhouse.close()
  await engine.stop()
})

describe('the allow-list and this engine', () => {
  const SYNTAX = new Set(['exists', 'grouping', 'lambda', 'untuple'])

  test('holds no name the engine has lost, and only its combinators', async () => {
    const rows = await clickhouse.rows<{ name: string }>({
      sql: 'SELECT name FROM system.functions',
    })
    const known = new Set(rows.map(({ name }) => name))
    const listed = [...FUNCTIONS, ...FUNCTIONS_ANY_CASE, ...AGGREGATES, ...AGGREGATES_ANY_CASE]
    expect(listed.filter((name) => !known.has(name) && !SYNTAX.has(name))).toEqual([])
    const combinators = await clickhouse.rows<{ name: string }>({
      sql: 'SELECT name FROM system.aggregate_function_combinators',
    })
    expect(
      [...COMBINATORS].filter((name) => !combinators.some((each) => each.name === name)),
    ).toEqual([])
  })

  test('every function of this engine was decided upon, one way and not the other', async () => {
    const rows = await clickhouse.rows<{ name: string }>({
      sql: 'SELECT name FROM system.functions',
    })
    const names = rows.map(({ name }) => name)
    const undecided = names.filter(
      (name) => !isAllowedFunction(name) && !REFUSED_FUNCTIONS.has(name),
    )
    expect(undecided).toEqual([])
    expect([...REFUSED_FUNCTIONS].filter((name) => isAllowedFunction(name))).toEqual([])
    expect([...REFUSED_FUNCTIONS].filter((name) => !names.includes(name))).toEqual([])
  })

  test('holds no other name of a function that is refused', async () => {
    const aliases = await clickhouse.rows<{ name: string; alias_to: string }>({
      sql: "SELECT name, alias_to FROM system.functions WHERE alias_to != ''",
    })
    const listed = new Set([
      ...FUNCTIONS,
      ...FUNCTIONS_ANY_CASE,
      ...AGGREGATES,
      ...AGGREGATES_ANY_CASE,
    ])
    const hidden = aliases.filter(
      ({ name, alias_to: target }) => listed.has(name) && !listed.has(target),
    )
    // groupArray with the combinator Array, which is on the list by its parts.
    expect(hidden.map(({ name }) => name)).toEqual(['array_concat_agg'])
  })
})
