// The order of the end: the reverse of the order of the start, one step after the other, none longer than its share.
import type { Logger } from '@sandpiper/telemetry'

/** What is done when a process ends. */
export interface Closing {
  /** Adds a step; the last one added runs first. @param shareMs after it the next step runs, whatever this one does. */
  add(name: string, shareMs: number, step: () => Promise<void> | void): void
  /** Runs all steps once; every further call waits for the same end. Never rejects. */
  run(): Promise<void>
}

/** Nothing is to be done yet. */
export function createClosing(logger: Pick<Logger, 'warn'>): Closing {
  const steps: { name: string; shareMs: number; step: () => Promise<void> | void }[] = []
  let running: Promise<void> | null = null

  async function runAll(): Promise<void> {
    for (let next = steps.pop(); next !== undefined; next = steps.pop()) {
      const { name, shareMs, step } = next
      try {
        await within(shareMs, async () => {
          await step()
        })
      } catch (err) {
        logger.warn({ err, step: name }, 'a step of the end failed')
      }
    }
  }

  return {
    add: (name, shareMs, step) => {
      steps.push({ name, shareMs, step })
    },
    run: () => (running ??= runAll()),
  }
}

async function within(milliseconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`took longer than ${milliseconds} ms`))
    }, milliseconds)
  })
  try {
    await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
