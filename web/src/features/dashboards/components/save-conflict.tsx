import { Button } from '@/ui/button.tsx'
import { messageOf } from '@/ui/states.tsx'

/** Two people changed it: who comes second decides, knowing what is lost. */
export function SaveConflict(props: {
  error: unknown
  /** 0: it was removed. */
  current: number
  busy: boolean
  onTheirs: () => void
  onMine: () => void
}) {
  const { error, current, busy, onTheirs, onMine } = props
  return (
    <div role="alert" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      <p>{messageOf(error)}</p>
      <div className="mt-2 flex flex-wrap gap-2">
        {current === 0 ? null : (
          <Button onClick={onTheirs}>Show theirs, and lose my changes</Button>
        )}
        <Button look="danger" busy={busy} onClick={onMine}>
          {current === 0 ? 'Save mine as a new one' : 'Save mine, and lose theirs'}
        </Button>
      </div>
    </div>
  )
}
