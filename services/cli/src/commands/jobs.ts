import { jobListSchema, jobSchema, type JobBody } from '@sandpiper/contracts'
import type { Command } from 'commander'
import type { CommandGroup } from '../cli-call.ts'
import { followJob } from '../follow-job.ts'
import { json, table } from '../print.ts'

/** `sandpiper jobs list|show|cancel`. */
export const addJobCommands: CommandGroup = (program, call) => {
  const jobs = program.command('jobs').description('work that goes on after its request')
  jobs
    .command('list')
    .description('newest first')
    .option('--status <status>', 'waiting, working, done, error or cancelled')
    .option('--kind <kind>', 'such as import, delete_data or quarantine_replay')
    .action(async (options: { status?: string; kind?: string }, command: Command) => {
      const { client, world, isJson } = call(command)
      const query = new URLSearchParams({ ...options })
      const body = await client.get(`/v0/jobs?${query.toString()}`, jobListSchema)
      if (isJson) world.out(json(body))
      else if (body.jobs.length === 0) world.out(noJobs(query))
      else world.out(table(HEADINGS, body.jobs.map(rowOf)))
    })
  jobs
    .command('show <id>')
    .description('one job')
    .option('--wait', 'wait until it has ended')
    .action(async (id: string, options: { wait?: boolean }, command: Command) => {
      const made = call(command)
      const path = `/v0/jobs/${encodeURIComponent(id)}`
      const job =
        options.wait === true ? await followJob(made, id) : await made.client.get(path, jobSchema)
      made.world.out(made.isJson ? json(job) : table(HEADINGS, [rowOf(job)]))
    })
  jobs
    .command('cancel <id>')
    .description('stop it: at once while it waits, soon while it works')
    .action(async (id: string, _: unknown, command: Command) => {
      const { client, world, isJson } = call(command)
      const path = `/v0/jobs/${encodeURIComponent(id)}/cancel`
      const job = await client.post(path, { json: {} }, jobSchema)
      world.out(isJson ? json(job) : table(HEADINGS, [rowOf(job)]))
    })
}

function noJobs(query: URLSearchParams): string {
  return query.size === 0 ? 'There are no jobs.\n' : 'There are no such jobs.\n'
}

const HEADINGS = ['ID', 'KIND', 'STATUS', 'PROGRESS', 'CREATED', 'ERROR']

function rowOf(job: JobBody): unknown[] {
  const percent = job['progress_percentage']
  const progress = typeof percent === 'number' ? `${percent.toFixed(0)} %` : null
  return [job.id, job.kind, job.status, progress, job.created_at, job.error ?? null]
}
