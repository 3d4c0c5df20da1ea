import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { useApi } from '@/lib/api-context.ts'
import { isRunning, useJob } from '@/lib/catalog/get-job.ts'
import { formatCount } from '@/lib/format.ts'
import { rowsText } from '@/lib/rows-text.ts'
import { PlaceLink } from '@/ui/place-link.tsx'
import { Progress } from '@/ui/progress.tsx'
import { ErrorBox } from '@/ui/states.tsx'

/** How far a replay is, and what it brought in. */
export function ReplayProgress({ name, jobId }: { name: string; jobId: string }) {
  const api = useApi()
  const client = useQueryClient()
  const job = useJob(jobId)
  const over = job.data !== undefined && !isRunning(job.data)
  useEffect(() => {
    if (over) void client.invalidateQueries({ queryKey: [api.place] })
  }, [over, client, api.place])
  if (job.isError) return <ErrorBox error={job.error} onRetry={() => void job.refetch()} />
  const { data } = job
  const percent = data?.progress_percentage
  if (data === undefined || !over)
    return (
      <div role="status" className="flex flex-col gap-1.5 text-sm text-muted">
        <Progress label="Replay" ratio={percent === undefined ? null : percent / 100} />
        Replaying{percent === undefined ? '' : `, ${Math.round(percent)} %`}
      </div>
    )
  if (data.status !== 'done')
    return <ErrorBox error={new Error(data.error ?? `The replay was ${data.status}.`)} />
  return (
    <p role="status" className="text-sm">
      {rowsText(Number(data['recovered_rows'] ?? 0))} came in,{' '}
      {formatCount(Number(data['remaining_rows'] ?? 0))} stay.{' '}
      <PlaceLink to={`data-sources/${encodeURIComponent(name)}`}>See the rows</PlaceLink>
    </p>
  )
}
