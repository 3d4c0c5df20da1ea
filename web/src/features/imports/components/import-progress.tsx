import type { JobBody } from '@sandpiper/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'

import { useApi } from '@/lib/api-context.ts'
import { isRunning, useJob } from '@/lib/catalog/get-job.ts'
import { rowsText } from '@/lib/rows-text.ts'
import { PlaceLink } from '@/ui/place-link.tsx'
import { Progress } from '@/ui/progress.tsx'
import { ErrorBox } from '@/ui/states.tsx'

/** The import of a file that is on the server: how far it is, and what came of it. */
export function ImportProgress({ jobId, name }: { jobId: string; name: string }) {
  const api = useApi()
  const client = useQueryClient()
  const job = useJob(jobId)
  const over = job.data !== undefined && !isRunning(job.data)
  useEffect(() => {
    if (over) void client.invalidateQueries({ queryKey: [api.place] })
  }, [over, client, api.place])
  if (job.isError) return <ErrorBox error={job.error} onRetry={() => void job.refetch()} />
  const { data } = job
  if (data === undefined || !over) return <Working job={data} />
  if (data.status !== 'done')
    return (
      <ErrorBox
        error={new Error(data.error ?? `The import was ${data.status}.`)}
        next={<PlaceLink to={`jobs/${encodeURIComponent(jobId)}`}>The job and its log</PlaceLink>}
      />
    )
  return <Outcome job={data} name={name} />
}

function Working({ job }: { job: JobBody | undefined }) {
  const percent = job?.progress_percentage
  return (
    <div role="status" className="flex flex-col gap-1.5 text-sm">
      <Progress label="Import" ratio={percent === undefined ? null : percent / 100} />
      <span className="text-muted">
        {job === undefined || job.status === 'waiting'
          ? 'Waiting for its turn'
          : `Importing${percent === undefined ? '' : `, ${Math.round(percent)} %`}`}
      </span>
    </div>
  )
}

function Outcome({ job, name }: { job: JobBody; name: string }) {
  const refused = Number(job['quarantine_rows'] ?? 0)
  const first = job['first_error']
  const rows = Number(job['successful_rows'] ?? 0)
  return (
    <div role="status" className="flex flex-col gap-1.5 text-sm">
      <p className="font-medium">
        {rowsText(rows)} {rows === 1 ? 'is' : 'are'} in.
      </p>
      {refused === 0 ? null : (
        <div className="rounded-md bg-warn-soft px-3 py-2 text-warn">
          <p>
            {rowsText(refused)} did not fit and went to the{' '}
            <QuarantineLink name={name}>quarantine</QuarantineLink>.
          </p>
          {typeof first === 'string' ? (
            <p className="mt-1 font-mono text-xs break-words">{first}</p>
          ) : null}
        </div>
      )}
    </div>
  )
}

export function QuarantineLink({ name, children }: { name: string; children: ReactNode }) {
  return (
    <PlaceLink
      to={`data-sources/${encodeURIComponent(name)}`}
      search={{ tab: 'quarantine' }}
      className="underline"
    >
      {children}
    </PlaceLink>
  )
}
