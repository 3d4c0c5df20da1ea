import type { CliCall } from './cli-call.ts'
import { CliError } from './cli-error.ts'
import type { Body } from './client.ts'
import { followJob } from './follow-job.ts'
import { json, table } from './print.ts'
import { objectIn, textIn } from './show.ts'

/** Whether an answer says that a job was started, and which. */
function jobIn(answer: Body): string | null {
  const inner = objectIn(answer, 'job')
  const job = inner['job_url'] === undefined ? answer : inner
  const id = textIn(job, 'job_id') || textIn(job, 'id')
  return id !== '' && typeof job['job_url'] === 'string' ? id : null
}

/** Prints the answer; of one that started a job what the job has come to. @param isWaited default true. @throws CliError when no row was valid. */
export async function printEnd(call: CliCall, answer: Body, isWaited = true): Promise<void> {
  const id = jobIn(answer)
  if (id !== null && !isWaited) {
    call.world.out(call.isJson ? json(answer) : `job ${id}\n`)
    return
  }
  const end: Body = id === null ? answer : await followJob(call, id)
  if (call.isJson) call.world.out(json(end))
  else {
    const shown = Object.entries(end).filter(([key]) => key.endsWith('rows') || key === 'status')
    call.world.out(table(['WHAT', 'VALUE'], shown.length > 0 ? shown : Object.entries(end)))
  }
  refuseWhenNoRowIsIn(end)
}

/** Whoever loads rows in a script must not take it for done when each of them was refused. */
function refuseWhenNoRowIsIn(end: Body): void {
  const refused = Number(end['quarantine_rows'] ?? end['quarantined_rows'] ?? 0)
  if (end['successful_rows'] !== 0 || !(refused > 0)) return
  const first = textIn(end, 'first_error')
  const why = first === '' ? '' : `; the first: ${first}`
  throw new CliError(
    `no row is in: all ${refused} are in quarantine${why}. See why: sandpiper quarantine show <data-source>.`,
  )
}
