import type { JobBody } from '@sandpiper/contracts'

import { formatAgo, formatSeconds } from '@/lib/format.ts'
import { cellText } from '@/ui/cell-text.ts'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { elapsedOf } from '../api/job-figures.ts'
import { JobStatus, JobSubject } from './job-list.tsx'

/** Members that stand elsewhere on the page, or say nothing to people. */
const SHOWN_ELSEWHERE = new Set([
  ...['id', 'job_id', 'kind', 'status', 'created_at', 'updated_at', 'started_at', 'job_url'],
  ...['is_cancellable', 'progress_percentage', 'error', 'errors', 'blocks', 'block_log'],
])

export function JobDetail({ job }: { job: JobBody }) {
  const log = job.block_log ?? []
  const blocks = job.blocks ?? []
  return (
    <>
      {job.error === undefined ? null : <ErrorBox error={new Error(job.error)} />}
      <div className="grid gap-3 lg:grid-cols-[20rem_1fr]">
        <Card title="Job">
          <Facts job={job} />
        </Card>
        <div className="flex min-w-0 flex-col gap-3">
          <Card title={`Log (${log.length})`}>
            <Lines label="Log" lines={log} empty="It wrote no lines." />
          </Card>
          {blocks.length === 0 ? null : (
            <Card title={`Blocks (${blocks.length})`}>
              <Lines label="Blocks" lines={blocks} empty="" />
            </Card>
          )}
          <Details job={job} />
        </div>
      </div>
    </>
  )
}

function Facts({ job }: { job: JobBody }) {
  const seconds = elapsedOf(job)
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-sm">
      <dt className="text-muted">Status</dt>
      <dd>
        <JobStatus job={job} />
      </dd>
      <dt className="text-muted">On</dt>
      <dd>
        <JobSubject job={job} />
      </dd>
      <dt className="text-muted">Asked for</dt>
      <dd title={job.created_at}>{formatAgo(job.created_at)}</dd>
      <dt className="text-muted">Took</dt>
      <dd>{seconds === null ? 'Not begun' : formatSeconds(seconds)}</dd>
      <dt className="text-muted">Id</dt>
      <dd className="font-mono text-xs break-all">{job.id}</dd>
      <dt className="text-muted">Noted in</dt>
      <dd>
        <PlaceLink
          to="logs"
          search={{ source: 'jobs_log', filters: [{ column: 'job_id', op: 'is', value: job.id }] }}
        >
          jobs_log
        </PlaceLink>
      </dd>
    </dl>
  )
}

function Lines({
  label,
  lines,
  empty,
}: {
  label: string
  lines: readonly unknown[]
  empty: string
}) {
  if (lines.length === 0) return <p className="text-sm text-muted">{empty}</p>
  return (
    <pre
      aria-label={label}
      tabIndex={0}
      className="max-h-96 overflow-auto font-mono text-xs leading-5 whitespace-pre-wrap"
    >
      {lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')}
    </pre>
  )
}

function Details({ job }: { job: JobBody }) {
  const members = Object.entries(job).filter(([name]) => !SHOWN_ELSEWHERE.has(name))
  if (members.length === 0) return null
  return (
    <Card title="Details">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        {members.map(([name, value]) => (
          <div key={name} className="col-span-2 grid grid-cols-subgrid">
            <dt className="font-mono text-xs text-muted">{name}</dt>
            <dd className="font-mono text-xs break-all">{cellText(value)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
