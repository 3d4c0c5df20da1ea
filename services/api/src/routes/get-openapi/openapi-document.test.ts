import { readdirSync, readFileSync } from 'node:fs'

import { parseDatafile, type PipeFile } from '@sandpiper/datafile'
import { emptyMap, type DeployedPipe } from '@sandpiper/deployment'
import { pipeParams } from '@sandpiper/pipes'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'

import { columnSchema } from './column-schema.ts'
import { openapiDocument, type DescribedEndpoint } from './openapi-document.ts'
import { paramSchema, type PipeParam } from './param-schema.ts'

// Compiles the official schemas once.
const VALIDATOR = new Validator()
const ABOUT = { origin: 'http://127.0.0.1:7181', deployment: 4 }

const param = (about: Partial<PipeParam>): PipeParam => ({
  ...{ name: 'p', type: 'String', required: false, default: null, description: null },
  ...{ enum: null, example: null, format: null, order: null, usedIn: null, onlyIfDefined: false },
  ...about,
})

const endpoint = (name: string, ...params: PipeParam[]): DescribedEndpoint => ({
  ...{ id: `t_${'0'.repeat(31)}1`, name, description: null, params, columns: null },
})

async function problems(...endpoints: DescribedEndpoint[]): Promise<unknown> {
  const { valid, errors } = await VALIDATOR.validate(
    // As it travels.
    JSON.parse(JSON.stringify(openapiDocument(endpoints, ABOUT))) as Record<string, unknown>,
  )
  return valid ? [] : errors
}

test('the document is valid for no endpoint, plain ones and every metadata', async () => {
  expect(await problems()).toEqual([])
  expect(
    await problems(endpoint('plain'), {
      ...endpoint(
        'full',
        param({ name: 'day', type: 'Date', required: true, description: 'Which day' }),
        param({ name: 'n', type: 'Int32', default: 10n, enum: [10n, 20n, 10n], example: 20n }),
        param({ name: 'list', type: 'Array(UInt64)', default: [1n, 2n], format: 'csv' }),
      ),
      id: `t_${'0'.repeat(31)}2`,
      description: 'Says # all `of` it',
    }),
  ).toEqual([])
})

test.each(['a/b', 'a b', '{a}', 'ü', '__proto__', 'a.b', '#', '%2f', "'", 'constructor'])(
  'it is valid for a pipe and a parameter of the odd name %s',
  async (name) => {
    expect(await problems(endpoint(name, param({ name })))).toEqual([])
    expect(JSON.stringify(openapiDocument([endpoint(name)], ABOUT))).toContain(
      `/v0/pipes/${encodeURIComponent(name)}.json`,
    )
  },
)

test('it is valid for the endpoints of the example project', async () => {
  const folder = new URL('../../../../../examples/web-analytics/endpoints/', import.meta.url)
  const endpoints = readdirSync(folder).map((name, index): DescribedEndpoint => {
    const text = readFileSync(new URL(name, folder), 'utf8')
    const { file } = parseDatafile(text, { filename: name })
    if (file?.kind !== 'pipe') throw new Error(`${name} is no pipe`)
    const pipe = deployed(file, `t_${String(index).padStart(32, '0')}`)
    const params = pipeParams(emptyMap(), pipe)
    const about = { id: pipe.id, name: pipe.file.name, description: pipe.file.description }
    return { ...about, params, columns: null }
  })
  expect(endpoints.flatMap(({ params }) => params).length).toBeGreaterThan(3)
  expect(await problems(...endpoints)).toEqual([])
})

function deployed(file: PipeFile, id: string): DeployedPipe {
  const at = '2026-11-21T00:00:00.000Z'
  return { id, nodeIds: [], view: null, createdAt: at, updatedAt: at, file }
}

