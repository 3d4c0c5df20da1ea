// What the api asks of a copy, kept with its job as JSON.
import { z } from 'zod'

/** One run of a copy pipe. The target is chosen when it is asked for: a deployment in between cannot send rows elsewhere. */
export const copyInputSchema = z.object({
  /** `t_...` */
  pipeId: z.string(),
  pipeName: z.string(),
  /** `t_...` of the target. */
  dataSourceId: z.string(),
  dataSourceName: z.string(),
  mode: z.enum(['append', 'replace']),
  /** Parameters of the template; `job_timestamp` among them. */
  params: z.record(z.string(), z.unknown()),
  /** When a scheduled run was due, as an ISO time; null for one on demand. */
  scheduledAt: z.string().nullable(),
  /** Request that asked for it, or the job. */
  requestId: z.string(),
})

/** Parsed copyInputSchema. */
export type CopyInput = z.infer<typeof copyInputSchema>

/** What `job_timestamp` is in a template: `YYYY-MM-DD HH:MM:SS`, UTC. @param ms unix milliseconds. Source: Tinybird copy pipes, read 2026-11. */
export function jobTimestamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** Name of the parameter that every copy has. */
export const JOB_TIMESTAMP = 'job_timestamp'

/** Members of the wire object of a copy job. Source: Tinybird copy pipes API reference, read 2026-11. */
export function copyDetails(input: CopyInput): Readonly<Record<string, unknown>> {
  const { pipeId, pipeName, dataSourceId, dataSourceName, mode, scheduledAt } = input
  return {
    ...{ pipe_id: pipeId, pipe_name: pipeName, mode },
    datasource: { id: dataSourceId, name: dataSourceName },
    ...(scheduledAt === null ? {} : { scheduled_at: scheduledAt }),
  }
}
