// Pipes compiled into one SELECT, and that run: nodes, pipes, data sources and quarantines as sources, names that hide each other, and
// what an error tells of them.
import type { NodeType, PipeFile } from '@sandpiper/datafile'
import type { DeployedPipe } from '@sandpiper/deployment'
import { Fault } from '@sandpiper/faults'
import { compileOver, compilePipe, userFault, type CompiledQuery } from '@sandpiper/pipes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startProofWorkspace, type ProofWorkspace } from './proof-workspace.fixture.ts'

type Nodes = readonly (readonly [name: string, sql: string, type?: NodeType])[]

const PIPES: Readonly<Record<string, Nodes>> = {
  visits: [
    [
      'filtered',
      "%\nSELECT * FROM events WHERE country = {{String(country, 'ES')}} AND duration >= {{Int32(min, 0)}} -- one country",
    ],
    ['unread', 'SELECT nope FROM nowhere_at_all_but_never_compiled'],
    [
      'out',
      'SELECT filtered.page AS page, count() AS hits FROM filtered GROUP BY page',
      'endpoint',
    ],
  ],
  top: [
    ['ranked', 'SELECT page, hits, row_number() OVER (ORDER BY hits DESC) AS place FROM visits'],
    [
      'out',
      '%\nSELECT page, hits FROM ranked WHERE place <= {{Int32(places, 2)}} ORDER BY place',
      'endpoint',
    ],
  ],
  hidden_by_cte: [
    ['base', 'SELECT count() AS c FROM events'],
    [
      'out',
      'WITH base AS (SELECT 7 AS c), events AS (SELECT 8 AS c) SELECT base.c + events.c AS c FROM base, events',
      'endpoint',
    ],
  ],
  own_table_in_cte: [
    ['out', 'WITH events AS (SELECT * FROM events) SELECT count() AS c FROM events', 'endpoint'],
  ],
  twice: [
    ['base', 'SELECT user_id, page FROM events'],
    [
      'out',
      'SELECT count() AS c FROM base AS a JOIN base AS b USING user_id WHERE a.page IN (SELECT page FROM base)',
      'endpoint',
    ],
  ],
  in_node: [
    ['pages', "SELECT page FROM events WHERE page = '/'"],
    ['out', 'SELECT count() AS c FROM events WHERE page IN pages', 'endpoint'],
  ],
  final_and_sample: [
    ['out', "SELECT count() AS c FROM users AS u FINAL WHERE u.plan = 'pro'", 'endpoint'],
  ],
  chosen: [
    [
      'out',
      "%\nSELECT {{columns(cols, 'page')}} FROM {{table(source, 'events')}} ORDER BY {{column(sort, 'page')}} LIMIT {{Int32(n, 1)}}",
      'endpoint',
    ],
  ],
  named_by_text: [['out', "%\nSELECT count() AS c FROM {{String(source, 'events')}}", 'endpoint']],
  unknown_column: [
    ['base', '%\nSELECT\n  user_id,\n  no_such_column\nFROM events'],
    ['out', 'SELECT * FROM base', 'endpoint'],
  ],
  wrong_type: [['out', 'SELECT\n  sum(page)\nFROM events', 'endpoint']],
}

let workspace: ProofWorkspace
beforeAll(async () => {
  const pipes = Object.entries(PIPES).map(([name, nodes], at) => [name, deployed(name, nodes, at)])
  workspace = await startProofWorkspace(Object.fromEntries(pipes) as Record<string, DeployedPipe>)
})
afterAll(() => workspace.stop())

function deployed(name: string, nodes: Nodes, at: number): DeployedPipe {
  const none = { description: null, settings: {} }
  const file: PipeFile = {
    ...none,
    ...{ kind: 'pipe', name, tokens: [], tags: null },
    nodes: nodes.map(([node, sql, type = 'standard']) => ({ ...none, name: node, sql, type })),
  }
  const times = { createdAt: '2026-11-21T00:00:00.000Z', updatedAt: '2026-11-21T00:00:00.000Z' }
  const id = `t_${String(at).padStart(32, 'c')}`
  return { id, nodeIds: nodes.map((_, index) => `${id}${index}`), view: null, file, ...times }
}

