import type { ScopeBody } from '@sandpiper/contracts'

import { Badge } from '@/ui/badge.tsx'

const SHOWN_MAX = 4

/** What a token may, shortly; with its own limits. */
export function ScopeBadges({
  scopes,
  limits,
}: {
  scopes: readonly ScopeBody[]
  limits: Readonly<Record<string, number>>
}) {
  const more = scopes.length - SHOWN_MAX
  return (
    <span className="flex flex-wrap gap-1">
      {scopes.slice(0, SHOWN_MAX).map((scope) => (
        <Badge
          key={textOf(scope)}
          tone={['ADMIN', 'ADMIN_USER'].includes(scope.type) ? 'warn' : 'plain'}
        >
          {textOf(scope)}
        </Badge>
      ))}
      {more > 0 ? <span className="text-xs text-muted">and {more} more</span> : null}
      {Object.entries(limits).map(([name, value]) => (
        <Badge key={name} tone="accent">
          {name} {value}
        </Badge>
      ))}
    </span>
  )
}

function textOf({ type, resource, filter }: ScopeBody): string {
  return [type, resource, filter].filter((part) => part !== undefined).join(':')
}
