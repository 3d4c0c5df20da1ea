// Waits for a job and shows how far it is.
import { jobSchema, type JobBody } from '@sandpiper/contracts'
import type { CliCall } from './cli-call.ts'
import { CliError } from './cli-error.ts'

const FIRST_PAUSE_MS = 100
const PAUSE_MS_MAX = 2_000

/** The job once it is done. @throws CliError when it failed or was cancelled. */
export async function followJob({ client, world }: CliCall, id: string): Promise<JobBody> {
  let pauseMs = FIRST_PAUSE_MS
  let shown = ''
  for (;;) {
    const job = await client.get(`/v0/jobs/${encodeURIComponent(id)}`, jobSchema)
    const text = `job ${id}: ${job.status}${progressOf(job)}`
    if (world.isTerminal) world.err(`\r${text.padEnd(shown.length)}`)
    shown = text
    if (job.status === 'done' || job.status === 'error' || job.status === 'cancelled') {
      if (world.isTerminal) world.err('\n')
      if (job.status === 'done') return job
      throw new CliError(
        job.status === 'error'
          ? `job ${id} failed: ${job.error ?? 'no reason was given'}`
          : `job ${id} was cancelled`,
      )
    }
    await world.sleep(pauseMs)
    pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 1.5)
  }
}

function progressOf(job: JobBody): string {
  const percent = job['progress_percentage']
  return typeof percent === 'number' ? ` ${percent.toFixed(0)} %` : ''
}
