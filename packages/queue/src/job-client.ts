import type { Job } from '@sandpiper/catalog'
import { fault } from '@sandpiper/faults'

/** Work to be queued. */
export interface JobRequest {
  /** One of the kinds that the process running jobs knows. */
  readonly kind: string
  readonly workspaceId: string
  /** What the kind's schema takes; as JSON at most 256 KiB. Never shown to callers. */
  readonly input: unknown
  /** UUID; default a new one. Enqueueing the same id again returns the job there is. */
  readonly id?: string
  /** Members of the wire object that depend on the kind, such as `datasource` and `import_id`. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** How services hand work over and wait for it. What is enqueued is run, also when the process dies right after. */
export interface JobClient {
  /**
   * Resolves when the job is stored; it starts as soon as its workspace's and all running jobs leave room.
   * @throws fault `request.invalid` for input the kind does not take | `request.too_large` | `limit.rate` (429) when too many jobs of the
   * workspace wait | `request.conflict` for the id of another job | `catalog.unavailable`: it may be stored, repeat with the same id.
   */
  enqueue(request: JobRequest): Promise<Job>
  /**
   * The job once it is done, failed or cancelled.
   * @param signal bounds the wait: fault `server.busy` when it fires; the job goes on.
   * @throws fault `resource.missing` when there is no such job in this workspace.
   */
  finished(workspaceId: string, id: string, signal: AbortSignal): Promise<Job>
  /** Cancels a waiting job at once, makes one at work stop soon. The job as it is then; null when the workspace has none of this id. Idempotent. */
  cancel(workspaceId: string, id: string): Promise<Job | null>
}

/** For processes and tests without jobs: nothing can be enqueued. */
export const NO_JOBS: JobClient = {
  enqueue: () => Promise.reject(noJobs()),
  finished: () => Promise.reject(noJobs()),
  cancel: () => Promise.reject(noJobs()),
}

function noJobs() {
  return fault('server.busy', { public: 'Jobs do not run here.', headers: { 'Retry-After': '5' } })
}
