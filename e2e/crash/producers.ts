// The load: several connections per data source, each sending its own row of events, one body after the other, of mixed sizes and by all
// ways in.
import { Agent, request as httpRequest } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { badOf, bodyOf, type BodyShape } from './events.ts'
import type { KeyedRequest, Ledger, LedgerEntry } from './ledger.ts'
import { SOURCES } from './project.ts'
import type { Random } from './random.ts'

/** Where to send. Both may change when the product is started again. */
export interface Target {
  url(): string
  token(): string
}

export interface LoadHooks {
  /** Called just after an acknowledgement arrived, before anything else is sent. */
  readonly acknowledged?: (entry: LedgerEntry) => void
}

export interface Load {
  /** Sends one event and waits until every target has it. @returns whether it got there. */
  probe(source: string, timeoutMs: number): Promise<boolean>
  /** Sends a request again with its key, whatever became of it: it must not be stored twice. */
  repeat(request: KeyedRequest): Promise<void>
  /** Ends all producers and waits for what is on its way. */
  stop(): Promise<void>
  /** Requests by what was answered: a status, or the error of the connection. */
  readonly answers: ReadonlyMap<string, number>
}

const PRODUCERS_PER_SOURCE = 2
const IMPORT_SHARE = 0.02
const WAIT_SHARE = 0.05
const REQUEST_TIMEOUT_MS = 20_000
/** Above this a data source has enough for one round. */
const EVENTS_PER_PRODUCER_MAX = 60_000

interface Sender {
  readonly target: Target
  readonly ledger: Ledger
  readonly hooks: LoadHooks
  readonly answers: Map<string, number>
}

