// Reads from a running product what the checker judges.
import type { FoundRows, SourceEvidence, ViewEvidence } from './checker.ts'
import { CHECKSUM_SQL } from './events.ts'
import type { Ledger } from './ledger.ts'
import { SOURCES, STORED_IN, VIEWS } from './project.ts'
import { createCaller, type Caller } from '../support/http.ts'

export interface Collected {
  readonly sources: readonly SourceEvidence[]
  readonly views: readonly ViewEvidence[]
}

/** Everything the product holds. Nothing may be on its way: see drain. */
export async function collect(url: string, token: string, ledger: Ledger): Promise<Collected> {
  const admin = createCaller(url, token)
  const sources: SourceEvidence[] = []
  for (const name of SOURCES) sources.push(await collectSource(admin, name, ledger))
  const views: ViewEvidence[] = []
  for (const each of VIEWS) {
    const { name } = each
    views.push({
      name,
      view: await groups(admin, each.view),
      again: await groups(admin, each.again),
    })
  }
  return { sources, views }
}

async function collectSource(admin: Caller, name: string, ledger: Ledger): Promise<SourceEvidence> {
  const table = STORED_IN[name] ?? name
  const damaged = await admin.sql(
    `SELECT producer, seq FROM ${table} WHERE ${CHECKSUM_SQL} != checksum LIMIT 1000`,
  )
  return {
    name,
    requests: ledger.of(name),
    stored: await rows(
      admin,
      `SELECT producer, groupArray(seq) AS seqs FROM ${table} GROUP BY producer`,
    ),
    quarantined: await rows(
      admin,
      `SELECT toUInt32(producer) AS producer, groupArray(toUInt32(seq)) AS seqs FROM ${name}_quarantine GROUP BY producer`,
    ),
    damaged: damaged.map((row) => ({ producer: Number(row['producer']), seq: Number(row['seq']) })),
  }
}

async function rows(admin: Caller, sql: string): Promise<FoundRows> {
  const found = await admin.sql(sql)
  return new Map(
    found.map((row) => [Number(row['producer']), (row['seqs'] as unknown[]).map(Number)]),
  )
}

async function groups(admin: Caller, sql: string): Promise<ReadonlyMap<string, string>> {
  const found = await admin.sql(sql)
  return new Map(found.map((row) => [String(row['grouped']), String(row['summed'])]))
}
