import type { Step } from '@sandpiper/deployment'
import { fault } from '@sandpiper/faults'
import { createLogger } from '@sandpiper/telemetry'
import { expect, it } from 'vitest'

import { runSteps, StepError, undoSteps } from './run-steps.ts'

const logger = createLogger({ service: 'test', level: 'silent' })

/** An engine that dies at a statement and is away for the next ones. */
function dyingEngine(diesAt: string, awayFor: number) {
  const ran: string[] = []
  let left = 0
  return {
    ran,
    command({ sql }: { readonly sql: string }): Promise<void> {
      if (sql === diesAt) left = awayFor + 1
      if (left > 0) {
        left -= 1
        return Promise.reject(fault('engine.unavailable', { public: 'away' }))
      }
      ran.push(sql)
      return Promise.resolve()
    },
  }
}

const STEPS: Step[] = [
  { resource: 'a', sql: 'DROP VIEW old', undo: ['CREATE VIEW old'] },
  { resource: 'b', sql: 'CREATE VIEW new', undo: ['DROP VIEW new'] },
]

it('takes back what was done once the engine that died in between is there again', async () => {
  const clickhouse = dyingEngine('CREATE VIEW new', 3)
  const run = runSteps({ clickhouse, logger }, STEPS, [])
  const err = await run.catch((cause: unknown) => cause)
  expect(err).toBeInstanceOf(StepError)
  expect((err as StepError).isUndone).toBe(true)
  expect(clickhouse.ran).toEqual(['DROP VIEW old', 'DROP VIEW new', 'CREATE VIEW old'])
})

it('goes on with the other undos when the engine refuses one', async () => {
  const ran: string[] = []
  const clickhouse = {
    command({ sql }: { readonly sql: string }): Promise<void> {
      ran.push(sql)
      return sql === 'DROP VIEW new'
        ? Promise.reject(fault('query.failed', { public: 'refused' }))
        : Promise.resolve()
    },
  }
  expect(await undoSteps({ clickhouse, logger }, [...STEPS])).toBe(false)
  expect(ran).toEqual(['DROP VIEW new', 'CREATE VIEW old'])
})
