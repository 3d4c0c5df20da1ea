// Which places this browser may enter, with their tokens. Kept for the tab, or for the browser when asked to; never in an address.
import { useSyncExternalStore } from 'react'

export interface SignedIn {
  /** `workspace`, or `workspace@branch`: the first part of every address. */
  place: string
  token: string
  workspaceId: string
  /** Of the token that was typed in; places that it opened are left together with it. */
  remembered: boolean
}

const KEY = 'sandpiper.session'
const listeners = new Set<() => void>()
let current: readonly SignedIn[] = read()

export function signedIn(): readonly SignedIn[] {
  return current
}

export function tokenOf(place: string): string | undefined {
  return current.find((each) => each.place === place)?.token
}

/** Enters places, replacing what was known of each. */
export function enter(places: readonly SignedIn[]): void {
  const entered = new Set(places.map(({ place }) => place))
  write([...places, ...current.filter(({ place }) => !entered.has(place))])
}

export function leave(place: string): void {
  write(current.filter((each) => each.place !== place))
}

export function leaveAll(): void {
  write([])
}

export function useSignedIn(): readonly SignedIn[] {
  return useSyncExternalStore(subscribe, signedIn)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function write(next: readonly SignedIn[]): void {
  current = next
  localStorage.setItem(KEY, JSON.stringify(next.filter(({ remembered }) => remembered)))
  sessionStorage.setItem(KEY, JSON.stringify(next.filter(({ remembered }) => !remembered)))
  for (const listener of listeners) listener()
}

function read(): readonly SignedIn[] {
  return [...readFrom(sessionStorage), ...readFrom(localStorage)]
}

function readFrom(storage: Storage): readonly SignedIn[] {
  try {
    return JSON.parse(storage.getItem(KEY) ?? '[]') as SignedIn[]
  } catch {
    return []
  }
}

// Another tab signed in or out.
addEventListener('storage', (event) => {
  if (event.key !== KEY) return
  current = read()
  for (const listener of listeners) listener()
})
