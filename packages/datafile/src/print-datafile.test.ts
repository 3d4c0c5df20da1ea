import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ENGINES } from './build-engine.ts'
import { withMetaColumns } from './kafka-source.ts'
import type {
  Column,
  ConnectionFile,
  Datafile,
  DataSourceFile,
  Engine,
  PipeFile,
  PipeNode,
  TokenLine,
} from './model.ts'
import { parseDatafile } from './parse-datafile.ts'
import { printDatafile } from './print-datafile.ts'
import { quoted } from './quoting.ts'

const name = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/)
  .filter((each) => each !== '__proto__')
const value = fc
  .oneof(fc.string({ maxLength: 30, unit: 'grapheme' }), fc.stringMatching(/^['" >#\\a]{1,6}$/))
  .filter((each) => !/[\n\0]/.test(each) && quoted(each) !== null)
const words = fc
  .stringMatching(/^[a-z(), '0-9+]{1,20}$/)
  .map((each) => `f('${each.replaceAll("'", '')}')`)

/** Text as a block gives it: no blank edges, dedented, lines that hold only spaces emptied. */
const block = fc
  .array(fc.string({ maxLength: 20, unit: 'grapheme' }), { minLength: 1, maxLength: 5 })
  .map((lines) => {
    const kept = lines
      .map((each) => each.replace(/[\r\n\0]/g, ''))
      .map((each) => (each.trim() === '' ? '' : each))
    return ['x', ...kept, 'y'].join('\n')
  })

const type = fc.constantFrom(
  'String',
  "Nullable(DateTime64(3, 'UTC'))",
  'AggregateFunction(quantiles(0.5, 0.9), Float64)',
  "Enum8('a b' = 1, 'c' = -2)",
  'Tuple(a String, `b c` Array(UInt8))',
  'SimpleAggregateFunction(sum, Nullable(Int64))',
  "JSON(max_dynamic_paths = 8, a.b UInt32, SKIP c, SKIP REGEXP 'x')",
  'Map(String, LowCardinality(String))',
)

const column: fc.Arbitrary<Column> = fc.record({
  name: fc.oneof(name, fc.constantFrom('a-b', 'with space', 'DEFAULT', 'codec', 'ü', 'a.b')),
  type,
  jsonPath: fc.option(fc.constantFrom('$', '$.a', '$.a.b c', '$.l[:].k')),
  default: fc.option(
    fc.oneof(words, fc.constantFrom('0', "'a, b'", '[1, 2]', 'now() - 1', "map('a', 1)")),
  ),
  codec: fc.option(fc.constantFrom('ZSTD(1)', 'Delta, LZ4')),
})

const engine: fc.Arbitrary<Engine> = fc.record({
  type: fc.constantFrom(...ENGINES.filter((each) => !each.includes('Collapsing'))),
  sortingKey: fc.option(fc.constantFrom('tuple()', 'cityHash64("x")')),
  partitionKey: fc.option(words),
  primaryKey: fc.option(words),
  samplingKey: fc.option(words),
  ttl: fc.option(fc.constantFrom('toDate(x) + INTERVAL 1 DAY', 'x + toIntervalDay(90)')),
  ver: fc.constant(null),
  isDeleted: fc.constant(null),
  sign: fc.constant(null),
  version: fc.constant(null),
  summingColumns: fc.option(fc.constantFrom('a, b', '(a, b)')),
  settings: fc.dictionary(
    fc.constantFrom('index_granularity', 'other'),
    fc.constantFrom('1', "'x, y'", 'true'),
  ),
  other: fc.dictionary(
    fc.constantFrom('ENGINE_JOIN_TYPE', 'ENGINE_KEY_COLUMNS'),
    fc.constantFrom('LEFT', 'a, b'),
  ),
})

const token: fc.Arbitrary<TokenLine> = fc.record({
  name: fc
    .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    .filter((each) => !/[\r\n\0]/.test(each)),
  scope: fc.constantFrom('READ', 'APPEND'),
})

const dataSource: fc.Arbitrary<DataSourceFile> = fc.record({
  kind: fc.constant('datasource'),
  name,
  description: fc.option(fc.oneof(block, fc.constant(''), fc.constant('one line'))),
  columns: fc.uniqueArray(column, { selector: (each) => each.name, minLength: 1, maxLength: 6 }),
  engine: fc.option(engine),
  indexes: fc.uniqueArray(
    fc.record({
      name: fc.oneof(name, fc.constantFrom('index', 'a b')),
      expression: fc.constantFrom('a', 'lower(b)', "concat(a, 'TYPE x')"),
      type: fc.constantFrom('minmax', 'bloom_filter(0.01)', 'set(100)'),
      granularity: fc.option(fc.integer({ min: 1, max: 999 })),
    }),
    { selector: (each) => each.name, maxLength: 3 },
  ),
  tokens: fc.array(token, { maxLength: 3 }),
  tags: fc.option(value),
  forwardQuery: fc.option(block),
  backfill: fc.constantFrom(null, 'skip'),
  sharedWith: fc.array(name, { maxLength: 3 }),
  settings: fc.oneof(
    fc.constant({}),
    fc.record({
      KAFKA_CONNECTION_NAME: value,
      KAFKA_TOPIC: value,
      KAFKA_GROUP_ID: fc.oneof(value, block),
      KAFKA_STORE_HEADERS: fc.constantFrom('true', 'false'),
      KAFKA_VALUE_FORMAT: fc.constantFrom('avro', 'json_without_schema'),
    }),
  ),
})

/** With the columns that the server adds, as every file that was read has them. */
const fromTopic = dataSource.map((file) => ({
  ...file,
  columns: withMetaColumns(file.columns, file),
}))

const nodeOf = (special: boolean): fc.Arbitrary<PipeNode> =>
  fc.record({
    name,
    description: fc.option(block),
    sql: fc.oneof(block, fc.constant('%\nSELECT {{String(a)}}')),
    type: special ? fc.constant('materialized') : fc.constant('standard'),
    settings: special ? fc.record({ DATASOURCE: name }) : fc.constant({}),
  })

const pipe: fc.Arbitrary<PipeFile> = fc.record({
  kind: fc.constant('pipe'),
  name,
  description: fc.option(block),
  tokens: fc.array(
    token.map((each) => ({ ...each, scope: 'READ' as const })),
    { maxLength: 2 },
  ),
  tags: fc.option(value),
  nodes: fc
    .tuple(fc.array(nodeOf(false), { maxLength: 3 }), nodeOf(true))
    .map(([before, last]) => [...before, last])
    .filter((nodes) => new Set(nodes.map((each) => each.name)).size === nodes.length),
  settings: fc.oneof(fc.constant({}), fc.record({ VERSION: value })),
})

const connection: fc.Arbitrary<ConnectionFile> = fc.record({
  kind: fc.constant('connection'),
  name,
  type: fc.constant('kafka'),
  settings: fc.record({
    KAFKA_BOOTSTRAP_SERVERS: fc.constantFrom(
      'host:9092',
      'a:1, [::1]:9092',
      '{{ tb_secret("s") }}',
    ),
    KAFKA_KEY: value,
    KAFKA_SECRET: value,
    KAFKA_SSL_CA_PEM: fc
      .oneof(block, fc.constant('x'))
      .map((text) => `-----BEGIN CERTIFICATE-----\n${text}`),
  }),
})

const file: fc.Arbitrary<Datafile> = fc.oneof(fromTopic, pipe, connection)

/** Weird but legal: the same text with other line ends, a mark, comments and blank lines. */
const dress = fc.record({ crlf: fc.boolean(), mark: fc.boolean(), comment: fc.boolean() })

describe('printDatafile', () => {
  it('gives text that parses back to the same model, in whatever dress', () => {
    fc.assert(
      fc.property(file, dress, (model, { crlf, mark, comment }) => {
        let text = printDatafile(model)
        if (comment) text = `# first\n\n${text}\n\n# last`
        if (crlf) text = text.replaceAll('\n', '\r\n')
        if (mark) text = `\uFEFF${text}`
        const parsed = parseDatafile(text, { filename: `${model.name}.${model.kind}` })
        expect(parsed.errors).toEqual([])
        expect(parsed.file).toEqual(model)
      }),
      { numRuns: 400 },
    )
  })

  it('prints equal models equally, however they were written', () => {
    const one = parseDatafile(
      "SCHEMA >\n  a   Nullable(  String ) `json:$.a`\n\n\nENGINE 'mergetree'\nSORTING_KEY tuple()",
      { filename: 'e.datasource' },
    )
    const two = parseDatafile(
      'SCHEMA >\n    a Nullable(String)\n      `json:$.a`,\nENGINE MergeTree\nENGINE_SORTING_KEY "tuple()"\n',
      { filename: 'e.datasource' },
    )
    expect(printDatafile(one.file!)).toBe(printDatafile(two.file!))
  })

  it('prints in the order of the SDK', () => {
    const text =
      'TOKEN "my token" APPEND\nENGINE_SORTING_KEY a\nENGINE MergeTree\nSCHEMA >\n  a String, b UInt8 DEFAULT 1\nDESCRIPTION hello'
    expect(printDatafile(parseDatafile(text, { filename: 'e.datasource' }).file!)).toBe(
      'DESCRIPTION >\n    hello\n\nSCHEMA >\n    a String,\n    b UInt8 DEFAULT 1\n\nENGINE "MergeTree"\nENGINE_SORTING_KEY "a"\n\nTOKEN "my token" APPEND\n',
    )
  })
})

describe('parseDatafile on any text', () => {
  it('never throws, and what it accepts prints and parses back', () => {
    const piece = fc.constantFrom(
      'SCHEMA >\n',
      ' a String',
      ',\n',
      'DEFAULT ',
      '(',
      ')',
      "'",
      '`',
      '\\',
      '\n',
      'NODE n\n',
      'SQL >\n',
      ' SELECT 1\n',
      '#',
      'TYPE endpoint\n',
      'INDEXES >\n',
      ' i a TYPE minmax\n',
      'ENGINE "Null"\n',
      '\r\n',
      '/*',
      '--',
      '>',
      ' ',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.constantFrom('datasource', 'pipe', 'connection'),
        (pieces, kind) => {
          const parsed = parseDatafile(pieces.join(''), { filename: `x.${kind}` })
          if (parsed.file === null) return
          const again = parseDatafile(printDatafile(parsed.file), { filename: `x.${kind}` })
          expect(again.errors).toEqual([])
          expect(again.file).toEqual(parsed.file)
        },
      ),
      { numRuns: 1500 },
    )
  })

  it.each([
    '(',
    '`',
    "'",
    '/*',
    "\\'",
    'a String,',
    'a String\n',
    '[',
    '{',
    'DEFAULT ',
    'a b\n',
    '`a\n',
    ' `json:',
    '"',
    '-',
    'a String DEFAULT 1,',
  ])(
    'takes linear time in repetitions of %j',
    (unit) => {
      const count = Math.floor(400_000 / unit.length)
      // At most a million characters: quadratic work would be 10^11 steps and run into the test's time limit.
      const schema = parseDatafile(`SCHEMA >\n a ${unit.repeat(count)}`, {
        filename: 'x.datasource',
      })
      const sql = parseDatafile(
        `NODE n\nSQL >\n ${unit.repeat(count)}\nTOKEN ${unit.repeat(count)}`,
        { filename: 'x.pipe' },
      )
      const indexes = parseDatafile(
        `SCHEMA >\n a String\nINDEXES >\n ${unit.repeat(count)}\nENGINE_SETTINGS ${unit.repeat(count)}\nENGINE_SORTING_KEY ${unit.repeat(count)}`,
        { filename: 'x.datasource' },
      )
      expect(
        [schema, sql, indexes].every(
          (each) => each.errors.length + (each.file === null ? 0 : 1) > 0,
        ),
      ).toBe(true)
    },
    5_000,
  )
})
