import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

const KEY = 'sandpiper.theme'
const listeners = new Set<() => void>()
const system = matchMedia('(prefers-color-scheme: dark)')

/** What was chosen, or what the system prefers. */
function theme(): Theme {
  const chosen = localStorage.getItem(KEY)
  if (chosen === 'light' || chosen === 'dark') return chosen
  return system.matches ? 'dark' : 'light'
}

export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(KEY, chosen)
  applyTheme()
}

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = theme()
  for (const listener of listeners) listener()
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, theme)
}

system.addEventListener('change', applyTheme)
