import type { DeployedPipe } from '@sandpiper/deployment'
import { compilePipe, EVERYTHING } from '@sandpiper/pipes'
import { expect, test } from 'vitest'

import { exampleParams } from './example-params.ts'

function pipeOf(sql: string): DeployedPipe {
  const settings = {}
  const node = { name: 'n', sql, type: 'endpoint', description: null, settings } as const
  return {
    ...{ id: 't_1', nodeIds: ['t_2'], view: null, createdAt: '', updatedAt: '' },
    file: {
      ...{ kind: 'pipe', name: 'p', nodes: [node], settings },
      ...{ description: null, tokens: [], tags: null },
    },
  }
}

const place = (pipe: DeployedPipe, fixed = {}) => ({
  ...{ workspaceId: 'w', fixed },
  map: { dataSources: {}, connections: {}, pipes: { p: pipe } },
})

test.each([
  ['{{Int32(a, 3)}}', [['a', '3']]],
  ['1 {% if defined(a) %} + {{Int32(a)}} {% end %}', []],
  ['{{Int32(a)}}', [['a', '0']]],
  ["{{String(a)}}, {{Date(b)}}, {{Array(c, 'UInt64')}}, {{Boolean(d)}}, {{Float64(e)}}", 5],
  ['{{UUID(a)}}, {{DateTime(b)}}, {{DateTime64(c)}}, {{len(JSON(d))}}', 4],
  ["{{String(a, enum=['x', 'y'])}}", [['a', 'x']]],
  ["{{tb_secret('key')}}", []],
])('%s is called with parameters that it takes', (expression, expected) => {
  const pipe = pipeOf(`%\nSELECT ${expression}`)
  const params = exampleParams(place(pipe), pipe)
  if (typeof expected === 'number') expect(params).toHaveLength(expected)
  else expect(params).toEqual(expected)
  const scope = { ...place(pipe), secrets: new Map([['key', '']]), authority: EVERYTHING }
  const compiled = compilePipe({ ...scope, params: Object.fromEntries(params) }, { pipe: 'p' })
  expect(compiled.sql).toContain('SELECT')
})

test('what the token fixes is not in it', () => {
  const pipe = pipeOf('%\nSELECT {{Int32(org)}}, {{Int32(a, 1)}}')
  expect(exampleParams(place(pipe, { org: 1 }), pipe)).toEqual([['a', '1']])
})
