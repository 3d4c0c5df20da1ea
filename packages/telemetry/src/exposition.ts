// The text that Prometheus reads. Written by hand: its grammar is a page, and counters stay plain numbers beside the code that counts.
// Source: Prometheus, "Exposition formats", text format 0.0.4, read 2026-11.
import type { HistogramSnapshot } from './histogram.ts'
import { METRIC_FAMILIES, type MetricFamily, type MetricName } from './metric-families.ts'

type Labels = Readonly<Record<string, string>>

/** Collects samples and writes them as text. */
export interface Exposition {
  /** One value. Left out when it is null or no number. */
  set(name: MetricName, value: number | null | undefined, labels?: Labels): void
  /** One histogram. Left out when it is null. */
  histogram(name: MetricName, snapshot: HistogramSnapshot | null, labels?: Labels): void
  /** The whole text: every family, those without a value too, in the order they are declared. */
  text(): string
}

/** Media type of the text. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Samples of one family; more than these are left out, so that no label can grow the answer without bound. */
const SAMPLES_MAX = 5_000

/** Makes an empty one. */
export function createExposition(): Exposition {
  const samples = new Map<MetricName, string[]>()

  function add(name: MetricName, line: string): void {
    const lines = samples.get(name) ?? []
    if (lines.length < SAMPLES_MAX) lines.push(line)
    samples.set(name, lines)
  }

  return {
    set(name, value, labels = {}) {
      if (typeof value !== 'number' || Number.isNaN(value)) return
      add(name, `${name}${labelText(labels)} ${numberText(value)}`)
    },
    histogram(name, snapshot, labels = {}) {
      if (snapshot === null) return
      let total = 0
      const { bounds, counts, sum } = snapshot
      for (const [index, count] of counts.entries()) {
        total += count
        const le = numberText(bounds[index] ?? Infinity)
        add(name, `${name}_bucket${labelText({ ...labels, le })} ${total}`)
      }
      add(name, `${name}_sum${labelText(labels)} ${numberText(sum)}`)
      add(name, `${name}_count${labelText(labels)} ${total}`)
    },
    text() {
      return Object.entries<MetricFamily>(METRIC_FAMILIES)
        .map(([name, { type, help }]) => {
          const lines = samples.get(name as MetricName) ?? []
          return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
        })
        .join('')
    },
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
