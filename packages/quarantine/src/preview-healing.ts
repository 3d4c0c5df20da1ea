// What a replay would do, without doing it.
import type { ClickHouse } from '@sandpiper/clickhouse'
import type { HealPreviewBody, HealRequest } from '@sandpiper/contracts'
import type { DeployedDataSource } from '@sandpiper/deployment'
import { createLineHealer, type DecodedRow } from '@sandpiper/rows'
import { causeOf } from './cause.ts'
import { healRows } from './heal-rows.ts'
import { quarantineTables } from './quarantine-tables.ts'
import { readCauses } from './read-quarantine.ts'
import { type PageCursor, readPage } from './read-page.ts'

/** Rows that are tried; with more the answer says how many were. */
const EXAMINED_MAX = 50_000
const SAMPLES_MAX = 5
const CAUSES_MAX = 100
const RAW_CHARS = 1_000

/** Tries the selected rows, oldest first, at most 50,000 of them, under the live columns and the mapping. @throws faults of the engine. */
export async function previewHealing(
  clickhouse: ClickHouse,
  workspaceId: string,
  source: DeployedDataSource,
  { mapping, ...selection }: HealRequest,
  signal: AbortSignal,
): Promise<Omit<HealPreviewBody, 'datasource'>> {
  const healer = createLineHealer(source.file.columns, mapping)
  const tables = await quarantineTables(clickhouse, workspaceId, source)
  const options = { selection, limit: 1, samples: 0 }
  const { counts } = await readCauses(clickhouse, workspaceId, source, options)
  const seen = collector()
  let after: PageCursor | null = null
  do {
    signal.throwIfAborted()
    const page = await readPage(clickhouse, tables, selection, after)
    for await (const { row, healed } of healRows(page.rows, healer)) seen.add(row.raw, healed)
    after = page.last
  } while (after !== null && seen.examined() < EXAMINED_MAX)
  return { rows: Math.max(counts.rows, seen.examined()), ...seen.body() }
}

type Tried = Omit<HealPreviewBody, 'datasource' | 'rows'>

function collector(): {
  add(raw: string | null, healed: DecodedRow): void
  examined(): number
  body(): Tried
} {
  const causes = new Map<string, Tried['causes'][number]>()
  const samples: Tried['samples'] = { recovered: [], remaining: [] }
  const counts = { examined: 0, recovered: 0, remaining: 0 }
  return {
    add(raw, healed) {
      counts.examined += 1
      const shown = raw?.slice(0, RAW_CHARS) ?? null
      if (healed.kind === 'row') {
        counts.recovered += 1
        if (samples.recovered.length < SAMPLES_MAX)
          samples.recovered.push({ raw: shown ?? '', row: healed.json.slice(0, RAW_CHARS) })
        return
      }
      counts.remaining += 1
      if (samples.remaining.length < SAMPLES_MAX)
        samples.remaining.push({ raw: shown, errors: healed.errors.slice(0, 20) })
      for (const { column, message } of healed.errors) {
        const cause = causeOf(message)
        const key = JSON.stringify([column, cause])
        const known = causes.get(key)
        if (known !== undefined) known.rows += 1
        else if (causes.size < CAUSES_MAX) causes.set(key, { column, cause, rows: 1 })
      }
    },
    examined: () => counts.examined,
    body: () => ({
      ...counts,
      causes: [...causes.values()].sort((one, other) => other.rows - one.rows),
      samples,
    }),
  }
}
