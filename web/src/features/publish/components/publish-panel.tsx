import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { Progress } from '@/ui/progress.tsx'
import { Empty, ErrorBox, Loading } from '@/ui/states.tsx'

import { usePlan, usePublish } from '../api/deploy-changes.ts'
import { useChanges } from '../api/get-changes.ts'
import { type FileChange, removedBy } from '../changes.ts'
import { ChangeCard } from './change-card.tsx'
import { ConfirmLosses } from './confirm-losses.tsx'
import { PlanView } from './plan-view.tsx'

export interface PublishPanelProps {
  /** Files that are left out; the others are published. */
  left: readonly string[]
  onLeft: (left: readonly string[]) => void
}

/** Drafts beside what is live, what the server would do with them, and the button. */
export function PublishPanel({ left, onLeft }: PublishPanelProps) {
  const { changes, error, retry } = useChanges()
  const publish = usePublish()
  if (publish.isSuccess && publish.data.result !== 'failed') return <Published />
  if (error !== null) return <ErrorBox error={error} onRetry={retry} />
  if (changes === undefined) return <Loading />
  if (changes.length === 0)
    return (
      <Empty title="Nothing to publish">
        You have no drafts. Edits in <PlaceLink to="pipes">pipes</PlaceLink> become drafts as you
        type.
      </Empty>
    )
  const chosen = changes.filter(({ file }) => !left.includes(file))
  return (
    <div className="flex flex-col gap-4">
      <PublishBar chosen={chosen} publish={publish} />
      {changes.map((change) => (
        <ChangeCard
          key={change.file}
          change={change}
          isChosen={!left.includes(change.file)}
          onChoose={(isChosen) =>
            onLeft(isChosen ? left.filter((file) => file !== change.file) : [...left, change.file])
          }
        />
      ))}
    </div>
  )
}

function PublishBar({
  chosen,
  publish,
}: {
  chosen: readonly FileChange[]
  publish: ReturnType<typeof usePublish>
}) {
  const plan = usePlan(chosen)
  const [confirming, setConfirming] = useState(false)
  const losses = plan.data?.losses ?? []
  const isGood = plan.data !== undefined && plan.data.answer.result !== 'failed' && !plan.isFetching
  const start = (mayLose: boolean): void => {
    setConfirming(false)
    publish.mutate({ changes: chosen, mayLose })
  }
  return (
    <section aria-label="The plan" className="flex flex-col gap-3">
      <PlanView plan={plan} files={chosen.length} />
      {publish.data?.result === 'failed' ? (
        <ErrorBox error={new Error(publish.data.error ?? 'The deployment failed.')} />
      ) : null}
      {publish.isError ? <ErrorBox error={publish.error} /> : null}
      {publish.isPending ? (
        <Progress label="Publishing: tables are made and filled, then all goes live" ratio={null} />
      ) : null}
      <div>
        <Button
          look="primary"
          busy={publish.isPending}
          disabled={!isGood}
          onClick={() => (losses.length > 0 ? setConfirming(true) : start(false))}
        >
          {publish.isPending ? 'Publishing' : `Publish ${filesWord(chosen.length)}`}
        </Button>
      </div>
      {confirming ? (
        <ConfirmLosses
          name={removedBy(plan.data?.answer.deployment)[0] ?? chosen[0]?.file ?? ''}
          losses={losses}
          onClose={() => setConfirming(false)}
          onConfirm={() => start(true)}
        />
      ) : null}
    </section>
  )
}

function Published() {
  return (
    <Empty title="Published">
      It is live now. See it in <PlaceLink to="deployments">deployments</PlaceLink>, or go back to{' '}
      <PlaceLink to="pipes">pipes</PlaceLink>.
    </Empty>
  )
}

function filesWord(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
