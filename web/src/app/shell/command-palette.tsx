import { useRouter } from '@tanstack/react-router'
import { Command, useCommandState } from 'cmdk'
import type { ReactNode } from 'react'

import { useApi } from '@/lib/api-context.ts'
import { useResources } from '@/lib/catalog/get-resources.ts'
import type { Act } from '@/lib/rights/rights.ts'
import { useMay } from '@/lib/rights/use-may.ts'
import { useSignedIn } from '@/lib/session.ts'
import { chooseTheme } from '@/lib/theme.ts'

import { AREAS } from './areas.ts'
import { addressOf } from './rail.tsx'

interface PaletteProps {
  place: string
  open: boolean
  onOpenChange: (open: boolean) => void
  onHelp: () => void
}

/** Ctrl-K: to anything that has a name, and what is begun from anywhere. */
export function CommandPalette({ place, open, onOpenChange, onHelp }: PaletteProps) {
  return (
    <Command.Dialog
      open={open}
      onOpenChange={onOpenChange}
      label="Search or run"
      overlayClassName="fixed inset-0 z-40 bg-black/40"
      contentClassName="fixed top-[14vh] left-1/2 z-50 w-[min(36rem,94vw)] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-surface shadow-xl"
    >
      {open ? (
        <PaletteItems place={place} onHelp={onHelp} onDone={() => onOpenChange(false)} />
      ) : null}
    </Command.Dialog>
  )
}

/** What is begun from anywhere: each stands in an address of its own. */
const BEGUN = [
  {
    label: 'New data source from a file',
    path: 'data-sources/-/new',
    act: 'create data sources',
  },
  {
    label: 'New data source from an event',
    path: 'data-sources/-/new?from=event',
    act: 'create data sources',
  },
  { label: 'New pipe', path: 'pipes?create=true', act: 'change the workspace' },
  { label: 'New dashboard', path: 'dashboards?create=true', act: 'change the workspace' },
  { label: 'New token', path: 'tokens?create=true', act: 'manage tokens' },
  { label: 'Publish drafts', path: 'publish', act: 'change the workspace' },
] as const satisfies readonly { label: string; path: string; act: Act }[]

function PaletteItems(props: { place: string; onHelp: () => void; onDone: () => void }) {
  const { place, onHelp, onDone } = props
  const { history } = useRouter()
  const may = useMay()
  const resources = useResources(useApi())
  const others = useSignedIn().filter((each) => each.place !== place)
  const to = (address: string): void => {
    onDone()
    history.push(address)
  }
  const go = (path: string): void => to(addressOf(place, path))
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
        <NothingFound />
        <PaletteGroup heading="Go to">
          {AREAS.map(({ path, label }) => (
            <PaletteItem key={path} text={label} onSelect={() => go(path)} />
          ))}
        </PaletteGroup>
        <PaletteGroup heading="Resources">
          {resources.map(({ kind, name, path }) => (
            <PaletteItem key={path} id={path} text={`${kind} ${name}`} onSelect={() => go(path)} />
          ))}
        </PaletteGroup>
        <PaletteGroup heading="Begin">
          <PaletteItem text="New query" onSelect={() => go('playground')} />
          {BEGUN.filter(({ act }) => may(act)).map(({ label, path }) => (
            <PaletteItem key={path} text={label} onSelect={() => go(path)} />
          ))}
        </PaletteGroup>
        <PaletteGroup heading="Workspaces and branches">
          {others.map((each) => (
            <PaletteItem
              key={each.place}
              text={`Switch to ${each.place}`}
              onSelect={() => to(addressOf(each.place, ''))}
            />
          ))}
          <PaletteItem text="Sign in to another" onSelect={() => to('/sign-in')} />
        </PaletteGroup>
        <PaletteGroup heading="Look">
          <PaletteItem text="Keyboard shortcuts" onSelect={onHelp} />
          <PaletteItem text="Dark colours" onSelect={() => theme('dark')} />
          <PaletteItem text="Light colours" onSelect={() => theme('light')} />
        </PaletteGroup>
      </Command.List>
    </>
  )
}

/** An option, since a list of options must not be without any. */
function NothingFound() {
  const isEmpty = useCommandState(({ filtered }) => filtered.count === 0)
  if (!isEmpty) return null
  return (
    <Command.Item forceMount disabled value="nothing" className="p-4 text-sm text-muted">
      Nothing has that name.
    </Command.Item>
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

/** @param id tells apart what is called the same. */
function PaletteItem(props: { text: string; id?: string; onSelect: () => void }) {
  const { text, id, onSelect } = props
  return (
    <Command.Item
      value={id === undefined ? text : `${text} ${id}`}
      onSelect={onSelect}
      className="cursor-default rounded px-2 py-1.5 text-sm data-[selected=true]:bg-raised"
    >
      {text}
    </Command.Item>
  )
}
