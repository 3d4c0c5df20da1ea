import { z } from 'zod'

/** One remark of the server about a project. */
export const feedbackSchema = z.object({
  resource: z.string().nullable(),
  level: z.enum(['ERROR', 'WARNING', 'INFO']),
  message: z.string(),
})

/** What is wrong with one file; the SDK prints filename and error. */
export const fileErrorSchema = z.object({ filename: z.string(), error: z.string() })

const changedNames = {
  new_pipe_names: z.array(z.string()),
  changed_pipe_names: z.array(z.string()),
  deleted_pipe_names: z.array(z.string()),
  new_datasource_names: z.array(z.string()),
  changed_datasource_names: z.array(z.string()),
  deleted_datasource_names: z.array(z.string()),
  new_data_connector_names: z.array(z.string()),
  changed_data_connector_names: z.array(z.string()),
  deleted_data_connector_names: z.array(z.string()),
}

const result = z.enum(['success', 'failed', 'no_changes'])

/** Answer of `POST /v1/build`, HTTP 200 also for a failed validation. Source: `@tinybirdco/sdk` src/api/build.ts, read 2026-11. */
export const buildSchema = z.object({
  result,
  build: z
    .object({ id: z.string(), ...changedNames, feedback: z.array(feedbackSchema) })
    .optional(),
  error: z.string().optional(),
  errors: z.array(fileErrorSchema).optional(),
})

/** A deployment; `id` is a small integer as text. Source: `@tinybirdco/sdk` src/api/deploy.ts, read 2026-11. */
export const deploymentSchema = z.object({
  id: z.string(),
  status: z.enum([
    'calculating',
    'creating_schema',
    'schema_ready',
    'data_ready',
    'failed',
    'deleting',
    'deleted',
  ]),
  live: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  ...changedNames,
  feedback: z.array(feedbackSchema),
  errors: z.array(fileErrorSchema),
})

/** Answer of `POST /v1/deploy` and `GET /v1/deployments/{id}`. */
export const deploySchema = z.object({
  result,
  deployment: deploymentSchema.optional(),
  error: z.string().optional(),
  errors: z.array(fileErrorSchema).optional(),
})

/** Answer of `GET /v1/deployments`. */
export const deploymentListSchema = z.object({ deployments: z.array(deploymentSchema) })

/** Parsed feedbackSchema. */
export type FeedbackBody = z.infer<typeof feedbackSchema>
/** Parsed buildSchema. */
export type BuildBody = z.infer<typeof buildSchema>
/** Parsed deploymentSchema. */
export type DeploymentBody = z.infer<typeof deploymentSchema>
/** Parsed deploySchema. */
export type DeployBody = z.infer<typeof deploySchema>
/** Parsed deploymentListSchema. */
export type DeploymentListBody = z.infer<typeof deploymentListSchema>
