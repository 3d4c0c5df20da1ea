// `.datasource` files: from directives to the model. Source of the rules: Tinybird datafile reference, read 2026-11.
import { buildEngine, ENGINE_PREFIX } from './build-engine.ts'
import { checkDataSource } from './check-data-source.ts'
import { withMetaColumns } from './kafka-source.ts'
import type { DataSourceFile, Index, TokenLine } from './model.ts'
import { parseIndexes } from './parse-indexes.ts'
import { parseSchema } from './parse-schema.ts'
import { parseTokenLine } from './parse-token-line.ts'
import type { Problems } from './problems.ts'
import type { Directive } from './read-directives.ts'
import { recordOf, takeOnce } from './settings.ts'
import { warnOfUnacted } from './warn-of-unacted.ts'

/** Builds the model; null when a problem makes that impossible. Errors may be reported also beside a model. */
export function parseDataSource(
  name: string,
  directives: readonly Directive[],
  problems: Problems,
): DataSourceFile | null {
  const once = takeOnce(directives, REPEATABLE, problems)
  refuseOld(once, problems)
  const schema = once.get('SCHEMA')
  if (schema?.block === null)
    problems.error(
      schema,
      'SCHEMA must be multiline',
      'Write SCHEMA > and one column per line below it.',
    )
  const columns = parseSchema(schema?.block ?? [], problems)
  if (schema !== undefined && columns.length === 0 && problems.errors.length === 0) {
    problems.error(schema, 'SCHEMA has no columns', 'Write one column per line: name Type.')
  }
  if (schema === undefined) {
    problems.error(
      { line: 1, column: 1 },
      'SCHEMA is missing',
      'Write SCHEMA > and one column per line below it.',
    )
  }
  warnOfUnacted('datasource', directives, problems)
  const settings = recordOf(
    [...once.values()]
      .filter((each) => isSetting(each.name))
      .map((each) => [each.name, each.value]),
  )
  const file: DataSourceFile = {
    kind: 'datasource',
    name,
    description: once.get('DESCRIPTION')?.value ?? null,
    columns: withMetaColumns(columns, { settings }),
    engine: buildEngine(once, problems),
    indexes: indexesOf(once.get('INDEXES'), problems),
    tokens: tokensOf(directives, problems),
    tags: once.get('TAGS')?.value ?? null,
    forwardQuery: nonEmpty(once.get('FORWARD_QUERY'), problems),
    backfill: backfillOf(once.get('BACKFILL'), problems),
    sharedWith: sharedWithOf(once.get('SHARED_WITH'), problems),
    settings,
  }
  checkDataSource(file, once, problems)
  return problems.errors.length === 0 ? file : null
}

const REPEATABLE: ReadonlySet<string> = new Set(['TOKEN'])

const OWN: ReadonlySet<string> = new Set([
  ...[
    'DESCRIPTION',
    'SCHEMA',
    'INDEXES',
    'TOKEN',
    'TAGS',
    'FORWARD_QUERY',
    'BACKFILL',
    'SHARED_WITH',
  ],
])

function isSetting(name: string): boolean {
  return !OWN.has(name) && name !== 'ENGINE' && !name.startsWith(ENGINE_PREFIX)
}

const OLD: ReadonlyMap<string, { message: string; hint: string }> = new Map([
  ['SETTINGS', { message: 'SETTINGS is not a valid option', hint: 'Use ENGINE_SETTINGS instead.' }],
  [
    'SOURCE',
    {
      message: 'SOURCE is not supported',
      hint: 'Import with a POST to /v0/datasources, or use IMPORT_BUCKET_URI.',
    },
  ],
  [
    'INCLUDE',
    { message: 'INCLUDE is not supported yet', hint: 'Copy the included lines into this file.' },
  ],
  ['SCHEDULE', { message: 'SCHEDULE is not supported', hint: 'Use IMPORT_SCHEDULE.' }],
  [
    'IMPORT_STRATEGY',
    {
      message: 'IMPORT_STRATEGY is not supported: it is fixed to append',
      hint: 'Remove the line.',
    },
  ],
  [
    'KAFKA_STORE_BINARY_HEADERS',
    { message: 'KAFKA_STORE_BINARY_HEADERS is not supported', hint: 'Use KAFKA_STORE_HEADERS.' },
  ],
])

function refuseOld(once: ReadonlyMap<string, Directive>, problems: Problems): void {
  for (const [name, refusal] of OLD) {
    const directive = once.get(name)
    if (directive !== undefined) problems.error(directive, refusal.message, refusal.hint)
  }
}

function indexesOf(directive: Directive | undefined, problems: Problems): Index[] {
  if (directive === undefined) return []
  if (directive.block === null) {
    problems.error(
      directive,
      'INDEXES must be multiline',
      'Write INDEXES > and one index per line below it.',
    )
    return []
  }
  return parseIndexes(directive.block, problems)
}

function tokensOf(directives: readonly Directive[], problems: Problems): TokenLine[] {
  return directives
    .filter((each) => each.name === 'TOKEN')
    .flatMap((each) => parseTokenLine(each, 'datasource', problems) ?? [])
}

function nonEmpty(directive: Directive | undefined, problems: Problems): string | null {
  if (directive === undefined) return null
  if (directive.value.trim() === '') problems.error(directive, `${directive.name} is empty`)
  return directive.value
}

function backfillOf(directive: Directive | undefined, problems: Problems): 'skip' | null {
  if (directive === undefined) return null
  if (directive.value.toLowerCase() === 'skip') return 'skip'
  problems.error(
    directive.valuePlace,
    `BACKFILL '${directive.value}' is not valid`,
    'Write BACKFILL skip, or remove the line.',
  )
  return null
}

function sharedWithOf(directive: Directive | undefined, problems: Problems): string[] {
  if (directive === undefined) return []
  const names = directive.value
    .split(/[,\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== '')
  if (names.length === 0)
    problems.error(
      directive,
      'SHARED_WITH needs at least one workspace',
      'Write one workspace name per line.',
    )
  return names
}
