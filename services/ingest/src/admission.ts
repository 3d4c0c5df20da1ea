// Who is let in: quotas where they are configured, and the bounds that keep an overloaded process alive. What is refused here is refused
// before it costs anything, with the time after which to try again.
import { fault, type Fault } from '@sandpiper/faults'
import {
  createRequestQuota,
  refuseAbove,
  tokenQuota,
  type Principal,
  type Quota,
  type QuotaOf,
} from '@sandpiper/tokens'
import type { IngestDeps } from './ingest-deps.ts'
import { createMainWorkspaces } from './main-workspaces.ts'

export interface Admission {
  /** Counts a request of a workspace, its branches with it. @throws fault `limit.rate` (429) | `storage.full` (507). */
  countRequest(call: { quota: Quota | null }, principal: Principal): Promise<void> | undefined
  /** Counts a request to a data source. @throws fault `limit.rate` (429). */
  countDataSource(call: { quota: Quota | null }, dataSourceId: string): Promise<void> | undefined
  /** Whether counting a request of the caller may take a moment: its buckets are shared with other processes, or whose branch it is has to be asked. */
  mayWait(principal: Principal): boolean
  /** Makes one of a bounded number; whoever entered leaves. @throws fault `server.busy` (503) when there are as many already. */
  enter(): void
  leave(): void
  /** Runs the work as one of them. @throws fault `server.busy` (503) when there are as many already. */
  among<Result>(work: () => Promise<Result>): Promise<Result>
}

export function createAdmission(deps: IngestDeps): Admission {
  const { counters, limits } = deps
  const own: QuotaOf = () => createRequestQuota(deps.monotonicMs)
  const quotaOf = deps.sharedQuota ?? own
  const ofWorkspaces = quotaOf('events')
  const ofDataSources = quotaOf('data_source')
  const mains = createMainWorkspaces(deps.catalog)
  const ofJwts = deps.jwtQuota ?? quotaOf('token')

  function count(
    call: { quota: Quota | null },
    quota: Quota | Promise<Quota> | null,
    what: string,
  ): Promise<void> | undefined {
    if (quota === null) return undefined
    if (quota instanceof Promise) return quota.then((taken) => count(call, taken, what))
    if (call.quota === null || quota.remaining <= call.quota.remaining) call.quota = quota
    refuseAbove(quota, what, 'Try again, or send more events in each request.')
    return undefined
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
      const countWorkspace = (): Promise<void> | undefined => {
        if (deps.isDiskLow()) throw diskLow()
        const { requestsPerSecond } = limits
        if (requestsPerSecond === null) return undefined
        const countMain = (main: string): Promise<void> | undefined =>
          count(call, ofWorkspaces.take(main, requestsPerSecond), 'The workspace')
        const main = mains.now(principal.workspaceId)
        return main === undefined
          ? mains.of(principal.workspaceId).then(countMain)
          : countMain(main)
      }
      // The token's own limit first: what it refuses is not counted against the workspace.
      const counted = count(call, tokenQuota(ofJwts, principal), 'The token')
      return counted === undefined ? countWorkspace() : counted.then(countWorkspace)
    },
    countDataSource(call, dataSourceId) {
      const perSecond = limits.requestsPerSecondPerDataSource
      if (perSecond === null) return undefined
      return count(call, ofDataSources.take(dataSourceId, perSecond), 'The data source')
    },
    mayWait: (principal) =>
      (limits.requestsPerSecond !== null && mains.now(principal.workspaceId) === undefined) ||
      (deps.sharedQuota !== undefined &&
        (limits.requestsPerSecond !== null ||
          limits.requestsPerSecondPerDataSource !== null ||
          principal.limits?.token.rps !== undefined)),
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
