import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { type ReactNode, useEffect } from 'react'

import { useResources } from '@/lib/catalog/get-resources.ts'
import { createApi } from '@/lib/api-client.ts'
import { tokenOf } from '@/lib/session.ts'
import { chooseTheme } from '@/lib/theme.ts'

import { AREAS } from './areas.ts'
import { addressOf } from './rail.tsx'

interface PaletteProps {
  place: string
  open: boolean
  onOpenChange: (open: boolean) => void
}

/** Ctrl-K: to any area, data source, pipe or dashboard. */
export function CommandPalette({ place, open, onOpenChange }: PaletteProps) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      onOpenChange(true)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [onOpenChange])
  return (
    <Command.Dialog
      open={open}
      onOpenChange={onOpenChange}
      label="Search or run"
      overlayClassName="fixed inset-0 z-40 bg-black/40"
      contentClassName="fixed top-[14vh] left-1/2 z-50 w-[min(36rem,94vw)] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-surface shadow-xl"
    >
      {open ? <PaletteItems place={place} onDone={() => onOpenChange(false)} /> : null}
    </Command.Dialog>
  )
}

function PaletteItems({ place, onDone }: { place: string; onDone: () => void }) {
  const navigate = useNavigate()
  const resources = useResources(createApi(place, tokenOf(place) ?? ''))
  const go = (path: string): void => {
    onDone()
    void navigate({ to: addressOf(place, path) })
  }
  const theme = (chosen: 'light' | 'dark'): void => {
    chooseTheme(chosen)
    onDone()
  }
  return (
    <>
      <Command.Input
        placeholder="Where to?"
        className="w-full border-b border-line bg-transparent px-4 py-3 text-sm outline-none"
      />
      <Command.List className="max-h-[50vh] overflow-auto p-1">
        <Command.Empty className="p-4 text-sm text-muted">Nothing has that name.</Command.Empty>
        <PaletteGroup heading="Go to">
          {AREAS.map(({ path, label }) => (
            <PaletteItem key={path} text={label} onSelect={() => go(path)} />
          ))}
        </PaletteGroup>
        <PaletteGroup heading="Resources">
          {(resources.data ?? []).map(({ kind, name, path }) => (
            <PaletteItem key={path} text={`${kind} ${name}`} onSelect={() => go(path)} />
          ))}
        </PaletteGroup>
        <PaletteGroup heading="Look">
          <PaletteItem text="Dark colours" onSelect={() => theme('dark')} />
          <PaletteItem text="Light colours" onSelect={() => theme('light')} />
        </PaletteGroup>
      </Command.List>
    </>
  )
}

function PaletteGroup({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  )
}

function PaletteItem({ text, onSelect }: { text: string; onSelect: () => void }) {
  return (
    <Command.Item
      value={text}
      onSelect={onSelect}
      className="cursor-default rounded px-2 py-1.5 text-sm data-[selected=true]:bg-raised"
    >
      {text}
    </Command.Item>
  )
}
