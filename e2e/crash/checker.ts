// The judge of the campaign. Pure: it compares what was acknowledged with what is stored, and tells every difference, naming the first
// event of each. It knows nothing of how either was found out.

/** What a client was told about one request. */
export type Fate =
  /** 2xx, or 422 of a failing view: stored for good. */
  | 'acknowledged'
  /** No answer, or one that promises nothing: stored whole or not at all, once at most. */
  | 'unknown'
  /** 4xx: nothing of it may be stored. */
  | 'refused'

/** One request with events `from` up to `from + count - 1` of one producer. */
export interface SentRequest {
  readonly producer: number
  readonly from: number
  readonly count: number
  /** Numbers of the events that belong in quarantine, ascending. */
  readonly bad: readonly number[]
  readonly fate: Fate
  /** Counts of the answer, when it had any. */
  readonly answered?: { readonly successful: number; readonly quarantined: number }
}

/** Event numbers as found, one entry per row; a number found twice is there twice. */
export type FoundRows = ReadonlyMap<number, readonly number[]>

/** What was sent to a data source, and what it holds. */
export interface SourceEvidence {
  readonly name: string
  readonly requests: readonly SentRequest[]
  readonly stored: FoundRows
  readonly quarantined: FoundRows
  /** Rows whose checksum is not that of their columns. */
  readonly damaged: readonly { readonly producer: number; readonly seq: number }[]
}

/** A view's rows, and the same computed anew from the table it reads. Both by group, with everything they sum up as one text. */
export interface ViewEvidence {
  readonly name: string
  readonly view: ReadonlyMap<string, string>
  readonly again: ReadonlyMap<string, string>
}

type ViolationKind =
  | 'lost'
  | 'doubled'
  | 'invented'
  | 'partial'
  | 'refused but stored'
  | 'damaged'
  | 'miscounted'
  | 'view differs'
  /** It did not start, recover or stop. */
  | 'stuck'

export interface Violation {
  readonly kind: ViolationKind
  /** Data source, quarantine or view. */
  readonly where: string
  /** How many events or groups. */
  readonly count: number
  /** The first of them. */
  readonly first: string
}

/** Every violation in the evidence; none means that what was promised was kept. */
export function check(
  sources: readonly SourceEvidence[],
  views: readonly ViewEvidence[],
): Violation[] {
  return [...sources.flatMap(checkSource), ...views.flatMap(checkView)]
}

type Report = (kind: ViolationKind, where: string, what: string) => void

function checkSource(source: SourceEvidence): Violation[] {
  return collected((report) => {
    const quarantine = `${source.name}_quarantine`
    const stored = tally(source.stored)
    const quarantined = tally(source.quarantined)
    for (const request of source.requests) {
      checkAnswer(source.name, request, report)
      checkRequest(source.name, request, { stored, quarantined }, report)
    }
    for (const [where, rows] of [
      [source.name, stored],
      [quarantine, quarantined],
    ] as const) {
      for (const [event, times] of rows) {
        if (times > 1) report('doubled', where, `${event} is there ${times} times`)
      }
    }
    checkInvented(source, report)
    for (const { producer, seq } of source.damaged)
      report('damaged', source.name, `${producer}:${seq}`)
  })
}

function checkAnswer(where: string, request: SentRequest, report: Report): void {
  const { answered, bad, count } = request
  if (answered === undefined) return
  if (answered.successful === count - bad.length && answered.quarantined === bad.length) return
  const said = `${answered.successful}+${answered.quarantined}`
  report(
    'miscounted',
    where,
    `${nameOf(request)} was answered ${said}, not ${count - bad.length}+${bad.length}`,
  )
}

/** The rows of one request are all there or all missing, as its fate allows; good ones in the table, bad ones in quarantine. */
function checkRequest(
  name: string,
  request: SentRequest,
  found: {
    readonly stored: ReadonlyMap<string, number>
    readonly quarantined: ReadonlyMap<string, number>
  },
  report: Report,
): void {
  const bad = new Set(request.bad)
  const missing: [where: string, event: string][] = []
  let present = 0
  for (let seq = request.from; seq < request.from + request.count; seq += 1) {
    const event = `${request.producer}:${seq}`
    const [where, rows] = bad.has(seq)
      ? [`${name}_quarantine`, found.quarantined]
      : [name, found.stored]
    if (rows.has(event)) present += 1
    else missing.push([where, event])
  }
  if (request.fate === 'acknowledged') {
    for (const [where, event] of missing) report('lost', where, event)
  } else if (request.fate === 'refused' && present > 0) {
    report('refused but stored', name, nameOf(request))
  } else if (present > 0 && missing.length > 0) {
    report('partial', name, `${nameOf(request)} lacks ${missing[0]?.[1] ?? ''}`)
  }
}

/** Rows that nobody sent, or that are where they do not belong. */
function checkInvented(
  { name, requests, stored, quarantined }: SourceEvidence,
  report: Report,
): void {
  const sent = new Map<string, boolean>()
  for (const { producer, from, count, bad } of requests) {
    for (let seq = from; seq < from + count; seq += 1) sent.set(`${producer}:${seq}`, false)
    for (const seq of bad) sent.set(`${producer}:${seq}`, true)
  }
  for (const event of tally(stored).keys()) {
    if (sent.get(event) !== false) report('invented', name, event)
  }
  for (const event of tally(quarantined).keys()) {
    if (sent.get(event) !== true) report('invented', `${name}_quarantine`, event)
  }
}

function checkView({ name, view, again }: ViewEvidence): Violation[] {
  return collected((report) => {
    for (const group of new Set([...again.keys(), ...view.keys()])) {
      const [has, should] = [view.get(group) ?? 'nothing', again.get(group) ?? 'nothing']
      if (has !== should)
        report('view differs', name, `${group}: has ${has}, should have ${should}`)
    }
  })
}

function collected(fill: (report: Report) => void): Violation[] {
  const found = new Map<
    string,
    { kind: ViolationKind; where: string; count: number; first: string }
  >()
  fill((kind, where, what) => {
    const known = found.get(`${kind}:${where}`)
    if (known === undefined) found.set(`${kind}:${where}`, { kind, where, count: 1, first: what })
    else known.count += 1
  })
  return [...found.values()]
}

function tally(rows: FoundRows): Map<string, number> {
  const times = new Map<string, number>()
  for (const [producer, seqs] of rows) {
    for (const seq of seqs) {
      const event = `${producer}:${seq}`
      times.set(event, (times.get(event) ?? 0) + 1)
    }
  }
  return times
}

function nameOf({ producer, from, count, fate }: SentRequest): string {
  return `request ${producer}:${from}+${count} (${fate})`
}
