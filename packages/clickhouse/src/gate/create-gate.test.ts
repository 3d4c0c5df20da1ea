import { expect, test } from 'vitest'

import type { ClickHouse } from '../client-contract.ts'
import { createGate } from './create-gate.ts'
import { AST_GOLDENS } from './fixtures/ast-goldens.ts'

/** An engine that prints the tree of another text than it was given, as one whose lexer reads the text otherwise would. */
function engineThatReads(ast: string): ClickHouse {
  const lines = Buffer.from(ast)
  const body = (async function* () {
    yield await Promise.resolve(lines)
  })()
  return {
    query: () => Promise.resolve({ headers: {}, whole: lines, body }),
  } as unknown as ClickHouse
}

const TABLES = ['t_1_1', 't_2_1', 't_3_1'].map((table) => ({
  ...{ database: 'ws_1', table, userName: table },
}))

function check(sql: string): Promise<void> {
  return createGate(engineThatReads(AST_GOLDENS.everyday.ast)).check({
    ...{ sql, params: {}, settings: {}, tables: TABLES, cacheTtlSeconds: null },
    userNames: new Map(),
  })
}

test('a place that only the engine takes for a table is refused, although the table may be read', async () => {
  const read = 'SELECT 1 FROM ws_1.t_1_1, ws_1.t_2_1'
  await expect(check(`${read}, ws_1.t_3_1`)).resolves.toBeUndefined()
  await expect(check(`${read}, 'ws_1.t_3_1'`)).rejects.toMatchObject({ code: 'query.refused' })
  await expect(check(`${read}, ws_1.t_3_1, ws_1.t_3_1`)).rejects.toMatchObject({
    code: 'query.refused',
  })
})
