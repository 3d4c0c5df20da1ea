import { type ReactNode, useState } from 'react'

import type { OpenDraft } from '@/lib/drafts/use-draft.ts'
import { Badge, type Tone } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { DiffView } from '@/ui/editor/diff-view.tsx'
import { ErrorBox, messageOf } from '@/ui/states.tsx'

const WORDS: Readonly<Record<OpenDraft['status'], { label: string; tone: Tone }>> = {
  none: { label: 'As published', tone: 'plain' },
  saving: { label: 'Saving the draft', tone: 'warn' },
  saved: { label: 'Draft saved', tone: 'accent' },
  failed: { label: 'Draft not saved', tone: 'bad' },
  taken: { label: 'Changed in another tab', tone: 'bad' },
}

export function DraftBadge({ draft }: { draft: OpenDraft }) {
  const { label, tone } = WORDS[draft.status]
  return (
    <span role="status">
      <Badge tone={tone}>{label}</Badge>
    </span>
  )
}

/** What stands in the way of a draft, and the choices there are. Nothing when all is well. */
export function DraftProblems({ draft, live }: { draft: OpenDraft; live: string | null }) {
  const { saver, status, error, text, isBehind } = draft
  if (status === 'failed')
    return (
      <ErrorBox
        error={error}
        onRetry={() => saver.overwrite()}
        next="Your text is kept here until it is saved."
      />
    )
  if (status === 'taken')
    return (
      <Choice said={messageOf(error)}>
        <Button onClick={() => saver.overwrite()}>Save mine over it</Button>
        <Button onClick={() => saver.giveWay()}>Show the other one</Button>
      </Choice>
    )
  if (isBehind) return <Behind draft={draft} live={live} text={text} />
  return null
}

function Behind({
  draft,
  live,
  text,
}: {
  draft: OpenDraft
  live: string | null
  text: string | null
}) {
  const [shown, setShown] = useState(false)
  const said =
    live === null
      ? 'The published pipe was removed after you began this draft.'
      : 'Somebody published another version after you began this draft. Publishing yours would take theirs back.'
  return (
    <Choice said={said}>
      <Button onClick={() => setShown(true)}>See the difference</Button>
      <Button onClick={() => draft.saver.rebase(live)}>Keep my draft</Button>
      <Button onClick={() => void draft.saver.discard()}>Take the published one</Button>
      {shown ? (
        <Dialog open size="wide" title="Published, and your draft" onClose={() => setShown(false)}>
          <DiffView
            label="From the published file to your draft"
            before={live ?? ''}
            after={text ?? ''}
          />
        </Dialog>
      ) : null}
    </Choice>
  )
}

function Choice({ said, children }: { said: string; children: ReactNode }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn"
    >
      <p className="min-w-0 flex-1">{said}</p>
      {children}
    </div>
  )
}
