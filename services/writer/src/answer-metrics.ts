// Tells the process that is scraped what this one counted, when it asks. Nothing is measured or sent in between.
import type { WriterLink } from '@sandpiper/eventlog'
import { measureProcess, type HistogramSnapshot } from '@sandpiper/telemetry'

interface Report {
  readonly counters: Readonly<Record<string, number>>
  readonly waiting: { readonly frames: number; readonly sources: number; readonly seconds: number }
  readonly loads: HistogramSnapshot
}

/** Answers each note `{topic: 'metrics', id}` with the report of that moment. */
export function answerMetrics(
  link: Pick<WriterLink, 'note' | 'onNote'>,
  report: () => Report,
): void {
  link.onNote((note) => {
    const { topic, id } = Object(note) as Partial<Record<string, unknown>>
    if (topic !== 'metrics') return
    void measureProcess().then((usage) => link.note({ topic, id, ...report(), usage }))
  })
}
