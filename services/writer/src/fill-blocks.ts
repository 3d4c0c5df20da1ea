// Brings a batch's lines into scratch blocks, and finds the lines that the engine refuses though they passed our validation.
import { readFile } from 'node:fs/promises'
import { quarantineColumns } from '@sandpiper/rows'
import type { Batch } from './batch.ts'
import { acceptByHalves, linesOf, type RefusedLine } from './bisect.ts'
import type { Counters } from './counters.ts'
import { isPassing, isTableGone, messageOf } from './engine-errors.ts'
import type { PlaceDeps } from './place.ts'
import { quarantineLines } from './quarantine.ts'
import type { Scratch } from './scratch.ts'
import type { Spool, SpoolFiles } from './spool.ts'
import type { Staging } from './staging.ts'

interface FillDeps {
  readonly scratch: Scratch
  readonly spool: Spool
  readonly staging: Staging
  readonly counters: Counters
}

/** @param attempt its id, the name of its files, and those that were written. */
export function fillBlocks(
  { scratch, spool, staging, counters }: FillDeps,
  batch: Batch,
  attempt: { id: string; name: string; files: SpoolFiles },
): PlaceDeps['fill'] {
  const { rowsPath, refusedPath } = attempt.files
  const { columns } = batch.schema
  let refusedByEngine: RefusedLine[] = []

  async function loadRows(path: string): Promise<void> {
    await scratch.loadBlock(batch.table, await staging.bring(attempt.id, { path, columns }))
  }

  async function loadPart(lines: readonly Buffer[]): Promise<void> {
    await loadRows(await spool.writeText(attempt.name, Buffer.concat(lines)))
  }

  return {
    async rows() {
      if (rowsPath === null) return
      try {
        await loadRows(rowsPath)
        return
      } catch (err) {
        errorOfLines(err)
      }
      // When not even no line can be loaded, the table or its columns are at fault, and no line is to blame.
      await loadPart([])
      const lines = linesOf(await readFile(rowsPath))
      refusedByEngine = await acceptByHalves(lines, loadPart, errorOfLines)
      counters.engineRefusedRows += refusedByEngine.length
    },
    async refused(into) {
      const texts = [
        ...(refusedPath === null ? [] : [await readFile(refusedPath)]),
        quarantineLines(columns, refusedByEngine),
      ]
      const text = Buffer.concat(texts)
      if (text.length === 0) return
      const path = await spool.writeText(attempt.name, text)
      const file = { path, columns: quarantineColumns(columns) }
      await scratch.loadBlock(into, await staging.bring(attempt.id, file))
    },
  }
}

function errorOfLines(err: unknown): string {
  if (isPassing(err) || isTableGone(err)) throw err
  return messageOf(err)
}
