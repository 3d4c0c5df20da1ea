import { z } from 'zod'

/** A branch. Source: `@tinybirdco/sdk` src/api/branches.ts, read 2026-11. */
export const environmentSchema = z.object({
  id: z.string(),
  name: z.string(),
  created_at: z.string(),
  main: z.string(),
  token: z.string().optional(),
})

/** Answer of `GET /v1/environments`. */
export const environmentListSchema = z.object({ environments: z.array(environmentSchema) })

/** Answer of `POST /v1/environments`: a job to poll, and what it makes. */
export const newEnvironmentSchema = z.object({
  job: z.object({ id: z.string(), status: z.string(), job_url: z.string() }),
  workspace: z.object({ id: z.string() }),
})

/** Name of a branch: 1 to 128 letters, digits or `_`. Source: the SDK's sanitizing of git branch names, read 2026-11. */
export const environmentNameSchema = z.string().regex(/^[A-Za-z0-9_]{1,128}$/)

/** Parsed environmentSchema. */
export type EnvironmentBody = z.infer<typeof environmentSchema>
/** Parsed environmentListSchema. */
export type EnvironmentListBody = z.infer<typeof environmentListSchema>
/** Parsed newEnvironmentSchema. */
export type NewEnvironmentBody = z.infer<typeof newEnvironmentSchema>
