import type { Catalog, Deployment } from '@sandpiper/catalog'

/** The part of a plan that says what a deployment was for. */
interface OwnPlan {
  readonly jobId?: string
  readonly discarded?: boolean
  /** Of a replacement: what it came to. */
  readonly outcome?: Readonly<Record<string, unknown>>
}

/** The deployment by which a job has swapped its tables in, live or replaced since; null when it has not. */
export async function swappedByJob(
  catalog: Pick<Catalog, 'liveMap' | 'listDeployments'>,
  { workspaceId, jobId }: { readonly workspaceId: string; readonly jobId: string },
): Promise<OwnPlan | null> {
  const { number: live } = await catalog.liveMap(workspaceId)
  const all = await catalog.listDeployments(workspaceId, { includeDeleted: true })
  return (all.find((each) => isOf(each, jobId, live))?.plan as OwnPlan | null | undefined) ?? null
}

function isOf({ plan, number, status }: Deployment, jobId: string, live: number): boolean {
  const own = plan as OwnPlan | null
  return own?.jobId === jobId && own.discarded !== true && status !== 'failed' && number <= live
}
