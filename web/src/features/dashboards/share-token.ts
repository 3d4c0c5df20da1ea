// The JWT of a link, for as long as the tab is open: it is in no address, and no other tab has it.

const key = (dashboard: string): string => `sandpiper.shared.${dashboard}`

export function keepShareToken(dashboard: string, token: string): void {
  sessionStorage.setItem(key(dashboard), token)
}

export function shareToken(dashboard: string): string | null {
  return sessionStorage.getItem(key(dashboard))
}
