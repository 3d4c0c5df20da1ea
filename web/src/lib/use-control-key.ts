import { useEffect, useEffectEvent } from 'react'

/** Runs `work` on Ctrl or Cmd with the key, instead of what the browser does with it. Not while a dialog is open, nor when an editor took it. @param key in lower case. */
export function useControlKey(key: string, work: () => void): void {
  const act = useEffectEvent(work)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== key || !(event.ctrlKey || event.metaKey)) return
      if (event.defaultPrevented || document.querySelector('[role="dialog"]') !== null) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [key])
}
