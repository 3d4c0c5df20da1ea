import { useState } from 'react'

import { Badge, type Tone } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { DiffView } from '@/ui/editor/diff-view.tsx'
import { CheckField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

import { type FileChange, kindOfChange } from '../changes.ts'

const KINDS: Readonly<Record<ReturnType<typeof kindOfChange>, { label: string; tone: Tone }>> = {
  new: { label: 'new', tone: 'good' },
  changed: { label: 'changed', tone: 'accent' },
  removed: { label: 'to be removed', tone: 'bad' },
  same: { label: 'as published', tone: 'plain' },
}

/** One draft beside the live file. */
export function ChangeCard({
  change,
  isChosen,
  onChoose,
}: {
  change: FileChange
  isChosen: boolean
  onChoose: (isChosen: boolean) => void
}) {
  const { file, live, draft, isBehind } = change
  const [open, setOpen] = useState(true)
  const kind = KINDS[kindOfChange(change)]
  const pipe = file.endsWith('.pipe') ? file.slice(0, -'.pipe'.length) : null
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          <span className="truncate font-mono">{file}</span>
          <Badge tone={kind.tone}>{kind.label}</Badge>
          {isBehind ? <Badge tone="warn">published anew since it was drafted</Badge> : null}
        </span>
      }
      actions={
        <>
          {pipe === null ? null : (
            <PlaceLink to={`pipes/${encodeURIComponent(pipe)}`} className="text-sm text-accent">
              Edit
            </PlaceLink>
          )}
          <Button look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide' : 'Show'} {file}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <CheckField
          label={`Publish ${file}`}
          checked={isChosen}
          onChange={({ target }) => onChoose(target.checked)}
        />
        {open ? (
          <DiffView
            label={`From the live ${file} to the draft`}
            before={live ?? ''}
            after={draft ?? ''}
            sideBySide
          />
        ) : null}
      </div>
    </Card>
  )
}
