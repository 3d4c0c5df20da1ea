// The engine evaluates scalar subqueries while it describes a query: that is work as any other.
import { createClickHouse, createGate } from '@sandpiper/clickhouse'
import { parseDatafile, plainDataSource, type PipeFile } from '@sandpiper/datafile'
import { emptyMap, type DeploymentMap } from '@sandpiper/deployment'
import { startEngine } from '@sandpiper/testkit'
import { expect, it } from 'vitest'

import { compileCopy } from './compiled-copy.ts'

const AT = '2026-11-22T00:00:00.000Z'
const id = (digit: number): string => `t_${String(digit).repeat(32)}`

function mapWith(file: PipeFile): DeploymentMap {
  const about = { createdAt: AT, updatedAt: AT }
  const column = { name: 'n', type: 'UInt64', jsonPath: '$.n', default: null, codec: null }
  const target = { ...about, id: id(1), generation: 1, schemaVersion: 1 }
  return {
    ...emptyMap(),
    dataSources: { copied: { ...target, file: plainDataSource('copied', [column]) } },
    pipes: { heavy: { ...about, id: id(2), nodeIds: [], view: null, file } },
  }
}

it('a copy is described within the limits of its run', async () => {
  const { file } = parseDatafile(
    'NODE out\nSQL >\n    SELECT assumeNotNull((SELECT count() FROM numbers(1000000))) AS n\nTYPE COPY\nTARGET_DATASOURCE copied\nCOPY_SCHEDULE @on-demand\n',
    { filename: 'heavy.pipe' },
  )
  if (file?.kind !== 'pipe') throw new Error('that is no pipe')
  const map = mapWith(file)
  const engine = await startEngine()
  const clickhouse = createClickHouse({
    url: 'http://engine',
    socketPath: engine.socketPath,
    loadsFiles: true,
  })
  try {
    const compile = (rowsReadMax: number): ReturnType<typeof compileCopy> =>
      compileCopy(
        {
          catalog: {
            liveMap: () => Promise.resolve({ map, number: 1 }),
            secretsOf: () => Promise.resolve(new Map()),
            workspaceLimits: () => Promise.resolve({}),
            findJob: () => Promise.reject(new Error('not asked')),
            schema: () => Promise.reject(new Error('not asked')),
          },
          ...{ clickhouse, gate: createGate(clickhouse) },
          limits: { seconds: 60, bytesMax: 1_000, query: { rowsReadMax } },
        },
        'b0b0b0b0-0000-4000-8000-000000000000',
        {
          ...{ pipeId: id(2), pipeName: 'heavy', dataSourceId: id(1), dataSourceName: 'copied' },
          ...{ mode: 'append', params: {} },
        } as Parameters<typeof compileCopy>[2],
        new AbortController().signal,
      )
    expect((await compile(10_000_000)).columns).toEqual(['n'])
    await expect(compile(1_000)).rejects.toThrow(/max_rows_to_read = 1,?000/)
  } finally {
    await clickhouse.close()
    await engine.stop()
  }
})
