import { ChevronDown, FileUp } from 'lucide-react'
import { useState } from 'react'

import { useDependencies } from '@/features/data-sources/api/get-dependencies.ts'
import type { DataSourceDetail } from '@/features/data-sources/api/get-data-source.ts'
import { DeleteRowsDialog } from '@/features/data-sources/components/delete-rows-dialog.tsx'
import { RemoveDialog } from '@/features/data-sources/components/remove-dialog.tsx'
import { TruncateDialog } from '@/features/data-sources/components/truncate-dialog.tsx'
import { lineageOf } from '@/features/data-sources/lineage.ts'
import { AppendDialog } from '@/features/imports/components/append-dialog.tsx'
import { useMay } from '@/lib/rights/use-may.ts'
import { Button } from '@/ui/button.tsx'
import { Menu } from '@/ui/menu.tsx'

type Changes = 'replace' | 'delete' | 'truncate' | 'remove'
type Open = 'append' | Changes

/** What can be done with the rows of a data source, and with the data source. */
export function DataSourceActions({
  source,
  onRemoved,
}: {
  source: DataSourceDetail
  onRemoved: () => void
}) {
  const [open, setOpen] = useState<Open | null>(null)
  const graph = useDependencies().data ?? { nodes: [], edges: [] }
  const { name } = source
  const may = useMay()
  const { upstream, downstream } = lineageOf(graph, name)
  const views = downstream.filter(({ type }) => type === 'datasource').map((each) => each.name)
  const pipes = [...upstream, ...downstream]
    .filter(({ type, distance }) => type === 'pipe' && distance === 1)
    .map((each) => each.name)
  const dialog = (which: Open) => ({ open: open === which, onClose: () => setOpen(null) })
  const seen = views.length === 0 ? '' : ` ${views.join(', ')} are made anew from the new rows.`
  return (
    <>
      {may({ append: name }) ? (
        <Button look="primary" onClick={() => setOpen('append')}>
          <FileUp size={14} aria-hidden />
          Append a file
        </Button>
      ) : null}
      <ChangeMenu name={name} onOpen={setOpen} />
      <AppendDialog name={name} mode="append" {...dialog('append')} loses="" />
      <AppendDialog
        name={name}
        mode="replace"
        {...dialog('replace')}
        loses={`The ${source.statistics.row_count} rows that are there now are removed for good.${seen}`}
      />
      <DeleteRowsDialog name={name} {...dialog('delete')} />
      <TruncateDialog source={source} views={views} {...dialog('truncate')} />
      <RemoveDialog source={source} pipes={pipes} {...dialog('remove')} onRemoved={onRemoved} />
    </>
  )
}

/** What the token may do besides appending; nothing where it may do nothing. */
function ChangeMenu({ name, onOpen }: { name: string; onOpen: (which: Changes) => void }) {
  const may = useMay()
  const items = [
    ...(may({ replace: name })
      ? [{ label: 'Replace the rows by a file', onSelect: () => onOpen('replace') }]
      : []),
    ...(may({ drop: name })
      ? [
          { label: 'Delete rows by a condition', onSelect: () => onOpen('delete') },
          { label: 'Truncate', danger: true, onSelect: () => onOpen('truncate') },
        ]
      : []),
    ...(may('change the workspace')
      ? [{ label: 'Delete the data source', danger: true, onSelect: () => onOpen('remove') }]
      : []),
  ]
  if (items.length === 0) return null
  return (
    <Menu
      trigger={
        <Button>
          Change
          <ChevronDown size={14} aria-hidden />
        </Button>
      }
      items={items}
    />
  )
}
