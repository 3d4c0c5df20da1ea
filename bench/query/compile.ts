// From a request's parameters to a statement that may run: rendering, compiling and judging a template of 300 lines, by hand in this process
// against an engine of its own. Cold is a pipe and values that nobody has asked for before; cached is the same pipe with other values.
import { createClickHouse, createGate, ensureEmptyDatabase } from '@sandpiper/clickhouse'
import { plainDataSource, type PipeFile } from '@sandpiper/datafile'
import { emptyMap, type DeploymentMap } from '@sandpiper/deployment'
import { compilePipe, type CompileScope } from '@sandpiper/pipes'
import { startEngine } from '@sandpiper/testkit'

import type { Ladder } from '../ingest/ladder.ts'
import { quantile } from '../machine.ts'

const LINES = 300
const COLD = 60

/** Rendering with compiling, and judging, apart. */
export const compile: Ladder = async ({ seconds }) => {
  const engine = await startEngine()
  const { socketPath } = engine
  const clickhouse = createClickHouse({ url: 'http://engine', socketPath, loadsFiles: true })
  try {
    await ensureEmptyDatabase(clickhouse)
    const gate = createGate(clickhouse)
    const run = async (scope: CompileScope): Promise<[number, number]> => {
      const started = performance.now()
      const compiled = compilePipe(scope, { pipe: 'long' })
      const rendered = performance.now()
      await gate.check(compiled)
      return [rendered - started, performance.now() - rendered]
    }
    // Code of every pipe is warm soon after a start; what is cold is the pipe.
    for (let n = 0; n < 30; n += 1) await run(scopeOf(mapOf(`warm${n}`), n))
    const cold: [number, number][] = []
    for (let n = 0; n < COLD; n += 1) cold.push(await run(scopeOf(mapOf(`cold${n}`), n)))
    print('cold', cold)
    const map = mapOf('cached')
    const cached: [number, number][] = []
    const until = performance.now() + seconds * 250
    for (let n = 0; performance.now() < until; n += 1) cached.push(await run(scopeOf(map, n)))
    print('cached', cached.slice(100))
  } finally {
    await clickhouse.close()
    await engine.stop()
  }
}

function print(name: string, took: readonly (readonly [number, number])[]): void {
  const of = (pick: (each: readonly [number, number]) => number): string =>
    quantile(took.map(pick), 0.5).toFixed(3)
  console.log(
    `${name.padEnd(7)} p50 ${of(([a, b]) => a + b)} ms: rendering and compiling ${of(([a]) => a)}, judging ${of(([, b]) => b)}; ${took.length} times`,
  )
}

function scopeOf(map: DeploymentMap, n: number): CompileScope {
  return {
    workspaceId: '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10',
    map,
    params: { day: `2026-01-${String(1 + (n % 28)).padStart(2, '0')}`, page: `/p/${n}`, top: n },
    secrets: new Map(),
    authority: { seesNames: true, mayRead: () => ({ allowed: true, filter: null }) },
  }
}

/** A pipe of a node of 300 lines: a third of them conditions and parameters. @param tag makes it another pipe for every cache. */
function mapOf(tag: string): DeploymentMap {
  const lines = Array.from({ length: (LINES - 8) / 4 }, (_, n) => [
    `    {% if defined(top) and Int32(top, 1) > ${n * 1_000} %}`,
    `    , sumIf(n, name = {{String(page, '/')}} AND n > {{Int32(top, 1)}}) AS ${tag}_${n}a`,
    `    {% end %}`,
    `    , countIf(name = 'x${n}' AND n != ${n}) AS ${tag}_${n}b`,
  ])
  const sql = [
    '%',
    'SELECT',
    '    day',
    ...lines.flat(),
    'FROM events',
    "WHERE day >= {{Date(day, '2026-01-01')}}",
    'GROUP BY day',
    'ORDER BY day',
    'LIMIT {{Int32(top, 10)}}',
  ].join('\n')
  const AT = '2026-11-21T00:00:00.000Z'
  const node = { name: 'n', sql, type: 'endpoint', description: null, settings: {} } as const
  const file: PipeFile = {
    ...{ kind: 'pipe', name: 'long', description: null, tokens: [], tags: null, settings: {} },
    nodes: [node],
  }
  const columns = (
    [
      ['day', 'Date'],
      ['name', 'String'],
      ['n', 'UInt64'],
    ] as const
  ).map(([name, type]) => ({ name, type, jsonPath: `$.${name}`, default: null, codec: null }))
  const times = { createdAt: AT, updatedAt: AT }
  return {
    ...emptyMap(),
    dataSources: {
      events: {
        ...{ id: `t_${'a'.repeat(32)}`, generation: 1, schemaVersion: 1, ...times },
        file: plainDataSource('events', columns),
      },
    },
    pipes: {
      long: {
        id: `t_${'b'.repeat(32)}`,
        nodeIds: [`t_${'c'.repeat(32)}`],
        view: null,
        ...times,
        file,
      },
    },
  }
}
