// An import that is run again: what is in the log counts, and what cannot be told is said.
import { Readable } from 'node:stream'

import { compileSchema } from '@sandpiper/rows'
import { expect, it } from 'vitest'

import { createImportCounters } from './import-deps.ts'
import { lineBlocks } from './line-blocks.ts'
import { ndjsonRows } from './ndjson-rows.ts'
import { storeRows } from './store-rows.ts'

const INPUT = {
  ...{ importId: 'i', dataSourceId: 't_1', dataSourceName: 'events' },
  ...{ requestId: 'r', shownSource: 'body' },
}
const COLUMNS = [{ name: 'a', type: 'UInt32', jsonPath: '$.a', default: null, codec: null }]

/** Stores a file of three rows, of which an earlier run has stored a first part with as many rows. */
function rerun(storedRows: number): Promise<unknown> {
  const decoder = compileSchema(COLUMNS)
  const text = Readable.from([Buffer.from('{"a":1}\n{"a":2}\n{"a":"x"}\n')])
  const deps = {
    counters: createImportCounters(),
    gauge: { bytes: 0, highest: 0 },
    now: () => 0,
    ops: { block: () => undefined },
    log: { loaded: () => Promise.resolve({ kind: 'loaded' }) },
    keyed: {
      appendOnce: () =>
        Promise.resolve({ isReplay: true, sequence: 7, rowCount: storedRows, refusedCount: 1 }),
    },
  } as unknown as Parameters<typeof storeRows>[0]
  const file = {
    rows: ndjsonRows(lineBlocks(text, 10), () => decoder),
    format: 'ndjson' as const,
    judgeBy: () => undefined,
  }
  const to = {
    key: 'i',
    columns: () => Promise.resolve({ schemaVersion: 2, columns: COLUMNS }),
  }
  const context = {
    workspaceId: 'w',
    signal: new AbortController().signal,
    progress: () => undefined,
    block: () => undefined,
  }
  return storeRows(deps, INPUT, file, to, context)
}

it('goes on behind a chunk that is in the log', async () => {
  expect(await rerun(2)).toMatchObject({ rows: 2, quarantined: 1 })
})

it('never passes rows over that an earlier run, under other columns, had cut into another part', async () => {
  await expect(rerun(1)).rejects.toMatchObject({
    code: 'request.conflict',
    details: { public: expect.stringContaining('events were changed') as string },
  })
})
