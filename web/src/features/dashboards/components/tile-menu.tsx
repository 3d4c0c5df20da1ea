import { Ellipsis } from 'lucide-react'

import { IconButton } from '@/ui/icon-button.tsx'
import { Menu } from '@/ui/menu.tsx'

import type { Move } from '../layout.ts'

const MOVES: readonly { move: Move; label: string }[] = [
  { move: 'left', label: 'Move left' },
  { move: 'right', label: 'Move right' },
  { move: 'up', label: 'Move up' },
  { move: 'down', label: 'Move down' },
  { move: 'wider', label: 'Wider' },
  { move: 'narrower', label: 'Narrower' },
  { move: 'taller', label: 'Taller' },
  { move: 'shorter', label: 'Shorter' },
]

/** Whatever can be done with a mouse can be done here by keyboard. */
export function TileMenu({
  title,
  onEdit,
  onMove,
  onRemove,
}: {
  title: string
  onEdit: () => void
  onMove: (move: Move) => void
  onRemove: () => void
}) {
  return (
    <Menu
      trigger={
        <IconButton label={`Tile ${title}: change`}>
          <Ellipsis size={16} />
        </IconButton>
      }
      items={[
        { label: 'Edit', onSelect: onEdit },
        ...MOVES.map(({ move, label }) => ({ label, onSelect: () => onMove(move) })),
        { label: 'Remove from the draft', danger: true, onSelect: onRemove },
      ]}
    />
  )
}
