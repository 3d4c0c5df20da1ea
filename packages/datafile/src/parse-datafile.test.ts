import { describe, expect, it } from 'vitest'

import type { DataSourceFile, PipeFile } from './model.ts'
import { parseDatafile } from './parse-datafile.ts'

function dataSource(text: string): DataSourceFile {
  const parsed = parseDatafile(text, { filename: 'datasources/events.datasource' })
  expect(parsed.errors).toEqual([])
  return parsed.file as DataSourceFile
}

function pipe(text: string): PipeFile {
  const parsed = parseDatafile(text, { filename: 'top.pipe' })
  expect(parsed.errors).toEqual([])
  return parsed.file as PipeFile
}

function firstError(text: string, filename = 'events.datasource'): string {
  const parsed = parseDatafile(text, { filename })
  expect(parsed.file).toBeNull()
  const [error] = parsed.errors
  return `${error!.filename}:${error!.line}:${error!.column} ${error!.message}`
}

describe('a .datasource file', () => {
  it('is read as the SDK prints it', () => {
    const file = dataSource(
      [
        'DESCRIPTION >\n    User events\n',
        'SCHEMA >',
        '    timestamp DateTime `json:$.timestamp`,',
        "    plan LowCardinality(String) `json:$.plan` DEFAULT 'free' CODEC(ZSTD(1)),",
        '    tags Array(String) `json:$.tags[:]`',
        '',
        'ENGINE "ReplacingMergeTree"',
        'ENGINE_PARTITION_KEY "toYYYYMM(timestamp)"',
        'ENGINE_SORTING_KEY "plan, timestamp"',
        'ENGINE_SETTINGS "index_granularity=1024, merge_policy=\'a\'"',
        '',
        'INDEXES >',
        '    by_plan lower(plan) TYPE bloom_filter(0.01) GRANULARITY 4',
        '',
        'BACKFILL skip',
        '',
        'FORWARD_QUERY >',
        '    SELECT *,',
        '      1 AS one',
        '',
        'TOKEN app READ',
        'TOKEN "tracker token" APPEND',
      ].join('\n'),
    )
    expect(file).toMatchObject({
      name: 'events',
      description: 'User events',
      columns: [
        {
          name: 'timestamp',
          type: 'DateTime',
          jsonPath: '$.timestamp',
          default: null,
          codec: null,
        },
        {
          name: 'plan',
          type: 'LowCardinality(String)',
          jsonPath: '$.plan',
          default: "'free'",
          codec: 'ZSTD(1)',
        },
        { name: 'tags', type: 'Array(String)', jsonPath: '$.tags[:]' },
      ],
      engine: {
        type: 'ReplacingMergeTree',
        sortingKey: 'plan, timestamp',
        partitionKey: 'toYYYYMM(timestamp)',
        settings: { index_granularity: '1024', merge_policy: "'a'" },
      },
      indexes: [
        { name: 'by_plan', expression: 'lower(plan)', type: 'bloom_filter(0.01)', granularity: 4 },
      ],
      backfill: 'skip',
      forwardQuery: 'SELECT *,\n  1 AS one',
      tokens: [
        { name: 'app', scope: 'READ' },
        { name: 'tracker token', scope: 'APPEND' },
      ],
    })
  })

  it('takes byte order mark, CRLF, tabs, comments, lower case, aliases and clauses in any order', () => {
    const file = dataSource(
      '\uFEFF# a comment\r\nschema >\r\n\t# another\r\n\t`a-b` String\r\n\t\tDEFAULT concat(\'x,)\',\r\n\t\t  "y")\r\n\t\t`json:$.a`,\r\n' +
        "\tn CODEC(Delta, ZSTD) UInt64 -- why\r\n\tlast Nullable( String ) DEFAULT NULL,\r\n\r\nengine MergeTree\r\nSORTING_KEY n\r\nTTL ''\r\n",
    )
    expect(file.columns).toEqual([
      { name: 'a-b', type: 'String', jsonPath: '$.a', default: `concat('x,)', "y")`, codec: null },
      { name: 'n', type: 'UInt64', jsonPath: null, default: null, codec: 'Delta, ZSTD' },
      { name: 'last', type: 'Nullable(String)', jsonPath: null, default: null, codec: null },
    ])
    expect(file.engine).toMatchObject({ type: 'MergeTree', sortingKey: 'n', ttl: null })
  })

  it('takes columns without commas, one per line, defaults included', () => {
    const file = dataSource(
      "SCHEMA >\n    a String DEFAULT lower(\n      b)\n    b DateTime64(3, 'UTC')\n    c DEFAULT 1\n",
    )
    expect(file.columns.map((each) => [each.name, each.type, each.default])).toEqual([
      ['a', 'String', 'lower( b)'],
      ['b', "DateTime64(3, 'UTC')", null],
      ['c', '', '1'],
    ])
  })

  it('warns of what is understood but not acted on, never staying silent', () => {
    const parsed = parseDatafile(
      'SCHEMA >\n    a String\nSHARED_WITH >\n    one,\n    two\nVERSION 3\n',
      { filename: 'e.datasource' },
    )
    expect(parsed.file).toMatchObject({ sharedWith: ['one', 'two'], settings: { VERSION: '3' } })
    expect(parsed.warnings.map((each) => each.message)).toEqual([
      'SHARED_WITH is kept but not acted on yet: the data source is not shared.',
      'VERSION is ignored: deployments replace versions.',
    ])
  })

  const schema = (columns: string): string => `SCHEMA >\n${columns}\n`
  it.each([
    ['ENGIN "MergeTree"', '1:1 ENGIN is not a valid option in .datasource files.'],
    [schema('    a String\n\n\nSETTINGS x=1'), '5:1 SETTINGS is not a valid option'],
    [schema('    a String\nENGINE Log'), "3:8 ENGINE 'Log' is not supported"],
    [schema('    a#b String'), "2:5 Column name contains invalid character '#'"],
    [schema('    a String MATERIALIZED now()'), '2:14 MATERIALIZED columns are not supported'],
    [schema('    a Date,\n    b String TTL a + 1'), '3:14 column TTL is not supported'],
    [
      schema('    a String NOT NULL'),
      '2:14 NULL and NOT NULL are not supported, use Nullable(...)',
    ],
    [schema('    `a String'), '2:5 Unclosed backtick'],
    [schema('    a Nullable(String'), '2:7 Unclosed parenthesis'],
    [schema('    a String DEFAULT'), '2:14 Missing mandatory value for DEFAULT'],
    [schema('    a String CODEC'), '2:14 Missing mandatory value for CODEC'],
    [schema('    a String DEFAULT lower(b'), '2:27 Unclosed parenthesis'],
    [schema('    a String DEFAULT 1) ENGINE=Memory'), "2:23 Unexpected ')'"],
    [schema('    a String DEFAULT 1; DROP TABLE b'), "2:23 Unexpected ';'"],
    [schema('    a'), '2:5 Column name and either type or DEFAULT are required'],
    [schema('    a string'), "2:7 Unknown type 'string'"],
    [schema('    a String `json:$.b[0]`'), "2:14 JSONPath '$.b[0]' uses an index or a wildcard"],
    [schema('    a String,\n    a UInt8'), '3:5 Column a is given twice'],
    [
      schema('    a Nullable(String)\nENGINE_SORTING_KEY (a)'),
      '3:20 Sorting key column a is Nullable',
    ],
    [
      schema('    a String\nENGINE CollapsingMergeTree'),
      '3:8 CollapsingMergeTree needs ENGINE_SIGN',
    ],
    [
      schema('    a String\nENGINE_SETTINGS disk=disk(type=local)'),
      "3:17 ENGINE_SETTINGS 'disk=disk(type=local)' is not valid",
    ],
    [
      schema('    a String\nTOKEN one two three'),
      '3:1 TOKEN takes two arguments, a name and a scope',
    ],
    [schema('    a String\nTOKEN one WRITE'), "3:1 TOKEN scope 'WRITE' is not valid"],
    [
      schema('    a String\nKAFKA_TOPIC t'),
      '3:1 KAFKA_CONNECTION_NAME, KAFKA_TOPIC, KAFKA_GROUP_ID are required together',
    ],
    [
      schema('    a String\nINDEXES >\n    i a TYPE minmax GRANULARITY x'),
      "4:5 Index i: GRANULARITY 'x' is not a positive number",
    ],
    ['ENGINE MergeTree', '1:1 SCHEMA is missing'],
  ])('refuses %j with file, line and column', (text, expected) => {
    expect(firstError(text)).toBe(`events.datasource:${expected}`)
  })

  it('reports several bad columns at once and still reads those between', () => {
    const parsed = parseDatafile('SCHEMA >\n    a strin,\n    b String,\n    c, d# UInt8,\n', {
      filename: 'e.datasource',
    })
    expect(parsed.errors.map((each) => `${each.line}:${each.column}`)).toEqual([
      '2:7',
      '4:5',
      '4:8',
    ])
  })

  it.each(['__proto__.datasource', '1a.datasource', 'a b.datasource', 'a.csv', '.datasource'])(
    'refuses the file name %s',
    (filename) => {
      expect(parseDatafile('SCHEMA >\n    a String\n', { filename }).file).toBeNull()
    },
  )
})