function compiled(pipe: string, params: Record<string, unknown> = {}): CompiledQuery {
  return compilePipe({ ...workspace.scope, params }, { pipe })
}

async function answer(pipe: string, params: Record<string, unknown> = {}): Promise<string[]> {
  const query = compiled(pipe, params)
  await workspace.gate.check(query)
  return (await workspace.run(query)).trimEnd().split('\n')
}

describe('a pipe is one SELECT that runs', () => {
  test('over nodes and another pipe, with parameters of both', async () => {
    expect(await answer('top')).toHaveLength(3)
    expect(await answer('top', { country: "none'; DROP TABLE events --", places: '9' })).toEqual([
      'page\thits',
    ])
    expect(compiled('top').sql).not.toContain('nowhere')
  })

  test('with other values at each call, whatever is remembered of the calls before', async () => {
    const shown = new Map([
      ['ES', "'ES'"],
      ["a'b", "'a\\'b'"],
      ['a\\b', "'a\\\\b'"],
      ['', "''"],
      ['$a$', "'$a$'"],
      ['\u00011s', "'\u00011s'"],
    ])
    for (const [country, sql] of [...shown, ...shown]) {
      for (const min of [5, 17]) {
        const query = compiled('visits', { country, min })
        expect(query.sql).toContain(`country = ${sql} AND duration >= toInt32('${min}')`)
        await workspace.gate.check(query)
      }
    }
    const byCountry = async (country: string) => (await answer('visits', { country })).slice(1)
    expect(await byCountry('nowhere')).toEqual([])
    expect(await byCountry('DE')).not.toEqual([])
    expect(await byCountry('nowhere')).toEqual([])
  })

  test('where a value names a table, too', async () => {
    expect(await answer('named_by_text')).toEqual(['c', '400'])
    expect(await answer('named_by_text', { source: 'users' })).toEqual(['c', '25'])
    expect(await answer('named_by_text')).toEqual(['c', '400'])
  })

  test.each([
    ['hidden_by_cte', '15'],
    ['own_table_in_cte', '400'],
    ['in_node', '100'],
    ['final_and_sample', '12'],
  ])('%s', async (pipe, count) => {
    expect(await answer(pipe)).toEqual(['c', count])
  })

  test('that reads a node twice', async () => {
    expect(Number((await answer('twice'))[1])).toBeGreaterThan(400)
  })

  test('with a table and columns that parameters name, and only those it knows', async () => {
    expect(await answer('chosen')).toHaveLength(2)
    const users = { source: 'users', cols: 'name,plan', sort: 'name' }
    expect((await answer('chosen', users))[0]).toBe('name\tplan')
    for (const source of [
      'system.tables',
      'nosuch',
      "file('/etc/passwd')",
      'ws_x.t',
      'events; DROP TABLE users',
    ])
      await expect(answer('chosen', { source }), source).rejects.toMatchObject({ status: 400 })
  })

  test('and so is SQL over its result', async () => {
    const over = compileOver(workspace.scope, {
      pipe: 'top',
      q: 'SELECT sum(hits) AS s, count() AS c FROM _ AS x WHERE x.hits IN (SELECT hits FROM top)',
    })
    await workspace.gate.check(over)
    expect(await workspace.run(over)).toMatch(/^s\tc\n\d+\t2\n$/)
  })
})

test.each([
  [
    'unknown_column',
    { node: 'base', line: 4 },
    /^\[Error\] .*no_such_column.*\(UNKNOWN_IDENTIFIER\)$/,
  ],
  ['wrong_type', { node: 'out', line: 2 }, /sum.*\(ILLEGAL_TYPE_OF_ARGUMENT\)$/],
])('an error in %s tells node and line', async (pipe, place, text) => {
  const query = compiled(pipe)
  const failed = await answer(pipe).catch((err: unknown) => err)
  if (!(failed instanceof Fault)) throw new Error('it was answered')
  const told = userFault(failed, query)
  expect(told.details.place).toEqual(place)
  expect(told.details.public).toMatch(text)
})
