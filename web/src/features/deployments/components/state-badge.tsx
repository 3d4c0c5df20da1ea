import type { DeploymentBody } from '@sandpiper/contracts'

import { Badge } from '@/ui/badge.tsx'

import { stateOf } from '../api/deployment-state.ts'

export function StateBadge({ deployment }: { deployment: DeploymentBody }) {
  const { word, tone } = stateOf(deployment)
  return <Badge tone={tone}>{word}</Badge>
}
