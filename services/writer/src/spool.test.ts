import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventLogReader, FrameRef } from '@sandpiper/eventlog'
import { fault } from '@sandpiper/faults'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSpool } from './spool.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spool-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const refs = [1, 2].map((sequence) => ({ sequence })) as FrameRef[]

/** A log whose first frame cannot be read. */
function readerFailing(cause?: Error): EventLogReader {
  return {
    read: ({ sequence }: FrameRef) =>
      sequence === 1
        ? Promise.reject(fault('log.unavailable', { public: 'no', cause }))
        : Promise.resolve({ rows: Buffer.from('{"a":1}\n'), refused: Buffer.alloc(0) }),
  } as unknown as EventLogReader
}

const line = ({ sequence }: FrameRef): Buffer => Buffer.from(`frame ${sequence} is damaged\n`)

test('a damaged frame is left out and told among the refused lines, its neighbours are written', async () => {
  const files = await createSpool(dir, readerFailing()).write('damaged', refs, line)
  expect(await readFile(files.refusedPath ?? '', 'utf8')).toBe('frame 1 is damaged\n')
  expect(files.damaged).toEqual([refs[0]])
  expect(await readFile(files.rowsPath ?? '', 'utf8')).toBe('{"a":1}\n')
})

test.each(['EMFILE', 'ENOMEM', 'EACCES'])(
  'a frame that %s kept from being read is not given up',
  async (code) => {
    const spool = createSpool(dir, readerFailing(Object.assign(new Error(code), { code })))
    await expect(spool.write(code, refs, line)).rejects.toMatchObject({ code: 'log.unavailable' })
  },
)
