import { Outlet, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'

import { createApi } from '@/lib/api-client.ts'
import { ApiContext } from '@/lib/api-context.ts'
import { useSignedIn } from '@/lib/session.ts'

import { CommandPalette } from './command-palette.tsx'
import { Rail } from './rail.tsx'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'
import { TopBar } from './top-bar.tsx'
import { useShellKeys } from './use-shell-keys.ts'

/** The frame around every page of a place: rail, top bar, palette; and the client that its pages use. */
export function Shell() {
  const { place } = useParams({ from: '/w/$place' })
  const token = useSignedIn().find((each) => each.place === place)?.token ?? ''
  const api = useMemo(() => createApi(place, token), [place, token])
  const [railOpen, setRailOpen] = useState(false)
  const [opened, setOpened] = useState<'palette' | 'help' | null>(null)
  const close = (): void => setOpened(null)
  const help = (): void => setOpened('help')
  useShellKeys({ place, onPalette: () => setOpened('palette'), onHelp: help })
  return (
    <ApiContext value={api}>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-2"
      >
        Skip to content
      </a>
      <div className="flex h-full">
        <Rail place={place} open={railOpen} onClose={() => setRailOpen(false)} />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar
            place={place}
            onMenu={() => setRailOpen(true)}
            onPalette={() => setOpened('palette')}
            onHelp={help}
          />
          <main id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-auto outline-none">
            <Outlet key={place} />
          </main>
        </div>
      </div>
      <CommandPalette
        place={place}
        open={opened === 'palette'}
        onOpenChange={(open) => setOpened(open ? 'palette' : null)}
        onHelp={help}
      />
      <ShortcutsDialog open={opened === 'help'} onClose={close} />
    </ApiContext>
  )
}
