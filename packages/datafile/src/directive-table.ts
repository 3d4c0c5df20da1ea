// Every directive the three kinds of datafile know. What each does is decided where the model is built; a name that is
// not here is an error, and a block ends at a line that starts with one of these.

export type DatafileKind = 'datasource' | 'pipe' | 'connection'

const ENGINE = [
  'ENGINE',
  'ENGINE_SORTING_KEY',
  'ENGINE_PARTITION_KEY',
  'ENGINE_PRIMARY_KEY',
  'ENGINE_SAMPLING_KEY',
  'ENGINE_TTL',
  'ENGINE_VER',
  'ENGINE_IS_DELETED',
  'ENGINE_SIGN',
  'ENGINE_VERSION',
  'ENGINE_SUMMING_COLUMNS',
  'ENGINE_COLUMNS',
  'ENGINE_SETTINGS',
  'ENGINE_JOIN_STRICTNESS',
  'ENGINE_JOIN_TYPE',
  'ENGINE_KEY_COLUMNS',
]

const DATA_SOURCE = [
  ...ENGINE,
  'DESCRIPTION',
  'SCHEMA',
  'INDEXES',
  'TOKEN',
  'TAGS',
  'FORWARD_QUERY',
  'BACKFILL',
  'SHARED_WITH',
  'VERSION',
  'KAFKA_CONNECTION_NAME',
  'KAFKA_TOPIC',
  'KAFKA_GROUP_ID',
  'KAFKA_AUTO_OFFSET_RESET',
  'KAFKA_STORE_RAW_VALUE',
  'KAFKA_STORE_HEADERS',
  'KAFKA_STORE_BINARY_HEADERS',
  'KAFKA_KEY_FORMAT',
  'KAFKA_VALUE_FORMAT',
  'KAFKA_TARGET_PARTITIONS',
  'IMPORT_CONNECTION_NAME',
  'IMPORT_BUCKET_URI',
  'IMPORT_SCHEDULE',
  'IMPORT_FROM_TIMESTAMP',
  'IMPORT_TABLE_ARN',
  'IMPORT_EXPORT_BUCKET',
  'IMPORT_STRATEGY',
  'IMPORT_SERVICE',
  'IMPORT_EXTERNAL_DATASOURCE',
  'IMPORT_QUERY',
  'INCLUDE',
  'SCHEDULE',
  'SETTINGS',
  'SOURCE',
]

const PIPE = [
  ...ENGINE,
  'NODE',
  'DESCRIPTION',
  'SQL',
  'TYPE',
  'DATASOURCE',
  'DEPLOYMENT_METHOD',
  'TARGET_DATASOURCE',
  'COPY_SCHEDULE',
  'COPY_MODE',
  'TOKEN',
  'TAGS',
  'FILTER',
  'SCOPE',
  'CACHE',
  'INCLUDE',
  'VERSION',
  'EXPORT_CONNECTION_NAME',
  'EXPORT_KAFKA_TOPIC',
  'EXPORT_BUCKET_URI',
  'EXPORT_FILE_TEMPLATE',
  'EXPORT_SCHEDULE',
  'EXPORT_FORMAT',
  'EXPORT_COMPRESSION',
  'EXPORT_STRATEGY',
  'EXPORT_WRITE_STRATEGY',
]

const CONNECTION = [
  'TYPE',
  'DESCRIPTION',
  'INCLUDE',
  'KAFKA_BOOTSTRAP_SERVERS',
  'KAFKA_SECURITY_PROTOCOL',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_OAUTHBEARER_METHOD',
  'KAFKA_SASL_OAUTHBEARER_AWS_REGION',
  'KAFKA_SASL_OAUTHBEARER_AWS_ROLE_ARN',
  'KAFKA_SASL_OAUTHBEARER_AWS_EXTERNAL_ID',
  'KAFKA_KEY',
  'KAFKA_SECRET',
  'KAFKA_SCHEMA_REGISTRY_URL',
  'KAFKA_SSL_CA_PEM',
  'S3_REGION',
  'S3_ARN',
  'S3_ACCESS_KEY',
  'S3_SECRET',
  'GCS_SERVICE_ACCOUNT_CREDENTIALS_JSON',
  'GCS_HMAC_ACCESS_ID',
  'GCS_HMAC_SECRET',
  'DYNAMODB_ARN',
  'DYNAMODB_REGION',
]

/** Other spellings of the same directive. Source: Tinybird datafile reference, read 2026-11. */
const ALIASES: Readonly<Record<DatafileKind, ReadonlyMap<string, string>>> = {
  datasource: new Map([
    ['PARTITION_KEY', 'ENGINE_PARTITION_KEY'],
    ['SORTING_KEY', 'ENGINE_SORTING_KEY'],
    ['PRIMARY_KEY', 'ENGINE_PRIMARY_KEY'],
    ['SAMPLING_KEY', 'ENGINE_SAMPLING_KEY'],
    ['TTL', 'ENGINE_TTL'],
    ['ENGINE_COLUMNS', 'ENGINE_SUMMING_COLUMNS'],
  ]),
  pipe: new Map([
    ['MODE', 'COPY_MODE'],
    ['EXPORT_WRITE_STRATEGY', 'EXPORT_STRATEGY'],
    ['ENGINE_COLUMNS', 'ENGINE_SUMMING_COLUMNS'],
  ]),
  connection: new Map(),
}

const NAMES: Readonly<Record<DatafileKind, ReadonlySet<string>>> = {
  datasource: new Set(DATA_SOURCE),
  pipe: new Set(PIPE),
  connection: new Set(CONNECTION),
}

/** The directive a word names, in its one spelling; null when this kind of file has no such directive. Case does not matter. */
export function directiveName(kind: DatafileKind, word: string): string | null {
  const upper = word.toUpperCase()
  const name = ALIASES[kind].get(upper) ?? upper
  return NAMES[kind].has(name) ? name : null
}

/** The known directive nearest to a misspelt word (at most two edits away), for hints; null when none is near. */
export function nearestDirective(kind: DatafileKind, word: string): string | null {
  const upper = word.toUpperCase()
  if (upper.length < 3 || upper.length > 50) return null
  for (const name of NAMES[kind])
    if (Math.abs(name.length - upper.length) <= 2 && edits(name, upper) <= 2) return name
  return null
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same))
    }
    row = next
  }
  return row[b.length] ?? 0
}
