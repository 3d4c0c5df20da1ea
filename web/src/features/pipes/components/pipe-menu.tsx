import { EllipsisVertical } from 'lucide-react'
import { useState } from 'react'

import type { OpenDraft } from '@/lib/drafts/use-draft.ts'
import { download } from '@/lib/download.ts'
import { useMay } from '@/lib/rights/use-may.ts'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { IconButton } from '@/ui/icon-button.tsx'
import { Menu, type MenuItem } from '@/ui/menu.tsx'

/** What can be done with the file as a whole. */
export function PipeMenu({
  name,
  draft,
  live,
}: {
  name: string
  draft: OpenDraft
  live: string | null
}) {
  const [asked, setAsked] = useState<'discard' | 'remove' | null>(null)
  const { text, saver } = draft
  const mayChange = useMay()('change the workspace')
  const items: MenuItem[] = [
    ...(text === null
      ? []
      : [{ label: 'Download the file', onSelect: () => download(`${name}.pipe`, text) }]),
    ...(draft.draft === null || !mayChange
      ? []
      : [{ label: 'Discard the draft…', danger: true, onSelect: () => setAsked('discard') }]),
    ...(live === null || text === null || !mayChange
      ? []
      : [{ label: 'Remove the pipe…', danger: true, onSelect: () => setAsked('remove') }]),
  ]
  if (items.length === 0) return null
  return (
    <>
      <Menu
        trigger={
          <IconButton label="More for the pipe">
            <EllipsisVertical size={16} />
          </IconButton>
        }
        items={items}
      />
      <ConfirmByName
        open={asked === 'discard'}
        title="Discard the draft"
        name={name}
        action="Discard"
        loses={
          live === null
            ? 'The pipe was never published: all of it is lost.'
            : 'All edits since it was published are lost. What is live stays.'
        }
        onClose={() => setAsked(null)}
        onConfirm={() => {
          setAsked(null)
          void saver.discard()
        }}
      />
      <ConfirmByName
        open={asked === 'remove'}
        title="Remove the pipe"
        name={name}
        action="Remove with the next publication"
        loses="Its endpoint stops answering once you publish. Until then nothing changes, and you can take it back."
        onClose={() => setAsked(null)}
        onConfirm={() => {
          setAsked(null)
          saver.edit(null, live)
        }}
      />
    </>
  )
}