describe('a .pipe file', () => {
  it('is read as the SDK prints it, templates included', () => {
    const file = pipe(
      'DESCRIPTION >\n    Top\n\nNODE filtered\nSQL >\n    %\n    SELECT *\n      FROM events\n    {% if defined(x) %}\n    WHERE a = {{ String(x) }}\n    {% end %}\n\n' +
        'NODE endpoint\nDESCRIPTION >\n    last\nSQL >\n    SELECT count() AS c FROM filtered\n\nTYPE endpoint\nCACHE 60\n\nTOKEN "read it" read\nTOKEN plain\n',
    )
    expect(file).toMatchObject({
      description: 'Top',
      tokens: [
        { name: 'read it', scope: 'READ' },
        { name: 'plain', scope: 'READ' },
      ],
      nodes: [
        {
          name: 'filtered',
          type: 'standard',
          sql: '%\nSELECT *\n  FROM events\n{% if defined(x) %}\nWHERE a = {{ String(x) }}\n{% end %}',
        },
        {
          name: 'endpoint',
          type: 'endpoint',
          description: 'last',
          sql: 'SELECT count() AS c FROM filtered',
          settings: { CACHE: '60' },
        },
      ],
    })
  })

  it('keeps comments inside SQL and drops those of the file', () => {
    const file = pipe(
      'NODE n\nSQL >\n    # in the query\n    SELECT 1\n\n# of the file\nTYPE materialized\nDATASOURCE t\n',
    )
    expect(file.nodes[0]).toMatchObject({
      sql: '# in the query\nSELECT 1',
      settings: { DATASOURCE: 't' },
    })
  })

  it('takes SQL at the margin and warns of a line that was probably a directive', () => {
    const parsed = parseDatafile('NODE n\nSQL >\nSELECT 1\nTYEP endpoint\n', { filename: 'p.pipe' })
    expect(parsed.file).toMatchObject({ nodes: [{ sql: 'SELECT 1\nTYEP endpoint' }] })
    expect(parsed.warnings[0]).toMatchObject({
      line: 4,
      message: 'TYEP is read as a line of the block above it.',
    })
  })

  it.each([
    ['NODE n\nSQL SELECT 1', '2:1 SQL must be multiline'],
    ['SQL >\n    SELECT 1', '1:1 The pipe has no nodes'],
    [
      'NODE n\nSQL >\n    SELECT 1\nTYPE endpoint\nNODE m\nSQL >\n    SELECT 1\nTYPE copy\nTARGET_DATASOURCE t',
      '5:1 Multiple non-standard nodes in pipe. There can only be one',
    ],
    ['NODE n\nSQL >\n    SELECT 1\nNODE n\nSQL >\n    SELECT 2', '4:1 Node n is given twice'],
    ['NODE n\nSQL >\n    SELECT 1\nTYPE materialized', '4:1 A materialized node needs DATASOURCE'],
    [
      'NODE n\nSQL >\n    SELECT 1\nTYPE copy\nTARGET_DATASOURCE t\nCOPY_SCHEDULE 61 * * * *',
      "6:15 COPY_SCHEDULE '61 * * * *' is not valid: '61' is no minute (0 to 59)",
    ],
    [
      'NODE n\nSQL >\n    SELECT 1\nTYPE copy\nTARGET_DATASOURCE t\nCOPY_MODE merge',
      "6:11 COPY_MODE 'merge' is not valid",
    ],
    ['NODE n\nSQL >\n    SELECT 1\nTYPE copy', '4:1 A copy node needs TARGET_DATASOURCE'],
    ['NODE n\nSQL >\n    SELECT 1\nTYPE view', "4:6 TYPE 'view' is not valid"],
    ['INCLUDE "a.incl"\nNODE n\nSQL >\n    SELECT 1', '1:1 INCLUDE is not supported yet'],
    ['NODE n\nSQL >\n    SELECT 1\nTOKEN t APPEND', "4:1 TOKEN scope 'APPEND' is not valid"],
    ['NODE n\nTYPE endpoint', '1:1 Node n has no SQL'],
  ])('refuses %j with file, line and column', (text, expected) => {
    expect(firstError(text, 'p.pipe')).toBe(`p.pipe:${expected}`)
  })
})

