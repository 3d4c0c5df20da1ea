import type { QueryDocument } from '@sandpiper/contracts'
import { Play, Save } from 'lucide-react'

import { formatAgo } from '@/lib/format.ts'
import { useMay } from '@/lib/rights/use-may.ts'
import { Button } from '@/ui/button.tsx'
import { CopyButton } from '@/ui/code-block.tsx'

export function QueryActions(props: {
  isRunning: boolean
  isSaving: boolean
  saved: QueryDocument | null
  isChanged: boolean
  onRun: () => void
  onSave: () => void
  onSaveAs: () => void
  onRevert: () => void
}) {
  const { isRunning, isSaving, saved, isChanged, onRun, onSave, onSaveAs, onRevert } = props
  const mayKeep = useMay()('change the workspace')
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button look="primary" busy={isRunning} onClick={onRun}>
        <Play size={14} aria-hidden />
        Run
      </Button>
      {mayKeep ? (
        <Button busy={isSaving} onClick={onSave}>
          <Save size={14} aria-hidden />
          Save
        </Button>
      ) : null}
      {saved === null ? null : (
        <>
          {mayKeep ? <Button onClick={onSaveAs}>Save as…</Button> : null}
          {isChanged ? <Button onClick={onRevert}>Back to the saved one</Button> : null}
          <CopyButton text={location.href} label="Copy the link to this query" />
          <span className="text-xs text-muted">
            Saved {formatAgo(saved.updated_at)} by {saved.edited_by}
          </span>
        </>
      )}
    </div>
  )
}
