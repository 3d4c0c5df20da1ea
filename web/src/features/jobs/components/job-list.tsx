import type { JobBody } from '@sandpiper/contracts'

import { isRunning } from '@/lib/catalog/get-job.ts'
import { formatAgo, formatSeconds } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { Progress } from '@/ui/progress.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty } from '@/ui/states.tsx'

import { elapsedOf, ratioOf, subjectOf, toneOf } from '../api/job-figures.ts'

export interface JobFilter {
  status?: string
  kind?: string
}

export function JobList({ jobs, filter }: { jobs: readonly JobBody[]; filter: JobFilter }) {
  const shown = jobs.filter(
    ({ status, kind }) =>
      (filter.status === undefined || status === filter.status) &&
      (filter.kind === undefined || kind === filter.kind),
  )
  if (jobs.length === 0)
    return (
      <Empty title="No jobs lately">
        Imports, copies, populations, deletes and replays of quarantined rows run as jobs. They are
        shown here while they run and for two days after.
      </Empty>
    )
  if (shown.length === 0) return <Empty title="No job is like that" />
  return (
    <Card pad={false}>
      <SimpleTable label="Jobs" columns={COLUMNS} rows={shown} keyOf={({ id }) => id} />
    </Card>
  )
}

const COLUMNS: readonly Column<JobBody>[] = [
  {
    id: 'kind',
    header: 'Job',
    cell: ({ id, kind }) => (
      <PlaceLink to={`jobs/${encodeURIComponent(id)}`} className="font-medium text-accent">
        {kind}
        <span className="block font-mono text-xs text-muted">{id.slice(0, 8)}</span>
      </PlaceLink>
    ),
  },
  { id: 'subject', header: 'On', cell: (job) => <JobSubject job={job} /> },
  { id: 'status', header: 'Status', cell: (job) => <JobStatus job={job} /> },
  {
    id: 'elapsed',
    header: 'Took',
    align: 'right',
    cell: (job) => {
      const seconds = elapsedOf(job)
      return seconds === null ? '–' : formatSeconds(seconds)
    },
  },
  { id: 'made', header: 'Asked for', cell: ({ created_at }) => formatAgo(created_at) },
  {
    id: 'error',
    header: 'Error',
    cell: ({ error }) => <span className="line-clamp-2 text-xs text-bad">{error}</span>,
  },
]

export function JobSubject({ job }: { job: JobBody }) {
  const subject = subjectOf(job)
  if (subject === null) return null
  const { area, name } = subject
  return area === '' ? (
    name
  ) : (
    <PlaceLink to={`${area}/${encodeURIComponent(name)}`}>{name}</PlaceLink>
  )
}

export function JobStatus({ job }: { job: JobBody }) {
  return (
    <div className="flex w-36 flex-col gap-1.5">
      <span>
        <Badge tone={toneOf(job)}>{job.status}</Badge>{' '}
        {isRunning(job) && job.progress_percentage !== undefined ? (
          <span className="text-xs text-muted">{Math.floor(job.progress_percentage)} %</span>
        ) : null}
      </span>
      {isRunning(job) ? <Progress label={`Progress of ${job.kind}`} ratio={ratioOf(job)} /> : null}
    </div>
  )
}
