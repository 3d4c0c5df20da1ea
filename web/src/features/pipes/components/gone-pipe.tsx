import type { OpenDraft } from '@/lib/drafts/use-draft.ts'
import { Button } from '@/ui/button.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { Empty } from '@/ui/states.tsx'

import type { PipeSearch } from '../pipe-search.ts'
import { PipeHistory } from './pipe-history.tsx'

export interface GonePipeProps {
  name: string
  draft: OpenDraft
  live: string | null
  search: PipeSearch
  onSearch: (search: PipeSearch) => void
  onTake: (content: string) => void
}

/** A name that has no text: never made, removed, or about to be removed. What it was may still be there. */
export function GonePipe({ draft, ...props }: GonePipeProps) {
  const { name, search, onSearch } = props
  if (draft.draft !== null)
    return (
      <Empty title={`${name} is to be removed`}>
        <p className="mb-3">It is still live, and goes when you publish.</p>
        <Button onClick={() => void draft.saver.discard()}>Keep it</Button>
      </Empty>
    )
  return (
    <>
      <Empty title={`There is no pipe ${name}`}>
        <p className="mb-3">
          It may have been removed, or made in another workspace or branch. See{' '}
          <PlaceLink to="pipes">all pipes</PlaceLink>.
        </p>
        {search.tab === 'history' ? null : (
          <Button onClick={() => onSearch({ ...search, tab: 'history' })}>See what it was</Button>
        )}
      </Empty>
      {search.tab === 'history' ? <PipeHistory {...props} text={null} /> : null}
    </>
  )
}
