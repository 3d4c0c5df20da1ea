import { z } from 'zod'

/** A job. Members beyond these depend on its kind. Source: Tinybird jobs API reference, read 2026-11. */
export const jobSchema = z.looseObject({
  id: z.string(),
  job_id: z.string(),
  kind: z.string(),
  status: z.enum(['waiting', 'working', 'done', 'error', 'cancelled']),
  created_at: z.string(),
  updated_at: z.string(),
  started_at: z.string(),
  job_url: z.string(),
  is_cancellable: z.boolean(),
  error: z.string().optional(),
})

/** Answer of `GET /v0/jobs`: newest first, at most 100. */
export const jobListSchema = z.object({ jobs: z.array(jobSchema) })

/** Parsed jobSchema. */
export type JobBody = z.infer<typeof jobSchema>
/** Parsed jobListSchema. */
export type JobListBody = z.infer<typeof jobListSchema>
