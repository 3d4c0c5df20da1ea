// What the topic holds and what the data sources have of it, as evidence for the checker: a partition is a producer, an offset an event.
import type { Caller } from '../support/http.ts'
import type { SentRequest, SourceEvidence, ViewEvidence } from './checker.ts'
import { READERS } from './kafka-project.ts'

/** Values by offset, by partition. */
type Topic = ReadonlyMap<number, ReadonlyMap<number, string>>

export async function collectKafka(
  caller: Caller,
  topic: Topic,
): Promise<{ sources: SourceEvidence[]; views: ViewEvidence[] }> {
  const requests = [...topic].map(([partition, values]) => requestOf(partition, values))
  const sources: SourceEvidence[] = []
  for (const name of Object.keys(READERS)) {
    const rows = await caller.sql(
      `SELECT __partition AS producer, __offset AS seq, n, length(text) AS chars FROM ${name}`,
    )
    const quarantined = await caller.sql(
      `SELECT __partition AS producer, __offset AS seq FROM ${name}_quarantine`,
    )
    const damaged = rows.filter((row) => {
      const sent = topic.get(Number(row['producer']))?.get(Number(row['seq']))
      if (sent === undefined) return false
      const { n, text } = JSON.parse(sent) as { n: number; text: string }
      return n !== Number(row['n']) || text.length !== Number(row['chars'])
    })
    sources.push({
      ...{ name, requests, stored: byProducer(rows), quarantined: byProducer(quarantined) },
      damaged: damaged.map((row) => ({
        producer: Number(row['producer']),
        seq: Number(row['seq']),
      })),
    })
  }
  return { sources, views: [await tallyView(caller)] }
}

function requestOf(producer: number, values: ReadonlyMap<number, string>): SentRequest {
  const bad = [...values]
    .filter(([, value]) => value.startsWith('poison'))
    .map(([offset]) => offset)
  return {
    ...{ producer, from: 0, count: values.size, fate: 'acknowledged' },
    bad: bad.sort((a, b) => a - b),
  }
}

function byProducer(rows: readonly Record<string, unknown>[]): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const row of rows) {
    const producer = Number(row['producer'])
    const seqs = found.get(producer) ?? []
    found.set(producer, seqs)
    seqs.push(Number(row['seq']))
  }
  return found
}

async function tallyView(caller: Caller): Promise<ViewEvidence> {
  const groups = async (sql: string): Promise<Map<string, string>> =>
    new Map(
      (await caller.sql(sql)).map((row) => [String(row['producer']), JSON.stringify(row)] as const),
    )
  return {
    name: 'tally',
    view: await groups(
      'SELECT producer, countMerge(events) AS events, sumMerge(offsets) AS offsets, groupBitXorMerge(numbers) AS numbers FROM tally GROUP BY producer',
    ),
    again: await groups(
      'SELECT toUInt32(__partition) AS producer, count() AS events, sum(toUInt64(__offset)) AS offsets, groupBitXor(n) AS numbers FROM events GROUP BY producer',
    ),
  }
}
