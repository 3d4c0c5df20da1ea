// Rows as Prometheus' text format 0.0.4, grouped as ClickHouse's Prometheus format groups them. Not the engine's own: it prints backslashes
// of help texts bare, breaks a metric in two when its rows are not neighbours, and lets the text of a row forge lines. Pure.
// Source: Prometheus exposition formats and ClickHouse's Prometheus format, read 2026-11.
import { fault, type Fault } from '@sandpiper/faults'

/** A result as JSONCompactEachRowWithNamesAndTypes gives it: names, types, rows. */
type Table = readonly (readonly unknown[])[]

interface Sample {
  readonly labels: ReadonlyMap<string, string>
  readonly value: string
  /** Milliseconds; empty without one. */
  readonly timestamp: string
}

interface Metric {
  readonly name: string
  help: string
  type: string
  readonly samples: Sample[]
}

const METRIC_NAME = /^[A-Za-z_:][A-Za-z0-9_:]*$/
const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const TYPES: ReadonlySet<string> = new Set([
  ...['', 'counter', 'gauge', 'histogram', 'summary', 'untyped'],
])
const COLUMNS = ['name', 'value', 'help', 'type', 'timestamp', 'labels'] as const

type Column = (typeof COLUMNS)[number]

/**
 * The text a scraper reads: metrics in the order of their first row, each once.
 * @param ndjson names, types and rows, one JSON array a line, denormals and 64-bit integers quoted.
 * @throws fault `query.failed` for missing columns and for what no scraper could read, naming the row.
 */
export function prometheusText(ndjson: string): string {
  const [names = [], , ...rows] = ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as readonly unknown[])
  const metrics = collect(names, rows)
  return [...metrics.values()].map(metricText).join('\n')
}

function collect(names: readonly unknown[], rows: Table): Map<string, Metric> {
  const at = Object.fromEntries(COLUMNS.map((each) => [each, names.indexOf(each)])) as Record<
    Column,
    number
  >
  for (const required of ['name', 'value'] as const) {
    if (at[required] < 0) {
      throw unreadable(
        `The column '${required}' is missing: rows need name (String) and value (a number), and may have help, type, timestamp and labels (Map(String, String))`,
      )
    }
  }
  const metrics = new Map<string, Metric>()
  rows.forEach((row, index) => {
    const cell = (column: Column): unknown => (at[column] < 0 ? null : row[at[column]])
    const number = index + 1
    const name = textOf(cell('name'))
    if (!METRIC_NAME.test(name)) throw badRow(number, `${quoted(name)} is not a metric name`)
    const metric = metrics.get(name) ?? { name, help: '', type: '', samples: [] }
    metrics.set(name, metric)
    if (metric.help === '') metric.help = textOf(cell('help'))
    if (metric.type === '') metric.type = typeOf(cell('type'), number)
    metric.samples.push({
      labels: labelsOf(cell('labels'), number),
      value: valueOf(cell('value'), number),
      timestamp: timestampOf(cell('timestamp'), number),
    })
  })
  return metrics
}

function metricText(metric: Metric): string {
  const { name, help, type } = metric
  const lines = [
    ...(help === '' ? [] : [`# HELP ${name} ${escapeHelp(help)}`]),
    ...(type === '' ? [] : [`# TYPE ${name} ${type}`]),
    ...(type === 'histogram' || type === 'summary' ? groupedLines(metric) : plainLines(metric)),
  ]
  return `${lines.join('\n')}\n`
}

function plainLines({ name, samples }: Metric): string[] {
  return samples.map((each) => line(name, each.labels, each))
}

/** The samples that belong to one histogram or summary: those with the same other labels. */
interface Group {
  readonly labels: ReadonlyMap<string, string>
  readonly points: { readonly at: string; readonly sample: Sample }[]
  sum: Sample | null
  count: Sample | null
}

function groupedLines(metric: Metric): string[] {
  const { name, type } = metric
  const point = type === 'histogram' ? 'le' : 'quantile'
  const bucket = type === 'histogram' ? `${name}_bucket` : name
  const lines: string[] = []
  for (const group of groupsOf(metric, point)) {
    if (type === 'histogram') completeBuckets(group)
    for (const { at, sample } of group.points.toSorted((a, b) => numberOf(a.at) - numberOf(b.at)))
      lines.push(line(bucket, new Map([...group.labels, [point, at]]), sample))
    if (group.sum !== null) lines.push(line(`${name}_sum`, group.labels, group.sum))
    if (group.count !== null) lines.push(line(`${name}_count`, group.labels, group.count))
  }
  return lines
}

