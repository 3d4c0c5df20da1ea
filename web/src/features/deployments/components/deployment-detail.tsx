import type { DeploymentBody } from '@sandpiper/contracts'
import clsx from 'clsx'
import { Check, Circle, CircleDot, X } from 'lucide-react'

import { formatAgo } from '@/lib/format.ts'
import { Badge, type Tone } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'

import { isMoving, type Step, stepsOf } from '../api/deployment-state.ts'
import { ChangeList } from './change-list.tsx'

export function DeploymentDetail({ deployment }: { deployment: DeploymentBody }) {
  return (
    <div className="grid gap-3 lg:grid-cols-[20rem_1fr]">
      <Card title="Steps">
        <Steps deployment={deployment} />
      </Card>
      <div className="flex min-w-0 flex-col gap-3">
        <Remarks deployment={deployment} />
        <Card title="Changes">
          <ChangeList deployment={deployment} />
        </Card>
      </div>
    </div>
  )
}

function Steps({ deployment }: { deployment: DeploymentBody }) {
  const { created_at, updated_at } = deployment
  return (
    <>
      <ol className="flex flex-col gap-2 text-sm" aria-busy={isMoving(deployment)}>
        {stepsOf(deployment).map(({ label, state }) => (
          <li key={label} className="flex items-center gap-2">
            <StepIcon state={state} />
            <span className={clsx(state === 'ahead' && 'text-muted')}>{label}</span>
          </li>
        ))}
      </ol>
      <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-xs">
        <dt className="text-muted">Made</dt>
        <dd title={created_at}>{formatAgo(created_at)}</dd>
        <dt className="text-muted">Changed</dt>
        <dd title={updated_at}>{formatAgo(updated_at)}</dd>
      </dl>
    </>
  )
}

const ICONS = {
  done: [Check, 'text-good', 'done'],
  now: [CircleDot, 'animate-pulse text-accent', 'now'],
  ahead: [Circle, 'text-muted', 'not yet'],
  failed: [X, 'text-bad', 'failed'],
} as const

function StepIcon({ state }: { state: Step['state'] }) {
  const [Icon, look, word] = ICONS[state]
  return (
    <>
      <Icon size={15} className={look} aria-hidden />
      <span className="sr-only">{word}:</span>
    </>
  )
}

const LEVELS: Record<string, Tone> = { ERROR: 'bad', WARNING: 'warn', INFO: 'plain' }

/** What the server had to say, errors first. */
function Remarks({ deployment: { feedback } }: { deployment: DeploymentBody }) {
  if (feedback.length === 0) return null
  const order = Object.keys(LEVELS)
  const sorted = feedback.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
  return (
    <Card title="What the server says">
      <ul className="flex flex-col gap-2 text-sm">
        {sorted.map(({ level, resource, message }, at) => (
          <li key={at} className="flex items-start gap-2">
            <Badge tone={LEVELS[level] ?? 'plain'}>{level.toLowerCase()}</Badge>
            <span className="min-w-0 break-words whitespace-pre-wrap">
              {resource === null ? null : <span className="font-medium">{resource}: </span>}
              {message}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
