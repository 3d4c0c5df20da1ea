import { z } from 'zod'

/** A job. Members beyond these depend on its kind. Source: Tinybird jobs API reference, read 2026-11. */
export const jobSchema = z.looseObject({
  id: z.string(),
  job_id: z.string(),
  kind: z.string(),
  status: z.enum(['waiting', 'working', 'done', 'error', 'cancelling', 'cancelled']),
  created_at: z.string(),
  updated_at: z.string(),
  /** Null while it waits for the first time. */
  started_at: z.string().nullable(),
  job_url: z.string(),
  is_cancellable: z.boolean(),
  progress_percentage: z.number().optional(),
  statistics: z.record(z.string(), z.unknown()).optional(),
  error: z.string().optional(),
  errors: z.array(z.string()).optional(),
  /** With `?debug=blocks`. */
  blocks: z.array(z.unknown()).optional(),
  /** With `?debug=block_log`. */
  block_log: z.array(z.unknown()).optional(),
})

/** Answer of `GET /v0/jobs`: newest first, at most 100. */
export const jobListSchema = z.object({ jobs: z.array(jobSchema) })

/** Parsed jobSchema. */
export type JobBody = z.infer<typeof jobSchema>
/** Parsed jobListSchema. */
export type JobListBody = z.infer<typeof jobListSchema>
