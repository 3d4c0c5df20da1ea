/** Functions of templates that people look for. docs/specs/template-language.md has them all. */
export const TEMPLATE_WORDS: readonly string[] = [
  ...['String', 'Int32', 'Int64', 'UInt32', 'UInt64', 'Float64', 'Boolean', 'Date', 'DateTime'],
  ...['Array', 'JSON', 'UUID', 'column', 'columns', 'table', 'defined', 'split_to_array'],
  ...[
    'enumerate_with_last',
    'error',
    'custom_error',
    'sql_and',
    'cache_ttl',
    'tb_secret',
    'max_threads',
  ],
]