/** Starts the producers. @param pace milliseconds between two requests of a producer, at most. */
export function startLoad(
  target: Target,
  ledger: Ledger,
  random: Random,
  options: LoadHooks & {
    readonly paceMs: number
    readonly firstProducer?: number
    readonly isQuick?: boolean
    /** Share of the bodies that are imported as files; default IMPORT_SHARE. */
    readonly importShare?: number
  },
): Load {
  const stopping = new AbortController()
  const sender: Sender = { target, ledger, hooks: options, answers: new Map() }
  const base = options.firstProducer ?? 0
  const running = SOURCES.flatMap((source, index) =>
    Array.from({ length: PRODUCERS_PER_SOURCE }, (_, connection) => {
      const producer = base + index * 10 + connection
      return produce(
        sender,
        {
          source,
          producer,
          paceMs: options.paceMs,
          isQuick: options.isQuick === true,
          importShare: options.importShare ?? IMPORT_SHARE,
        },
        random.fork(`producer ${producer}`),
        stopping.signal,
      )
    }),
  )
  const probes = new Map<string, number>()
  return {
    answers: sender.answers,
    async probe(source, timeoutMs) {
      const from = probes.get(source) ?? 1
      probes.set(source, from + 1)
      const shape = { producer: base + SOURCES.indexOf(source) * 10 + 9, from, count: 1, days: 1 }
      const agent = new Agent({ keepAlive: false })
      try {
        const status = await send(sender, source, shape, {
          way: 'wait',
          gzip: false,
          key: null,
          agent,
          timeoutMs,
        })
        return status === '200'
      } finally {
        agent.destroy()
      }
    },
    async repeat({ source, key, shape }) {
      const agent = new Agent({ keepAlive: false })
      const how: How = { way: 'events', gzip: false, key, agent, timeoutMs: REQUEST_TIMEOUT_MS }
      await send(sender, source, shape, how)
      agent.destroy()
    },
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

interface Producer {
  readonly source: string
  readonly producer: number
  readonly paceMs: number
  readonly isQuick: boolean
  readonly importShare: number
}

async function produce(
  sender: Sender,
  who: Producer,
  random: Random,
  stopping: AbortSignal,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let from = 1; !stopping.aborted && from < EVENTS_PER_PRODUCER_MAX;) {
    const shape = chooseBody(who, from, random)
    const how = {
      way: wayOf(who, random),
      gzip: random.chance(0.1),
      key: random.chance(0.3) ? `${who.producer}-${from}` : null,
      agent,
      timeoutMs: REQUEST_TIMEOUT_MS,
    }
    let status = await send(sender, who.source, shape, how)
    while (mayRepeat(status, how.way === 'import' ? null : how.key) && !isOver(stopping)) {
      await pause(50 + random.below(100))
      status = await send(sender, who.source, shape, how)
    }
    from += shape.count
    const isAway = !/^2|^422/.test(status)
    await pause(isAway ? 20 + random.below(80) : random.below(who.paceMs + 1))
  }
  agent.destroy()
}

/** What never arrived is sent again; so is what may have, when it has a key: it must be stored once all the same. */
function mayRepeat(status: string, key: string | null): boolean {
  return status === 'ECONNREFUSED' || (key !== null && !/^[24]/.test(status))
}

// A function, because the compiler believes that what was false above stays so.
function isOver(stopping: AbortSignal): boolean {
  return stopping.aborted
}

function chooseBody(
  { producer, source, isQuick }: Producer,
  from: number,
  random: Random,
): BodyShape {
  const size = random.next()
  if (isQuick) return { producer, from, count: random.between(1, 20), days: 4 }
  const count =
    size < 0.5
      ? 1
      : size < 0.85
        ? random.between(2, 50)
        : size < 0.99
          ? random.between(51, 600)
          : random.between(1_000, 3_000)
  // Rarely more partitions than one insert may have.
  const isWide = source === 'orders' && count > 200 && random.chance(0.02)
  return { producer, from, count, days: isWide ? 130 : 4 }
}

/** Events; events that wait for their targets; a file appended by a job. */
type Way = 'events' | 'wait' | 'import'

const PATHS: Readonly<Record<Way, string>> = {
  events: '/v0/events?name=',
  wait: '/v0/events?wait=true&name=',
  import: '/v0/datasources?mode=append&format=ndjson&name=',
}

function wayOf({ isQuick, importShare }: Producer, random: Random): Way {
  const way = random.next()
  if (isQuick) return 'events'
  if (way < importShare) return 'import'
  return way > 1 - WAIT_SHARE ? 'wait' : 'events'
}

interface How {
  readonly way: Way
  readonly gzip: boolean
  /** Idempotency-Key: an answer that did not come is asked for again with the same body. */
  readonly key: string | null
  readonly agent: Agent
  readonly timeoutMs: number
}

/** Sends one body and enters its fate into the ledger. @returns status or error. */
async function send(sender: Sender, source: string, shape: BodyShape, how: How): Promise<string> {
  const { producer, from, count } = shape
  const bad = badOf(shape)
  const keyed =
    how.key === null || how.way === 'import' ? undefined : { source, key: how.key, shape }
  const entry = sender.ledger.sent(source, { producer, from, count, bad }, keyed)
  const body = bodyOf(shape)
  const answer = await post(
    sender.target,
    source,
    how.gzip ? gzipSync(body) : Buffer.from(body),
    how,
  )
  sender.answers.set(answer.status, (sender.answers.get(answer.status) ?? 0) + 1)
  if (/^(200|202|422)$/.test(answer.status)) {
    entry.settle('acknowledged', countsOf(answer.text))
    sender.hooks.acknowledged?.(entry)
  } else if (/^4/.test(answer.status) && how.way !== 'import') {
    entry.settle('refused')
  } else if (answer.status === 'ECONNREFUSED') {
    entry.withdraw()
  }
  return answer.status
}

function post(
  target: Target,
  source: string,
  body: Buffer,
  how: How,
): Promise<{ status: string; text: string }> {
  return new Promise((resolve) => {
    const path = `${PATHS[how.way]}${source}`
    const headers: Record<string, string | number> = {
      Authorization: `Bearer ${target.token()}`,
      'Content-Length': body.length,
      ...(how.gzip && { 'Content-Encoding': 'gzip' }),
      ...(how.key !== null && how.way !== 'import' && { 'Idempotency-Key': how.key }),
    }
    const req = httpRequest(new URL(path, target.url()), {
      method: 'POST',
      agent: how.agent,
      headers,
      timeout: how.timeoutMs,
    })
    const fail = (err: NodeJS.ErrnoException): void =>
      resolve({ status: err.code ?? err.message, text: '' })
    req.on('error', fail)
    req.on('timeout', () => req.destroy(new Error('timeout')))
    req.on('response', (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (text += chunk))
      res.on('error', fail)
      res.on('end', () => resolve({ status: String(res.statusCode), text }))
    })
    req.end(body)
  })
}

function countsOf(text: string): { successful: number; quarantined: number } {
  const said = JSON.parse(text) as { successful_rows?: number; quarantined_rows?: number }
  return { successful: said.successful_rows ?? -1, quarantined: said.quarantined_rows ?? -1 }
}
