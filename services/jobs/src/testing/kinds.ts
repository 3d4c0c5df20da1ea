// Kinds of jobs for tests, and what tests wait for.
import { randomUUID } from 'node:crypto'
import { Fault } from '@sandpiper/faults'
import { z } from 'zod'

import type { JobContext, JobKind } from '../job-kind.ts'

/** A kind whose jobs do what the test says; each test has a kind of its own, so that tests do not meet. */
export function kindOf(
  run: (input: string, context: JobContext) => Promise<Record<string, unknown> | undefined>,
  changes: Partial<JobKind> = {},
): JobKind {
  return {
    kind: `kind_${randomUUID()}`,
    input: z.string(),
    concurrencyPerWorkspace: 1,
    isRerunnable: true,
    run: (input, context) => run(input as string, context),
    ...changes,
  }
}

/** A promise to be resolved by hand. */
export function gate(): { open: () => void; opened: Promise<undefined> } {
  let open: () => void = () => undefined
  const opened = new Promise<undefined>((resolve) => {
    open = () => {
      resolve(undefined)
    }
  })
  return { open, opened }
}

/** Runs until it is stopped, and says when it has begun. */
export function untilStopped(): { run: JobKind['run']; begun: Promise<undefined> } {
  const { open, opened } = gate()
  return {
    begun: opened,
    run: (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('stopped'))
        })
        open()
      }),
  }
}

export async function faultOf(work: Promise<unknown>): Promise<string> {
  const err: unknown = await work.catch((cause: unknown) => cause)
  return err instanceof Fault ? err.code : `no fault: ${String(err)}`
}
