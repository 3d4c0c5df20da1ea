// The writer's numbers, asked for over the link when somebody looks at them.
import type { EventLog } from '@sandpiper/eventlog'
import { readHistogram, type HistogramSnapshot, type ProcessUsage } from '@sandpiper/telemetry'

/** What the writer answered. */
export interface WriterReport {
  readonly counters: Readonly<Record<string, number>>
  readonly waiting: Readonly<Record<'frames' | 'sources' | 'seconds', number>>
  readonly loads: HistogramSnapshot | null
  readonly usage: ProcessUsage
}

/** Asks the writer. */
export interface WriterQuestions {
  /** Null when it is away or does not answer in time. */
  ask(): Promise<WriterReport | null>
  /** Takes an answer of the writer. False for another note. */
  receive(note: unknown): boolean
}

const ANSWER_MS_MAX = 500

/** Makes it; `receive` has to be given the notes. */
export function createWriterQuestions(log: Pick<EventLog, 'noteWriter'>): WriterQuestions {
  const waiting = new Map<number, (report: WriterReport | null) => void>()
  let last = 0
  return {
    async ask() {
      const id = (last += 1)
      if (!log.noteWriter({ topic: 'metrics', id })) return null
      const answer = await new Promise<WriterReport | null>((resolve) => {
        waiting.set(id, resolve)
        setTimeout(resolve, ANSWER_MS_MAX, null).unref()
      })
      waiting.delete(id)
      return answer
    },
    receive(note) {
      const { topic, id, ...report } = Object(note) as Record<string, unknown>
      if (topic !== 'metrics') return false
      waiting.get(Number(id))?.(toReport(report))
      return true
    },
  }
}

function toReport(report: Readonly<Record<string, unknown>>): WriterReport {
  return {
    counters: numbersIn(report['counters']),
    waiting: numbersIn(report['waiting']) as WriterReport['waiting'],
    loads: readHistogram(report['loads']),
    usage: numbersIn(report['usage']) as unknown as ProcessUsage,
  }
}

function numbersIn(value: unknown): Record<string, number> {
  const entries = Object.entries(Object(value) as Record<string, unknown>)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
}
