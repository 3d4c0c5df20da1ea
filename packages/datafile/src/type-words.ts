/** Type names of ClickHouse that a column may use, with the SQL aliases it accepts. Source: ClickHouse data types, read 2026-11. */
const TYPE_WORDS: ReadonlySet<string> = new Set([
  ...['Int8', 'Int16', 'Int32', 'Int64', 'Int128', 'Int256'],
  ...['UInt8', 'UInt16', 'UInt32', 'UInt64', 'UInt128', 'UInt256'],
  ...[
    'Float32',
    'Float64',
    'BFloat16',
    'Decimal',
    'Decimal32',
    'Decimal64',
    'Decimal128',
    'Decimal256',
  ],
  ...['String', 'FixedString', 'UUID', 'IPv4', 'IPv6', 'Bool', 'Enum', 'Enum8', 'Enum16'],
  ...['Date', 'Date32', 'DateTime', 'DateTime32', 'DateTime64', 'Time', 'Time64'],
  ...[
    'Array',
    'Map',
    'Tuple',
    'Nested',
    'Nullable',
    'LowCardinality',
    'Variant',
    'Dynamic',
    'JSON',
    'Object',
  ],
  ...['AggregateFunction', 'SimpleAggregateFunction', 'Nothing', 'QBit'],
  ...['Point', 'Ring', 'LineString', 'MultiLineString', 'Polygon', 'MultiPolygon', 'Geometry'],
])

/** SQL spellings of the same types; ClickHouse takes these in any case. */
const TYPE_ALIASES: ReadonlySet<string> = new Set([
  ...['BOOLEAN', 'TINYINT', 'SMALLINT', 'INT', 'INTEGER', 'BIGINT', 'INT1', 'SIGNED', 'UNSIGNED'],
  ...[
    'FLOAT',
    'DOUBLE',
    'REAL',
    'DEC',
    'NUMERIC',
    'FIXED',
    'TEXT',
    'TINYTEXT',
    'MEDIUMTEXT',
    'LONGTEXT',
  ],
  ...[
    'CHAR',
    'VARCHAR',
    'NVARCHAR',
    'CLOB',
    'BLOB',
    'BYTEA',
    'TIMESTAMP',
    'INET4',
    'INET6',
    'BINARY',
    'SINGLE',
  ],
  ...['BOOL', 'DECIMAL', 'DATE', 'DATETIME', 'JSON', 'UUID', 'TIME', 'ENUM'],
])

/** Whether a word starts a type. */
export function isTypeWord(word: string): boolean {
  return TYPE_WORDS.has(word) || TYPE_ALIASES.has(word.toUpperCase())
}

/** The type whose name differs from the word only in case, for hints; null when there is none. */
export function nearestTypeWord(text: string): string | null {
  const lower = text.toLowerCase()
  for (const word of TYPE_WORDS)
    if (lower === word.toLowerCase() || lower.startsWith(`${word.toLowerCase()}(`)) return word
  return null
}
