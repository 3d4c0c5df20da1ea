// Several servers that hold the same: one is used until its connection fails, then the next. A read that found nobody is sent once more,
// to another; what writes never is, since nobody knows what became of it.
import { Fault } from '@sandpiper/faults'

import type { ClickHouse, QueryRequest } from './client-contract.ts'

/** How long a server that failed is passed over while another one answers, in milliseconds. */
const REST_MS = 5_000

/** One server of several. */
interface Replica {
  readonly client: ClickHouse
  /** Monotonic milliseconds until which it is passed over; 0 for never. */
  restsUntil: number
}

/**
 * Joins clients of servers that hold the same tables.
 * Statements go to the first that is not known to be away, in the order given; all of one process go to the same, so that it reads what it
 * wrote. One that could not be reached is passed over for 5 s. A read (a request with readonly, or by `rows`) is tried once on another.
 * @param clients at least one. @param monotonicMs a clock that never goes back.
 */
export function createReplicas(
  clients: readonly ClickHouse[],
  monotonicMs: () => number,
): ClickHouse {
  const replicas = clients.map((client): Replica => ({ client, restsUntil: 0 }))

  function chosen(except: Replica | null = null): Replica {
    const others = replicas.filter((each) => each !== except)
    const now = monotonicMs()
    const found = others.find((each) => each.restsUntil <= now) ?? others[0] ?? except
    if (found === null) throw new Error('no server was given')
    return found
  }

  async function once<Result>(
    replica: Replica,
    run: (client: ClickHouse) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await run(replica.client)
    } catch (err) {
      if (isAway(err)) replica.restsUntil = monotonicMs() + REST_MS
      throw err
    }
  }

  async function read<Result>(
    request: Pick<QueryRequest, 'signal' | 'queryId'>,
    run: (client: ClickHouse) => Promise<Result>,
  ): Promise<Result> {
    const first = chosen()
    try {
      return await once(first, run)
    } catch (err) {
      if (!isAway(err) || replicas.length === 1 || request.signal?.aborted === true) throw err
      return once(chosen(first), run)
    }
  }

  return {
    query: (request) => {
      const run = (client: ClickHouse): ReturnType<ClickHouse['query']> => client.query(request)
      return isReading(request) ? read(request, run) : once(chosen(), run)
    },
    rows: <Row>(request: Omit<QueryRequest, 'format'>) =>
      read(request, (client) => client.rows<Row>(request)),
    command: (request) => once(chosen(), (client) => client.command(request)),
    insert: (request) => once(chosen(), (client) => client.insert(request)),
    async ping() {
      const answers = await Promise.all(
        replicas.map(async (each) => {
          const answers = await each.client.ping()
          each.restsUntil = answers ? 0 : monotonicMs() + REST_MS
          return answers
        }),
      )
      return answers.includes(true)
    },
    async close() {
      await Promise.all(replicas.map(({ client }) => client.close()))
    },
  }
}

/** Unless settings say else the client sends a query with readonly = 1. */
function isReading({ settings }: QueryRequest): boolean {
  return Number(settings?.['readonly'] ?? 1) > 0
}

function isAway(err: unknown): boolean {
  return err instanceof Fault && err.code === 'engine.unavailable'
}
