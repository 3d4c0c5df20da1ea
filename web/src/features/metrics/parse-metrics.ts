// Prometheus' text format, as far as /metrics speaks it.

export interface Sample {
  name: string
  /** `process="main"`, or empty. */
  labels: string
  value: number
  help: string
}

const LINE = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i

/** Its samples in order; of histograms only count and sum, as their mean. */
export function parseMetrics(text: string): Sample[] {
  const help = new Map<string, string>()
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    const about = /^# HELP (\S+) (.*)$/.exec(line)
    if (about !== null) help.set(about[1] ?? '', about[2] ?? '')
    const [, name, labels = '', value] = LINE.exec(line) ?? []
    if (name === undefined || name.endsWith('_bucket')) continue
    samples.push({ name, labels, value: Number(value), help: help.get(name) ?? '' })
  }
  return withMeans(samples, help)
}

function withMeans(samples: readonly Sample[], help: ReadonlyMap<string, string>): Sample[] {
  const of = ({ name, labels }: Sample): string => `${name} ${labels}`
  const known = new Map(samples.map((sample) => [of(sample), sample]))
  return samples.flatMap((sample) => {
    const family = sample.name.replace(/_(sum|count)$/, '')
    if (family === sample.name || !help.has(family)) return [sample]
    if (sample.name.endsWith('_count')) return []
    const count = known.get(`${family}_count ${sample.labels}`)?.value ?? 0
    const about = `Mean. ${help.get(family) ?? ''}`
    return [{ ...sample, name: family, value: count === 0 ? 0 : sample.value / count, help: about }]
  })
}
