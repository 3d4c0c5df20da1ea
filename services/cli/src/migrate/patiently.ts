import type { CliWorld } from '../cli-call.ts'
import { CliError } from '../cli-error.ts'

const TRIES = 8
const FIRST_PAUSE_MS = 500
const PAUSE_MS_MAX = 30_000

/** Tries again what failed for a reason that passes: for about two minutes. */
export async function patiently<Value>(
  { sleep, err: say }: CliWorld,
  work: () => Promise<Value>,
): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (err) {
      if (!(err instanceof CliError && err.isPassing) || attempt === TRIES) throw err
      say(`${err.message} Trying again (${attempt} of ${TRIES - 1}).\n`)
      await sleep(Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** (attempt - 1)))
    }
  }
}
