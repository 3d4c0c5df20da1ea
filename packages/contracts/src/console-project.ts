import { z } from 'zod'

import { wireTimeSchema } from './wire-time.ts'

/** Answer of `GET /v0/console/project`: the datafiles of a deployment, in the folders of a project. */
export const consoleProjectSchema = z.object({
  /** Number of the deployment; 0 before the first. */
  deployment: z.number(),
  /** By path, such as `datasources/events.datasource`. Secrets of connections are masked. */
  files: z.array(z.object({ path: z.string(), content: z.string() })),
})

/** Parsed consoleProjectSchema. */
export type ConsoleProject = z.infer<typeof consoleProjectSchema>

/** Answer of `GET /v0/console/project/versions?file=`: what a datafile was over the deployments that have been live. */
export const consoleVersionsSchema = z.object({
  file: z.string(),
  /** The newest first; only those that are other than the one before. Of the last hundred deployments. */
  versions: z.array(
    z.object({ deployment: z.string(), created_at: wireTimeSchema, content: z.string() }),
  ),
})

/** Parsed consoleVersionsSchema. */
export type ConsoleVersions = z.infer<typeof consoleVersionsSchema>
