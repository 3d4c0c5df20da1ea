import { splitCommas } from './engine-key.ts'
import type { Engine } from './model.ts'
import type { Problems } from './problems.ts'
import type { Directive } from './read-directives.ts'
import { recordOf } from './settings.ts'

/** What every directive of the engine but ENGINE itself starts with. */
export const ENGINE_PREFIX = 'ENGINE_'

/** Engines a data source may have. Source: Tinybird engines reference, read 2026-11. */
export const ENGINES: readonly string[] = [
  'MergeTree',
  'ReplacingMergeTree',
  'SummingMergeTree',
  'AggregatingMergeTree',
  'CollapsingMergeTree',
  'VersionedCollapsingMergeTree',
  'Null',
  'Join',
]

const OTHER = ['ENGINE_JOIN_STRICTNESS', 'ENGINE_JOIN_TYPE', 'ENGINE_KEY_COLUMNS']

/** The engine of a file; null without any ENGINE line. ENGINE_* lines without ENGINE mean MergeTree. Empty values count as absent. */
export function buildEngine(
  once: ReadonlyMap<string, Directive>,
  problems: Problems,
): Engine | null {
  const directives = [...once.values()].filter(
    (each) => each.name === 'ENGINE' || each.name.startsWith(ENGINE_PREFIX),
  )
  if (directives.length === 0) return null
  const value = (name: string): string | null => {
    const text = once.get(name)?.value.trim() ?? ''
    return text === '' ? null : text
  }
  return {
    type: engineType(once.get('ENGINE'), problems),
    sortingKey: value('ENGINE_SORTING_KEY'),
    partitionKey: value('ENGINE_PARTITION_KEY'),
    primaryKey: value('ENGINE_PRIMARY_KEY'),
    samplingKey: value('ENGINE_SAMPLING_KEY'),
    ttl: value('ENGINE_TTL'),
    ver: value('ENGINE_VER'),
    isDeleted: value('ENGINE_IS_DELETED'),
    sign: value('ENGINE_SIGN'),
    version: value('ENGINE_VERSION'),
    summingColumns: value('ENGINE_SUMMING_COLUMNS'),
    settings: engineSettings(once.get('ENGINE_SETTINGS'), problems),
    other: recordOf(
      OTHER.flatMap((name) => {
        const text = value(name)
        return text === null ? [] : [[name, text] as const]
      }),
    ),
  }
}

function engineType(directive: Directive | undefined, problems: Problems): string {
  if (directive === undefined) return 'MergeTree'
  const written = directive.value.trim()
  const type = ENGINES.find((each) => each.toLowerCase() === written.toLowerCase())
  if (type === undefined) {
    problems.error(
      directive.valuePlace,
      `ENGINE '${written}' is not supported`,
      `Use one of ${ENGINES.join(', ')}.`,
    )
  }
  return type ?? 'MergeTree'
}

const HINT = "Write ENGINE_SETTINGS index_granularity=1024, other='text'"

function engineSettings(
  directive: Directive | undefined,
  problems: Problems,
): Readonly<Record<string, string>> {
  if (directive === undefined) return {}
  const pairs: (readonly [string, string])[] = []
  for (const part of splitCommas(directive.value)) {
    const equals = part.indexOf('=')
    const key = equals < 0 ? part : part.slice(0, equals).trim()
    const value = equals < 0 ? '' : part.slice(equals + 1).trim()
    if (!/^[a-z_][a-z0-9_]*$/i.test(key) || !isSettingValue(value)) {
      problems.error(directive.valuePlace, `ENGINE_SETTINGS '${part}' is not valid`, HINT)
      continue
    }
    pairs.push([key, value])
  }
  return recordOf(pairs)
}

function isSettingValue(value: string): boolean {
  return /^(-?[0-9]+(\.[0-9]+)?|true|false)$/i.test(value) || /^'[^'\\]*'$/.test(value)
}
