import { describe, expect, it } from 'vitest'

import { pipeParams } from './pipe-params.ts'
import { reservedNameWarnings } from './soft-reserved.ts'
import { testMap, type NodeText } from './test-map.fixture.ts'

function paramsOf(pipes: Readonly<Record<string, readonly NodeText[]>>) {
  const map = testMap(pipes)
  return pipeParams(map, map.pipes['p']!)
}

describe('pipeParams', () => {
  it('carries what docs show: type, default, description, enum, example, format and order', () => {
    const sql =
      "%SELECT {{Date(day, '2026-01-01', description='The day', format='date', example='2026-02-01', order=2)}}, {{String(device, enum=['a', 'b'], order=1)}}"
    expect(paramsOf({ p: [{ name: 'n', sql }] })).toEqual([
      {
        name: 'day',
        type: 'Date',
        required: false,
        default: '2026-01-01',
        description: 'The day',
        enum: null,
        example: '2026-02-01',
        format: 'date',
        order: 2,
        usedIn: null,
        onlyIfDefined: false,
      },
      {
        name: 'device',
        type: 'String',
        required: true,
        default: null,
        description: null,
        enum: ['a', 'b'],
        example: null,
        format: null,
        order: 1,
        usedIn: null,
        onlyIfDefined: false,
      },
    ])
  })

  it('joins the uses of all nodes and of the pipes that are read: last type, first metadata', () => {
    const [n, x] = paramsOf({
      other: [
        { name: 'out', sql: '%SELECT {{Int32(n, order=7, required=False)}}', type: 'endpoint' },
      ],
      p: [
        { name: 'a', sql: "%SELECT {{String(n, description='how many')}} FROM other" },
        { name: 'b', sql: '%{% if defined(x) %} SELECT 1 {% end %}' },
        { name: 'c', sql: '%SELECT {{Int64(x)}}' },
      ],
    })
    expect(n).toMatchObject({ type: 'Int32', required: false, description: 'how many', order: 7 })
    expect(x).toMatchObject({ name: 'x', type: 'Int64', required: true, usedIn: null })
  })

  it('does not take a question whether a parameter was sent for leave to leave it out', () => {
    const [x] = paramsOf({
      p: [
        { name: 'a', sql: '%SELECT {{Int64(x)}}' },
        { name: 'b', sql: '%{% if defined(x) %} SELECT 1 {% end %}' },
      ],
    })
    expect(x).toMatchObject({ required: true, usedIn: null })
  })

  it.each([
    [['%{% if defined(x) %} SELECT {{Int64(x)}} {% end %}'], false],
    [['%{% if defined(x) %} SELECT {{Int64(x)}} {% end %}', '%SELECT {{Int64(x)}}'], true],
    [['%SELECT {{Int64(x)}}', '%{% if defined(x) %} SELECT {{Int64(x)}} {% end %}'], true],
    [['%{% if defined(x) %} {{Int64(x)}} {% end %}', '%SELECT {{Int64(x, 1)}}'], false],
    [['%{% if defined(x) %} 1 {% end %}', '%{% if defined(x) %} {{x}} {% end %}'], false],
  ])(
    'asks for a parameter that some node uses without asking whether it was sent: %j %s',
    (sqls, required) => {
      const [x] = paramsOf({ p: sqls.map((sql, at) => ({ name: `n${at}`, sql })) })
      expect(x).toMatchObject({ name: 'x', required })
    },
  )
})

describe('reservedNameWarnings', () => {
  it('warns once of each parameter that has the name of an option of the API', () => {
    const nodes = [
      { name: 'a', sql: '%SELECT {{String(tag)}}, {{Int32(n)}}, {{String(token)}}' },
      { name: 'b', sql: '%SELECT {{String(tag)}}, {{String(job_timestamp)}}' },
    ]
    const warnings = reservedNameWarnings(testMap({ p: nodes }).pipes['p']!.file)
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain("'tag' of node 'a'")
    expect(warnings[1]).toContain("'token' of node 'a'")
  })

  it.each(['q', 'format'])('refuses a parameter called %s with the line it stands in', (name) => {
    const file = testMap({ p: [{ name: 'a', sql: `%\nSELECT {{String(${name})}}` }] }).pipes['p']!
      .file
    expect(() => reservedNameWarnings(file)).toThrow(
      `"${name}" can not be used as a variable name, line 2`,
    )
  })
})
