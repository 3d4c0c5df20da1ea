// A schema as it is edited, before it is a datafile. The server judges it; what is checked here only saves a round trip.

export interface DraftColumn {
  /** Stays the same while the name is typed. */
  id: number
  name: string
  /** Without Nullable(). */
  type: string
  nullable: boolean
  /** null: the format has no paths, as CSV. */
  jsonPath: string | null
  /** SQL after DEFAULT; '' for none. */
  defaultValue: string
  /** As the file calls it. */
  path: string
}

export interface SchemaDraft {
  name: string
  columns: DraftColumn[]
  engine: string
  sortingKey: string
  partitionKey: string
  ttl: string
}

export const ENGINES = [
  'MergeTree',
  'ReplacingMergeTree',
  'SummingMergeTree',
  'AggregatingMergeTree',
] as const

export const TYPES = [
  'String',
  'LowCardinality(String)',
  'Int16',
  'Int32',
  'Int64',
  'UInt8',
  'UInt32',
  'UInt64',
  'Float32',
  'Float64',
  'Bool',
  'Date',
  'DateTime',
  'DateTime64(3)',
  'UUID',
  'IPv4',
  'Array(String)',
  'JSON',
] as const

const NAME = /^[A-Za-z_]\w{0,127}$/

/** @param schema as `/v0/analyze` prints it. @param paths the file's own names, in the same order. */
export function draftOf(name: string, schema: string, paths: readonly string[]): SchemaDraft {
  const columns = splitColumns(schema).map((text, id): DraftColumn => {
    const column = columnOf(text)
    return { ...column, id, path: paths[id] ?? column.name }
  })
  return {
    ...{ name, columns, engine: 'MergeTree', partitionKey: '', ttl: '' },
    sortingKey: likelySortingKey(columns),
  }
}

/** A name for a data source, from that of a file. */
export function nameFromFile(file: string): string {
  const stem = file.replace(/\.gz$/i, '').replace(/\.\w+$/, '')
  const name = stem.replaceAll(/\W+/g, '_').replaceAll(/^_+|_+$/g, '')
  return (/^[A-Za-z_]/.test(name) ? name : `data_${name}`).slice(0, 128).replace(/_$/, '')
}

export function problemsOf({ name, columns }: SchemaDraft): string[] {
  const names = columns.map((column) => column.name)
  const twice = names.find((each, at) => names.indexOf(each) !== at)
  return [
    ...(NAME.test(name)
      ? []
      : ['The name needs letters, digits and _, and does not begin with a digit.']),
    ...(columns.length === 0 ? ['A data source needs at least one column.'] : []),
    ...(names.some((each) => !/^[A-Za-z_][\w.]*$/.test(each))
      ? ['Names of columns need letters, digits and _, and do not begin with a digit.']
      : []),
    ...(twice === undefined || twice === '' ? [] : [`Two columns are called ${twice}.`]),
    ...(columns.some(({ type }) => type.trim() === '') ? ['A column has no type.'] : []),
  ]
}

/** One line per column, as a SCHEMA block holds them. */
export function schemaText({ columns }: SchemaDraft): string {
  return columns
    .map(({ name, type, nullable, jsonPath, defaultValue }) =>
      [
        `\`${name}\` ${nullable ? nullableType(type.trim()) : type.trim()}`,
        ...(jsonPath === null || jsonPath === '' ? [] : [`\`json:${jsonPath}\``]),
        ...(defaultValue.trim() === '' ? [] : [`DEFAULT ${defaultValue.trim()}`]),
      ].join(' '),
    )
    .join(',\n')
}

/** What the engine_* parameters of the create route say, those that are set. */
export function engineSettings(draft: SchemaDraft): Readonly<Record<string, string>> {
  const settings = {
    engine: draft.engine,
    engine_sorting_key: draft.sortingKey,
    engine_partition_key: draft.partitionKey,
    engine_ttl: draft.ttl,
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value.trim() !== ''))
}

export function datafileText(draft: SchemaDraft): string {
  const settings = Object.entries(engineSettings(draft))
  return [
    'SCHEMA >',
    ...schemaText(draft)
      .split('\n')
      .map((line) => `    ${line}`),
    '',
    ...settings.map(([name, value]) => `${name.toUpperCase()} "${value.trim()}"`),
    '',
  ].join('\n')
}

function columnOf(text: string): Omit<DraftColumn, 'id' | 'path'> {
  const [, name = '', rest = ''] = /^`?([^`\s]+)`?\s+(.*)$/s.exec(text.trim()) ?? []
  const [, jsonPath] = /`json:([^`]*)`/.exec(rest) ?? []
  const [beforeDefault = '', defaultValue = ''] = rest
    .replace(/`json:[^`]*`/, '')
    .split(/\bDEFAULT\b/)
  const full = beforeDefault.trim()
  const [, inner] = /^Nullable\((.*)\)$/.exec(full) ?? []
  const [, innerOfLow] = /^LowCardinality\(Nullable\((.*)\)\)$/.exec(full) ?? []
  return {
    name,
    type: inner ?? (innerOfLow === undefined ? full : `LowCardinality(${innerOfLow})`),
    nullable: inner !== undefined || innerOfLow !== undefined,
    jsonPath: jsonPath ?? null,
    defaultValue: defaultValue.trim(),
  }
}

/** At the commas that stand outside of brackets and quotes. */
function splitColumns(schema: string): string[] {
  const parts: string[] = []
  let depth = 0
  let quote = ''
  let start = 0
  for (let at = 0; at < schema.length; at += 1) {
    const char = schema[at] ?? ''
    if (quote !== '') {
      if (char === quote) quote = ''
    } else if (char === "'" || char === '`') quote = char
    else if (char === '(' || char === '[') depth += 1
    else if (char === ')' || char === ']') depth -= 1
    else if (char === ',' && depth === 0) {
      parts.push(schema.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, schema.slice(start)].filter((part) => part.trim() !== '')
}

/** LowCardinality stands outside. */
function nullableType(type: string): string {
  const [, inner] = /^LowCardinality\((.*)\)$/.exec(type) ?? []
  return inner === undefined ? `Nullable(${type})` : `LowCardinality(Nullable(${inner}))`
}

/** Times are what most questions ask by. */
function likelySortingKey(columns: readonly DraftColumn[]): string {
  const whole = columns.filter(
    ({ nullable, type }) => !nullable && !/^(?:Array|JSON|Map)/.test(type),
  )
  const time = whole.find(({ type }) => type.startsWith('Date'))
  return (time ?? whole[0])?.name ?? ''
}
