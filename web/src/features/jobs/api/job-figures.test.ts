import type { JobBody } from '@sandpiper/contracts'
import { describe, expect, test } from 'vitest'

import { elapsedOf, isJobState, ratioOf, subjectOf } from './job-figures.ts'

const job = (more: Partial<JobBody> = {}): JobBody => ({
  ...{ id: 'j', job_id: 'j', kind: 'import', status: 'done', job_url: '', is_cancellable: false },
  created_at: '2026-11-22 01:00:00',
  started_at: '2026-11-22 01:00:01',
  updated_at: '2026-11-22 01:00:05',
  ...more,
})
const NOW = Date.UTC(2026, 10, 22, 1, 1, 1)

describe('a job', () => {
  test('that ended took from its start to its last change; one at work takes up to now', () => {
    expect(elapsedOf(job(), NOW)).toBe(4)
    expect(elapsedOf(job({ status: 'working' }), NOW)).toBe(60)
  })

  test('that waits took no time yet', () => {
    expect(elapsedOf(job({ status: 'waiting', started_at: null }), NOW)).toBeNull()
  })

  test('names what it works on, whichever member of its kind says so', () => {
    expect(subjectOf(job({ datasource: { id: 't_1', name: 'visits' } }))).toEqual({
      area: 'data-sources',
      name: 'visits',
    })
    expect(subjectOf(job({ pipe_name: 'daily' }))).toEqual({ area: 'pipes', name: 'daily' })
    expect(subjectOf(job())).toBeNull()
  })

  test('has a progress only when the server tells one', () => {
    expect([ratioOf(job({ progress_percentage: 25 })), ratioOf(job())]).toEqual([0.25, null])
  })
})

test('a state that the address made up is none', () => {
  expect([isJobState('error'), isJobState('broken')]).toEqual([true, false])
})
