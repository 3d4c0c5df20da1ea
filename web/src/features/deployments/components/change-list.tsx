import type { DeploymentBody } from '@sandpiper/contracts'

import { Badge, type Tone } from '@/ui/badge.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

import { type Change, changesOf } from './changes.ts'

const TONES: Record<Change['what'], Tone> = { new: 'good', changed: 'warn', removed: 'bad' }

/** Each resource that a deployment makes, changes or removes; those of the live one lead to their pages. */
export function ChangeList({ deployment }: { deployment: DeploymentBody }) {
  const changes = changesOf(deployment)
  if (changes.length === 0) return <p className="text-sm text-muted">It changes no resource.</p>
  return (
    <ul className="flex flex-col gap-1.5 text-sm" aria-label="Changed resources">
      {changes.map((change) => (
        <li key={`${change.kind} ${change.name}`} className="flex items-center gap-2">
          <Badge tone={TONES[change.what]}>{change.what}</Badge>
          <span className="text-muted">{change.kind}</span>
          <ChangeName change={change} hasPage={deployment.live} />
        </li>
      ))}
    </ul>
  )
}

function ChangeName({
  change: { kind, what, name },
  hasPage,
}: {
  change: Change
  hasPage: boolean
}) {
  if (!hasPage || what === 'removed' || kind === 'Connection')
    return <span className="truncate font-mono text-xs">{name}</span>
  const area = kind === 'Pipe' ? 'pipes' : 'data-sources'
  return <PlaceLink to={`${area}/${encodeURIComponent(name)}`}>{name}</PlaceLink>
}