const TYPES: readonly (readonly [string, unknown])[] = [
  ['UInt8', { type: 'integer' }],
  ['Int32', { type: 'integer', format: 'int32' }],
  ['UInt64', { type: 'integer', format: 'int64' }],
  ['Float64', { type: 'number', nullable: true }],
  ['Decimal(10, 2)', { type: 'number' }],
  ['Bool', { type: 'boolean' }],
  ["DateTime64(3, 'UTC')", { type: 'string' }],
  ['Date32', { type: 'string', format: 'date' }],
  ['LowCardinality(Nullable(String))', { type: 'string', nullable: true }],
  ['SimpleAggregateFunction(max, UInt16)', { type: 'integer' }],
  ['AggregateFunction(uniq, String)', { type: 'string' }],
  ["Enum8('it\\'s' = 1, 'b' = 2)", { type: 'string', enum: ["it's", 'b'] }],
  ['Array(Array(UUID))', arrayOf(arrayOf({ type: 'string', format: 'uuid' }))],
  [
    'Map(String, IPv4)',
    { type: 'object', additionalProperties: { type: 'string', format: 'ipv4' } },
  ],
  [
    'Tuple(`a b` Bool, __proto__ UInt8)',
    {
      type: 'object',
      properties: { 'a b': { type: 'boolean' }, ['__proto__']: { type: 'integer' } },
    },
  ],
  ['Tuple(Bool, UInt8)', arrayOf({})],
  ['Nested(a Bool)', arrayOf({ type: 'object', properties: { a: { type: 'boolean' } } })],
  ['JSON(a UInt8)', { type: 'object', additionalProperties: true }],
  ['Dynamic', {}],
  ['Variant(String, UInt8)', {}],
  ['Nullable(Nothing)', {}],
  ['Point', {}],
  ['IntervalDay', {}],
  ['not a type (', {}],
]

function arrayOf(items: unknown): unknown {
  return { type: 'array', items }
}

test.each(TYPES)('a column of type %s is described as JSON writes it', (type, schema) => {
  expect(columnSchema(type)).toEqual(schema)
})

test('it is valid with columns of every type, odd names, two of one name, and none', async () => {
  const columns = TYPES.map(([type]) => ({ name: type, type }))
  const twice = [...columns, ...columns, { name: '__proto__', type: 'String' }]
  expect(await problems({ ...endpoint('x'), columns: twice })).toEqual([])
  expect(await problems({ ...endpoint('x'), columns: [] })).toEqual([])
  const { components } = openapiDocument([{ ...endpoint('x'), columns: twice }], ABOUT) as {
    components: { schemas: Record<string, { required: string[] }> }
  }
  expect(components.schemas[`${endpoint('x').id}.Row`]?.required).toEqual([
    ...TYPES.map(([type]) => type),
    '__proto__',
  ])
})

test('each format has its path, and JSON takes a body', () => {
  const { paths } = openapiDocument([endpoint('x', param({ name: 'a' }))], ABOUT) as {
    paths: Record<string, { get: { responses: { 200: { content: object } } }; post?: object }>
  }
  expect(
    Object.entries(paths).map(([path, { get, post }]) => [
      path.replace('/v0/pipes/', ''),
      ...Object.keys(get.responses[200].content),
      post !== undefined,
    ]),
  ).toEqual([
    ['x.json', 'application/json', true],
    ['x.csv', 'text/csv', false],
    ['x.csvwithnames', 'text/csv', false],
    ['x.ndjson', 'application/x-ndjson', false],
    ['x.parquet', 'application/vnd.apache.parquet', false],
    ['x.prometheus', 'text/plain', false],
  ])
})

describe('a parameter of type', () => {
  test.each<[string, unknown]>([
    ['String', { type: 'string' }],
    ['Int32', { type: 'integer', format: 'int32' }],
    ['UInt8', { type: 'integer' }],
    ['Int128', { type: 'string' }],
    ['Float64', { type: 'number', format: 'double' }],
    ['Boolean', { type: 'boolean' }],
    ['Date', { type: 'string', format: 'date' }],
    ['DateTime', { type: 'string' }],
    ['Array(Int64)', { type: 'array', items: { type: 'integer', format: 'int64' } }],
    ['Array', { type: 'array', items: { type: 'string' } }],
    ['toString', { type: 'string' }],
  ])('%s', (type, schema) => {
    expect(paramSchema(param({ type }))).toEqual(schema)
  })

  test('keeps defaults that no number can hold as texts', () => {
    expect(paramSchema(param({ type: 'UInt64', default: 2n ** 60n }))).toMatchObject({
      default: '1152921504606846976',
    })
  })
})
