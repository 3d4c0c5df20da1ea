import { useRouter } from '@tanstack/react-router'
import { useEffect, useEffectEvent } from 'react'

import { AREAS } from './areas.ts'
import { addressOf } from './rail.tsx'
import { hasSingleKeys } from './single-keys.ts'

/** Between `g` and the letter of an area. */
const SECOND_KEY_MS = 1500

interface ShellKeys {
  place: string
  onPalette: () => void
  onHelp: () => void
}

/** Keys that work on every page. Those without Ctrl only where nobody writes, and while no dialog is open. */
export function useShellKeys({ place, onPalette, onHelp }: ShellKeys): void {
  const { history } = useRouter()
  const single = useEffectEvent((key: string, isSecond: boolean): boolean => {
    const area = isSecond ? AREAS.find((each) => each.key === key) : undefined
    if (area !== undefined) history.push(addressOf(place, area.path))
    else if (key === '?') onHelp()
    else if (key === '/') return focusSearch()
    else return false
    return true
  })
  const palette = useEffectEvent(onPalette)
  useEffect(() => {
    let leadUntil = 0
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        palette()
        return
      }
      if (!hasSingleKeys() || isTaken(event)) return
      const isSecond = event.timeStamp < leadUntil
      leadUntil = event.key === 'g' ? event.timeStamp + SECOND_KEY_MS : 0
      if (single(event.key, isSecond)) event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

const WRITTEN_IN = 'input, textarea, select, [contenteditable="true"], [role="menu"]'

/** Whether the key is meant for something else: a text, a menu, a dialog, the browser. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true
  if (event.target instanceof Element && event.target.closest(WRITTEN_IN) !== null) return true
  return document.querySelector('[role="dialog"]') !== null
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"]')
  field?.focus()
  return field !== null
}
