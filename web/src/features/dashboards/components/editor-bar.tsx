import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'

/** What can be done with the draft of a dashboard as a whole. */
export function EditorBar(props: {
  isUnsaved: boolean
  isSaving: boolean
  onAdd: () => void
  onSettings: () => void
  onDiscard: () => void
  onSave: () => void
}) {
  const { isUnsaved, isSaving, onAdd, onSettings, onDiscard, onSave } = props
  return (
    <div className="flex flex-wrap gap-2 rounded-lg border border-line bg-raised p-2">
      <Button onClick={onAdd}>Add a tile</Button>
      <Button onClick={onSettings}>Name, parameters, refresh</Button>
      <div role="status" className="flex flex-1 items-center justify-end">
        {isUnsaved ? <Badge tone="warn">Not saved</Badge> : null}
      </div>
      <Button onClick={onDiscard}>Discard</Button>
      <Button look="primary" busy={isSaving} aria-keyshortcuts="Control+S Meta+S" onClick={onSave}>
        Save
      </Button>
    </div>
  )
}
