import { Minimize } from 'lucide-react'
import { type ReactNode, useEffect, useEffectEvent } from 'react'

import { IconButton } from '@/ui/icon-button.tsx'

/** Over everything else; Escape leaves it. */
export function FullScreen({
  title,
  bar,
  onLeave,
  children,
}: {
  title: string
  bar: ReactNode
  onLeave: () => void
  children: ReactNode
}) {
  const leave = useEffectEvent(onLeave)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') leave()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <div className="fixed inset-0 z-30 overflow-auto bg-canvas p-4">
      <header className="mb-4 flex flex-wrap items-end gap-3">
        <h1 className="min-w-40 flex-1 truncate text-2xl font-semibold">{title}</h1>
        {bar}
        <IconButton label="Leave full screen" onClick={onLeave}>
          <Minimize size={18} />
        </IconButton>
      </header>
      {children}
    </div>
  )
}
