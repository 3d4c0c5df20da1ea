import { useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown, Keyboard, LogOut, MenuIcon, Moon, Search, Sun } from 'lucide-react'

import { useSignedIn } from '@/lib/session.ts'
import { chooseTheme, useTheme } from '@/lib/theme.ts'
import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { IconButton } from '@/ui/icon-button.tsx'
import { Menu } from '@/ui/menu.tsx'

export function TopBar({
  place,
  onMenu,
  onPalette,
  onHelp,
}: {
  place: string
  onMenu: () => void
  onPalette: () => void
  onHelp: () => void
}) {
  const navigate = useNavigate()
  const current = useTheme()
  const signOut = (): void => void navigate({ to: '/sign-in', state: { signsOut: true } })
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-3">
      <IconButton label="Open the menu" className="md:hidden" onClick={onMenu}>
        <MenuIcon size={18} />
      </IconButton>
      <PlaceSwitcher place={place} />
      <div className="flex-1" />
      <Button onClick={onPalette} aria-keyshortcuts="Control+K Meta+K">
        <Search size={14} aria-hidden />
        <span className="sr-only sm:not-sr-only">Search or run</span>
        <kbd className="hidden rounded bg-raised px-1 text-xs text-muted sm:inline">Ctrl K</kbd>
      </Button>
      <IconButton
        label={current === 'dark' ? 'Light colours' : 'Dark colours'}
        onClick={() => chooseTheme(current === 'dark' ? 'light' : 'dark')}
      >
        {current === 'dark' ? <Sun size={16} /> : <Moon size={16} />}
      </IconButton>
      <IconButton label="Keyboard shortcuts" className="hidden sm:inline-flex" onClick={onHelp}>
        <Keyboard size={16} />
      </IconButton>
      <IconButton label="Sign out" onClick={signOut}>
        <LogOut size={16} />
      </IconButton>
    </header>
  )
}

function PlaceSwitcher({ place }: { place: string }) {
  const navigate = useNavigate()
  const places = useSignedIn()
  const [workspace, branch] = place.split('@')
  return (
    <Menu
      align="start"
      trigger={
        <Button look="quiet" aria-label={`Workspace ${place}: switch`}>
          <span className="max-w-40 truncate">{workspace}</span>
          {branch === undefined ? null : <Badge tone="accent">{branch}</Badge>}
          <ChevronsUpDown size={14} aria-hidden className="text-muted" />
        </Button>
      }
      items={[
        ...[...places]
          .sort((a, b) => a.place.localeCompare(b.place))
          .map((each) => ({
            label: each.place,
            onSelect: () => void navigate({ to: '/w/$place', params: { place: each.place } }),
          })),
        { label: 'Sign in to another…', onSelect: () => void navigate({ to: '/sign-in' }) },
      ]}
    />
  )
}