function groupsOf(metric: Metric, point: 'le' | 'quantile'): Iterable<Group> {
  const groups = new Map<string, Group>()
  for (const sample of metric.samples) {
    const kind = [point, 'sum', 'count'].find((each) => sample.labels.has(each))
    if (kind === undefined) {
      throw unreadable(
        `Each row of the ${metric.type} ${metric.name} needs a label '${point}', 'sum' or 'count'`,
      )
    }
    const labels = new Map([...sample.labels].filter(([label]) => label !== kind))
    const key = JSON.stringify([...labels].toSorted(byLabel))
    const group = groups.get(key) ?? { labels, points: [], sum: null, count: null }
    groups.set(key, group)
    if (kind === 'sum') group.sum = sample
    else if (kind === 'count') group.count = sample
    else group.points.push({ at: infinity(sample.labels.get(point) ?? ''), sample })
  }
  return groups.values()
}

/** The bucket without an upper bound and the count are one number: whichever is missing is made of the other. */
function completeBuckets(group: Group): void {
  const last = group.points.find(({ at }) => at === '+Inf')
  if (last === undefined && group.count !== null)
    group.points.push({ at: '+Inf', sample: group.count })
  if (last !== undefined) group.count ??= last.sample
}

function line(name: string, labels: ReadonlyMap<string, string>, sample: Sample): string {
  const list = [...labels]
    .toSorted(byLabel)
    .map(([label, value]) => `${label}="${escapeLabel(value)}"`)
    .join(',')
  const time = sample.timestamp === '' ? '' : ` ${sample.timestamp}`
  return `${name}${list === '' ? '' : `{${list}}`} ${sample.value}${time}`
}

function byLabel([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}

function labelsOf(cell: unknown, row: number): ReadonlyMap<string, string> {
  const labels = new Map<string, string>()
  if (cell === null) return labels
  if (typeof cell !== 'object' || Array.isArray(cell))
    throw badRow(row, 'labels must be a Map(String, String)')
  for (const [label, value] of Object.entries(cell)) {
    if (!LABEL_NAME.test(label)) throw badRow(row, `${quoted(label)} is not the name of a label`)
    labels.set(label, textOf(value))
  }
  return labels
}

function typeOf(cell: unknown, row: number): string {
  const type = textOf(cell)
  if (TYPES.has(type)) return type
  throw badRow(row, `type ${quoted(type)} is none of counter, gauge, histogram, summary, untyped`)
}

/** A number as the engine wrote it: quoted when it is of 64 bits or more, infinite, or none. */
function valueOf(cell: unknown, row: number): string {
  const text = infinity(textOf(cell))
  if (cell === null || /nan/i.test(text)) return 'NaN'
  if (text === '+Inf' || text === '-Inf') return text
  if (text !== '' && typeof cell !== 'boolean' && Number.isFinite(Number(text))) return text
  throw badRow(row, 'value must be a number')
}

function timestampOf(cell: unknown, row: number): string {
  const text = textOf(cell)
  if (text === '' || text === '0') return ''
  const whole = /^(-?\d+)(?:\.\d+)?$/.exec(text)?.[1]
  if (whole === undefined) throw badRow(row, 'timestamp must be a number of milliseconds')
  return whole
}

function infinity(text: string): string {
  const found = /^([+-]?)inf(?:inity)?$/i.exec(text)
  return found === null ? text : found[1] === '-' ? '-Inf' : '+Inf'
}

function numberOf(point: string): number {
  if (point === '+Inf') return Infinity
  return Number(point)
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  return typeof cell === 'string' ? cell : JSON.stringify(cell)
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100))
}

function badRow(row: number, problem: string): Fault {
  return unreadable(`Row ${row}: ${problem}`)
}

function unreadable(problem: string): Fault {
  return fault('query.failed', { public: `[Error] Prometheus: ${problem}.` })
}
