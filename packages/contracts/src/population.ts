// What those who run populations ask of the api, which owns the tables; and what the api asks of them, kept with the job as JSON.
import { z } from 'zod'

/** Fills the target of a materialized pipe from the rows of its source. */
export const populationInputSchema = z.object({
  /** `t_...` */
  pipeId: z.string(),
  pipeName: z.string(),
  nodeName: z.string(),
  /** `t_...` of the target. */
  dataSourceId: z.string(),
  dataSourceName: z.string(),
  /** The rows of the target go first. */
  truncate: z.boolean(),
  /** One SQL expression over the source, judged by the gate; null for all rows. */
  condition: z.string().nullable(),
  /** Part of the source's rows, above 0 and at most 1; null for all. */
  subset: z.number().nullable(),
})

/** Parsed populationInputSchema. */
export type PopulationInput = z.infer<typeof populationInputSchema>

/** One run of a population. */
export interface PopulationRequest extends PopulationInput {
  readonly workspaceId: string
  /** UUID: a population that was done for it is not done again. */
  readonly jobId: string
}

/** What is told while it runs. */
export interface PopulationProgress {
  readonly readRows: number
  /** As the engine estimates it; 0: unknown. */
  readonly totalRows: number
}

/** Runs populations. */
export interface Populations {
  /**
   * Fills new tables beside those that are live and swaps them in at once, or leaves everything as it was.
   * @returns rows of the target then. @throws fault `resource.missing` | `request.invalid` | `request.conflict` beside a staged
   * deployment | `query.failed`; the signal's reason.
   */
  run(
    request: PopulationRequest,
    signal: AbortSignal,
    tell: (progress: PopulationProgress) => void,
  ): Promise<{ readonly rows: number }>
}
