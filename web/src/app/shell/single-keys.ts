// Keys without Ctrl, for who wants them: they disturb people who speak to their computer, so they can be turned off (WCAG 2.1.4).
import { useSyncExternalStore } from 'react'

const KEY = 'sandpiper.single-keys'
const listeners = new Set<() => void>()

export function hasSingleKeys(): boolean {
  return localStorage.getItem(KEY) !== 'off'
}

export function chooseSingleKeys(on: boolean): void {
  localStorage.setItem(KEY, on ? 'on' : 'off')
  for (const listener of listeners) listener()
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, hasSingleKeys)
}
