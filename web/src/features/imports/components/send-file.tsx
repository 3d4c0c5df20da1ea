import { formatBytes } from '@/lib/format.ts'
import { Button } from '@/ui/button.tsx'
import { Progress } from '@/ui/progress.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import type { useSendFile } from '../api/send-file.ts'
import { ImportProgress } from './import-progress.tsx'

/** A file on its way: how much of it is sent, then how much of it is in. Shows nothing before it was started. */
export function FileOnItsWay({ send }: { send: ReturnType<typeof useSendFile> }) {
  const { variables, data, error, sentRatio } = send
  if (variables === undefined) return null
  if (data !== undefined) return <ImportProgress jobId={data.job_id} name={variables.name} />
  if (error !== null) return <ErrorBox error={error} onRetry={() => send.mutate(variables)} />
  const { size } = variables.file
  return (
    <div role="status" className="flex flex-col gap-1.5 text-sm">
      <Progress label="Upload" ratio={sentRatio} />
      <span className="flex items-center gap-3 text-muted">
        Sending {formatBytes(sentRatio * size)} of {formatBytes(size)}
        <Button onClick={send.stop}>Stop</Button>
      </span>
    </div>
  )
}
