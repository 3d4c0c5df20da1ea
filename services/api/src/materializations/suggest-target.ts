// The data source that a materialization writes to: columns as the engine names their types, and keys under which rows may be merged.
import { keyParts, plainDataSource, type DataSourceFile, type Engine } from '@sandpiper/datafile'
import type { DescribedColumn } from '@sandpiper/deployment'

import type { StateColumn } from './with-states.ts'

/** What a target has to hold. */
interface Wanted {
  readonly name: string
  readonly described: readonly DescribedColumn[]
  /** null: rows as they are. */
  readonly states: readonly StateColumn[] | null
  /** Of the data source whose rows trigger it; null for none. */
  readonly sourceKey: string | null
}

/** A data source for these columns. With states all columns that are none are the key: rows that differ in one must stay two. */
export function suggestTarget({ name, described, states, sourceKey }: Wanted): DataSourceFile {
  const columns = described.map((each) => ({
    ...{ name: each.name, type: each.type },
    ...{ jsonPath: null, default: null, codec: null },
  }))
  const isState = new Set(states?.filter(({ merged }) => merged !== null).map((each) => each.name))
  const dimensions = described.filter((each) => !isState.has(each.name))
  const key = states === null ? plainKey(described, sourceKey) : dimensions.flatMap(keyOf)
  const day = dimensions.find(({ type }) => /^(Date|Date32|DateTime|DateTime64)\b/.test(type))
  const engine: Engine = {
    type: states === null ? 'MergeTree' : 'AggregatingMergeTree',
    sortingKey: key.length === 0 ? 'tuple()' : key.join(', '),
    partitionKey: day === undefined ? null : `toYYYYMM(${quoted(day.name)})`,
    ...{ primaryKey: null, samplingKey: null, ttl: null, ver: null, isDeleted: null, sign: null },
    ...{ version: null, summingColumns: null, settings: {}, other: {} },
  }
  return { ...plainDataSource(name, columns), engine }
}

/** Parts of a key that tell every value from every other, NULL included, which no key may hold. */
function keyOf({ name, type }: DescribedColumn): string[] {
  if (!/^(LowCardinality\()?Nullable\(/.test(type)) return [quoted(name)]
  return [`isNull(${quoted(name)})`, `assumeNotNull(${quoted(name)})`]
}

/** As the source is sorted, as far as its columns are there; else by the first columns that may be in a key. */
function plainKey(described: readonly DescribedColumn[], sourceKey: string | null): string[] {
  const usable = described.filter(({ type }) => IN_KEYS.test(type)).map(({ name }) => name)
  const known = keyParts(sourceKey).filter((part) => usable.includes(part))
  return (known.length > 0 ? known : usable.slice(0, 3)).map(quoted)
}

const IN_KEYS =
  /^(U?Int\d+|Date|DateTime|String|FixedString|UUID|Enum|Bool|LowCardinality\((?!Null)|IPv|Decimal)/

function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``
}
