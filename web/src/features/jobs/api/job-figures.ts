import type { JobBody } from '@sandpiper/contracts'

import { isRunning } from '@/lib/catalog/get-job.ts'
import { parseServerTime } from '@/lib/format.ts'
import type { Tone } from '@/ui/badge.tsx'

export const JOB_STATES = [
  'waiting',
  'working',
  'cancelling',
  'done',
  'error',
  'cancelled',
] as const

export type JobState = (typeof JOB_STATES)[number]

export const isJobState = (value: unknown): value is JobState =>
  JOB_STATES.some((each) => each === value)

const TONES: Record<JobState, Tone> = {
  waiting: 'plain',
  working: 'accent',
  cancelling: 'warn',
  done: 'good',
  error: 'bad',
  cancelled: 'plain',
}

export const toneOf = ({ status }: JobBody): Tone => TONES[status]

/** Seconds at work, up to now while it runs; null when it never began. */
export function elapsedOf(job: JobBody, nowMs: number = Date.now()): number | null {
  if (job.started_at === null) return null
  const endMs = isRunning(job) ? nowMs : parseServerTime(job.updated_at)
  return Math.max(0, (endMs - parseServerTime(job.started_at)) / 1000)
}

/** 0 to 1; null while how much is left is not known. */
export function ratioOf(job: JobBody): number | null {
  return job.progress_percentage === undefined ? null : job.progress_percentage / 100
}

/** What it works on: a data source, a pipe, a branch. */
export function subjectOf(job: JobBody): { area: string; name: string } | null {
  const named = (member: string, area: string): { area: string; name: string } | null => {
    const value: unknown = job[member]
    const name = typeof value === 'string' ? value : nameIn(value)
    return name === null || name === '' ? null : { area, name }
  }
  return (
    named('datasource', 'data-sources') ??
    named('datasource_name', 'data-sources') ??
    named('pipe_name', 'pipes') ??
    named('branch_name', '')
  )
}

function nameIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('name' in value)) return null
  return typeof value.name === 'string' ? value.name : null
}
