import clsx from 'clsx'
import { Plus, X } from 'lucide-react'

import { IconButton } from '@/ui/icon-button.tsx'

import type { OpenTab } from '../open-tabs.ts'

/** The open queries; a dot stands at those with text that is not saved. */
export function QueryTabs(props: {
  tabs: readonly OpenTab[]
  shown: string
  onOpen: (id: string) => void
  onClose: (id: string) => void
  onNew: () => void
}) {
  const { tabs, shown, onOpen, onClose, onNew } = props
  return (
    <nav
      aria-label="Open queries"
      className="flex items-center gap-1 overflow-x-auto border-b border-line pb-1"
    >
      {tabs.map(({ id, name, unsaved }) => (
        <span
          key={id}
          className={clsx(
            'flex shrink-0 items-center rounded-md text-sm',
            id === shown ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-raised',
          )}
        >
          <button
            type="button"
            aria-current={id === shown ? 'page' : undefined}
            className="max-w-48 truncate py-1.5 pl-3"
            onClick={() => onOpen(id)}
          >
            {name}
            {unsaved === null ? '' : ' •'}
          </button>
          <IconButton label={`Close ${name}`} className="size-7" onClick={() => onClose(id)}>
            <X size={13} />
          </IconButton>
        </span>
      ))}
      <IconButton label="New query" onClick={onNew}>
        <Plus size={16} />
      </IconButton>
    </nav>
  )
}
