// One life of the engine, from the start of its process to its end. A statement may say which life it is meant for: block numbers
// begin anew with a life, and a writer that outlived its engine must not reach the next one through the same socket.
import { randomBytes } from 'node:crypto'

import { engineError } from './engine-error.ts'

/** URL parameter: empty to ask for the life, else the life that the statement is meant for. */
export const LIFE_PARAMETER = 'engine_life'

export interface Life {
  /**
   * Query parameters for a request that asked: `{engine_life:String}`, and `{engine_cpu_ms:UInt64}`, what the process has used of the
   * processors since its start. None for one that did not. @throws EngineError ABORTED (236) for a request to another life.
   */
  params(asked: string | null): ReadonlyMap<string, string>
}

export function createLife(id = randomBytes(8).toString('hex')): Life {
  return {
    params(asked) {
      if (asked === null) return new Map()
      if (asked !== '' && asked !== id)
        throw engineError('ABORTED', 'The statement was meant for an engine that is gone.')
      const { user, system } = process.cpuUsage()
      return new Map([
        [LIFE_PARAMETER, id],
        ['engine_cpu_ms', String(Math.round((user + system) / 1000))],
      ])
    },
  }
}
