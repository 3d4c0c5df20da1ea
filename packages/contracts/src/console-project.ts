import { z } from 'zod'

/** Answer of `GET /v0/console/project`: the datafiles of a deployment, in the folders of a project. */
export const consoleProjectSchema = z.object({
  /** Number of the deployment; 0 before the first. */
  deployment: z.number(),
  /** By path, such as `datasources/events.datasource`. Secrets of connections are masked. */
  files: z.array(z.object({ path: z.string(), content: z.string() })),
})

/** Parsed consoleProjectSchema. */
export type ConsoleProject = z.infer<typeof consoleProjectSchema>
