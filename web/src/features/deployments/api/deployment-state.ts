// What a deployment is to its users, and what may be done with it: the rules of the server, so that no button leads to a refusal.
import type { DeploymentBody } from '@sandpiper/contracts'

import type { Tone } from '@/ui/badge.tsx'

export interface DeploymentState {
  word: string
  tone: Tone
}

export function stateOf({ live, status }: DeploymentBody): DeploymentState {
  if (live) return { word: 'Live', tone: 'good' }
  if (status === 'data_ready') return { word: 'Staged', tone: 'accent' }
  if (status === 'failed') return { word: 'Failed', tone: 'bad' }
  if (status === 'deleted') return { word: 'Removed', tone: 'plain' }
  if (status === 'deleting') return { word: 'Being removed', tone: 'plain' }
  return { word: 'Being made', tone: 'warn' }
}

/** Whether it can become the live one: it is ready, and not older than what is live. */
export function canPromote(deployment: DeploymentBody, all: readonly DeploymentBody[]): boolean {
  return deployment.status === 'data_ready' && !deployment.live && !isPast(deployment, all)
}

export function canDiscard(deployment: DeploymentBody, all: readonly DeploymentBody[]): boolean {
  const ended = ['data_ready', 'failed'].includes(deployment.status)
  return ended && !deployment.live && !isPast(deployment, all)
}

/** Whether the server is at work on it, so that asking again soon tells more. */
export function isMoving({ status }: DeploymentBody): boolean {
  return ['calculating', 'creating_schema', 'schema_ready', 'deleting'].includes(status)
}

function isPast({ id }: DeploymentBody, all: readonly DeploymentBody[]): boolean {
  const live = all.find((each) => each.live)
  return live !== undefined && Number(id) < Number(live.id)
}

export interface Step {
  label: string
  state: 'done' | 'now' | 'ahead' | 'failed'
}

const STEPS = [
  ['calculating', 'Compared with what is live'],
  ['creating_schema', 'Tables made'],
  ['schema_ready', 'Rows filled in'],
  ['data_ready', 'Ready'],
] as const

/** The way of a deployment up to being live. Where a failed one stopped is not known: its errors tell. */
export function stepsOf({ status, live }: DeploymentBody): Step[] {
  if (status === 'failed') return [{ label: 'Failed before it was ready', state: 'failed' }]
  const at = STEPS.findIndex(([each]) => each === status)
  const isReady = at === -1 || status === 'data_ready'
  const steps = STEPS.map(([, label], each): Step => {
    if (isReady || each < at) return { label, state: 'done' }
    return { label, state: each === at ? 'now' : 'ahead' }
  })
  if (live) return [...steps, { label: 'Live', state: 'done' }]
  if (status === 'deleted') return [...steps, { label: 'Removed', state: 'done' }]
  if (status === 'deleting') return [...steps, { label: 'Being removed', state: 'now' }]
  return [...steps, { label: 'Live', state: 'ahead' }]
}