describe('a .connection file', () => {
  it('is read with secrets left as templates and blocks kept', () => {
    const text =
      'TYPE Kafka\nKAFKA_BOOTSTRAP_SERVERS h:9092\nKAFKA_SECURITY_PROTOCOL SSL\nKAFKA_KEY {{ tb_secret("K") }}\nKAFKA_SSL_CA_PEM >\n    -----BEGIN CERTIFICATE-----\n    x\n'
    expect(parseDatafile(text, { filename: 'k.connection' }).file).toEqual({
      kind: 'connection',
      name: 'k',
      type: 'kafka',
      settings: {
        KAFKA_BOOTSTRAP_SERVERS: 'h:9092',
        KAFKA_SECURITY_PROTOCOL: 'SSL',
        KAFKA_KEY: '{{ tb_secret("K") }}',
        KAFKA_SSL_CA_PEM: '-----BEGIN CERTIFICATE-----\nx',
      },
    })
  })

  it.each([
    ['KAFKA_KEY x', '1:1 TYPE is missing'],
    ['TYPE oracle', "1:6 TYPE 'oracle' is not valid"],
    ['TYPE s3\nS3_REGION x', '1:1 A s3 connection needs S3_ARN or S3_ACCESS_KEY'],
  ])('refuses %j with file, line and column', (text, expected) => {
    expect(firstError(text, 'c.connection')).toBe(`c.connection:${expected}`)
  })
})
