import type { DashboardDocument } from '@sandpiper/contracts'
import { Ellipsis, Maximize, RefreshCw } from 'lucide-react'
import { useState } from 'react'

import { download } from '@/lib/download.ts'
import { useMay } from '@/lib/rights/use-may.ts'
import { Button } from '@/ui/button.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { IconButton } from '@/ui/icon-button.tsx'
import { Menu } from '@/ui/menu.tsx'

import { useRemoveDashboard } from '../api/remove-dashboard.ts'
import { ShareDialog } from './share-dialog.tsx'

export interface DashboardActionsProps {
  document: DashboardDocument
  onEdit: () => void
  onFull: () => void
  onRefresh: () => void
  onRemoved: () => void
}

export function DashboardActions(props: DashboardActionsProps) {
  const { document, onEdit, onFull, onRefresh, onRemoved } = props
  const { content, id } = document
  const [opened, setOpened] = useState<'share' | 'remove' | null>(null)
  const mayChange = useMay()('change the workspace')
  const remove = useRemoveDashboard(id)
  const close = (): void => setOpened(null)
  const save = (): void =>
    download(`${fileName(content.name)}.dashboard.json`, `${JSON.stringify(content, null, 2)}\n`)
  return (
    <>
      <IconButton label="Refresh" onClick={onRefresh}>
        <RefreshCw size={16} />
      </IconButton>
      <IconButton label="Full screen" onClick={onFull}>
        <Maximize size={16} />
      </IconButton>
      {mayChange ? (
        <>
          <Button onClick={() => setOpened('share')}>Share</Button>
          <Button look="primary" onClick={onEdit}>
            Edit
          </Button>
        </>
      ) : null}
      <Menu
        trigger={
          <IconButton label="More">
            <Ellipsis size={16} />
          </IconButton>
        }
        items={[
          { label: 'Export as a file', onSelect: save },
          ...(mayChange
            ? [{ label: 'Delete', danger: true, onSelect: () => setOpened('remove') }]
            : []),
        ]}
      />
      {opened === 'share' ? <ShareDialog document={document} onClose={close} /> : null}
      <ConfirmByName
        open={opened === 'remove'}
        onClose={close}
        title="Delete the dashboard"
        name={content.name}
        loses={`Its ${content.tiles.length} tiles are lost, and every link to it ends: what it read, it reads no more. Endpoints and data stay. Export it as a file to keep it.`}
        action="Delete"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined, { onSuccess: onRemoved })}
      />
    </>
  )
}

function fileName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 80)
}
