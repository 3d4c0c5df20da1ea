// Who is let in: quotas where they are configured, and the bounds that keep an overloaded process alive. What is refused here is refused
// before it costs anything, with the time after which to try again.
import { fault, type Fault } from '@sandpiper/faults'
import {
  createRequestQuota,
  refuseAbove,
  tokenQuota,
  type Principal,
  type Quota,
} from '@sandpiper/tokens'
import type { IngestDeps } from './ingest-deps.ts'

export interface Admission {
  /** Counts a request of a workspace. @throws fault `limit.rate` (429) | `storage.full` (507). */
  countRequest(call: { quota: Quota | null }, principal: Principal): void
  /** Counts a request to a data source. @throws fault `limit.rate` (429). */
  countDataSource(call: { quota: Quota | null }, dataSourceId: string): void
  /** Makes one of a bounded number; whoever entered leaves. @throws fault `server.busy` (503) when there are as many already. */
  enter(): void
  leave(): void
  /** Runs the work as one of them. @throws fault `server.busy` (503) when there are as many already. */
  among<Result>(work: () => Promise<Result>): Promise<Result>
}

export function createAdmission(deps: IngestDeps): Admission {
  const { counters, limits } = deps
  const ofWorkspaces = createRequestQuota(deps.monotonicMs)
  const ofDataSources = createRequestQuota(deps.monotonicMs)
  const ofJwts = deps.jwtQuota ?? createRequestQuota(deps.monotonicMs)

  function count(call: { quota: Quota | null }, quota: Quota | null, what: string): void {
    if (quota === null) return
    if (call.quota === null || quota.remaining <= call.quota.remaining) call.quota = quota
    refuseAbove(quota, what, 'Try again, or send more events in each request.')
  }

  function enter(): void {
    if (counters.inFlightAppends >= limits.inFlightAppendsMax) throw tooMany()
    counters.inFlightAppends += 1
  }

  function leave(): void {
    counters.inFlightAppends -= 1
  }

  return {
    countRequest(call, principal) {
      count(call, tokenQuota(ofJwts, principal), 'The token')
      const { requestsPerSecond } = limits
      if (requestsPerSecond !== null)
        count(call, ofWorkspaces.take(principal.workspaceId, requestsPerSecond), 'The workspace')
      if (deps.isDiskLow()) throw diskLow()
    },
    countDataSource(call, dataSourceId) {
      const perSecond = limits.requestsPerSecondPerDataSource
      if (perSecond !== null)
        count(call, ofDataSources.take(dataSourceId, perSecond), 'The data source')
    },
    enter,
    leave,
    async among(work) {
      enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}

function tooMany(): Fault {
  return fault('server.busy', {
    public: 'Too many requests are waiting to be stored. Try again.',
    headers: { 'Retry-After': '1' },
  })
}

function diskLow(): Fault {
  return fault('storage.full', {
    public:
      'The disk is almost full: the events were not stored. Free some space and send them again.',
    headers: { 'Retry-After': '5' },
  })
}
