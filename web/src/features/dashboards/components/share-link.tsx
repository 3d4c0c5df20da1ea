import type { DashboardShareBody } from '@sandpiper/contracts'

import { CopyButton } from '@/ui/code-block.tsx'
import { TextField } from '@/ui/field.tsx'

export function ShareLink({ id, share }: { id: string; share: DashboardShareBody }) {
  const link = `${location.origin}/shared/${encodeURIComponent(id)}#${share.token}`
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <TextField
            label="The link"
            readOnly
            value={link}
            onFocus={(event) => event.target.select()}
          />
        </div>
        <CopyButton text={link} label="Copy the link" />
      </div>
      <p className="text-sm">
        It reads {share.pipes.join(', ')} until {share.expires_at.slice(0, 16).replace('T', ' ')}{' '}
        UTC.
      </p>
      <p className="text-sm text-muted">
        It is shown once and kept nowhere. What stands behind # is sent to no server. It can be
        ended below before its time.
      </p>
    </div>
  )
}
