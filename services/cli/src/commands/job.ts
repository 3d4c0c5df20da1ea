import { jobListSchema, jobSchema, type JobBody } from '@sandpiper/contracts'
import type { CommandSpec } from '../command-spec.ts'
import { followJob } from '../follow-job.ts'
import { inPath, showTable } from '../show.ts'

const HEADINGS = ['ID', 'KIND', 'STATUS', 'PROGRESS', 'CREATED', 'ERROR']

export const jobLs: CommandSpec = {
  usage: 'job ls',
  aliases: ['jobs list', 'jobs ls', 'job list'],
  about: 'jobs of the last 48 hours, newest first',
  options: [
    ['--status <status>', 'waiting, working, done, error or cancelled'],
    ['--kind <kind>', 'such as import, copy, delete_data or quarantine_replay'],
  ],
  examples: ['job ls', 'job ls --status error --kind import'],
  async run(call, _args, options) {
    const query = new URLSearchParams()
    for (const name of ['status', 'kind'])
      if (options.text(name) !== undefined) query.set(name, options.text(name) ?? '')
    const body = await call.client.get(`/v0/jobs?${query.toString()}`, jobListSchema)
    const empty = query.size === 0 ? 'There are no jobs.' : 'There are no such jobs.'
    showTable(call, body, { headings: HEADINGS, rows: body.jobs.map(rowOf), empty })
  },
}

export const jobDetails: CommandSpec = {
  usage: 'job details <id>',
  aliases: ['jobs show', 'job show', 'jobs details'],
  about: 'one job',
  options: [['--wait', 'wait until it has ended']],
  examples: ['job details 3f0c... --wait'],
  async run(call, [id = ''], options) {
    const job = options.isOn('wait')
      ? await followJob(call, id)
      : await call.client.get(`/v0/jobs/${inPath(id)}`, jobSchema)
    showTable(call, job, { headings: HEADINGS, rows: [rowOf(job)], empty: '' })
  },
}

export const jobCancel: CommandSpec = {
  usage: 'job cancel <id>',
  aliases: ['jobs cancel'],
  about: 'stop it: at once while it waits, soon while it works',
  examples: ['job cancel 3f0c...'],
  async run(call, [id = '']) {
    const job = await call.client.post(`/v0/jobs/${inPath(id)}/cancel`, { json: {} }, jobSchema)
    showTable(call, job, { headings: HEADINGS, rows: [rowOf(job)], empty: '' })
  },
}

function rowOf(job: JobBody): unknown[] {
  const percent = job['progress_percentage']
  const progress = typeof percent === 'number' ? `${percent.toFixed(0)} %` : null
  return [job.id, job.kind, job.status, progress, job.created_at, job.error ?? null]
}
