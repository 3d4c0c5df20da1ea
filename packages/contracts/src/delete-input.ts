import { z } from 'zod'

/** Input of a job of kind `delete_data`, as the api hands it to those who run jobs. */
export const deleteInputSchema = z.strictObject({
  dataSourceId: z.string(),
  dataSourceName: z.string(),
  /** As the caller wrote it; for logs. */
  shown: z.string(),
  /** The same after it was judged, as it may stand in a statement. */
  condition: z.string(),
  /** Rows are marked as deleted and go with the next merges, instead of rewriting their parts at once. */
  isLight: z.boolean(),
})

/** Parsed deleteInputSchema. */
export type DeleteInput = z.infer<typeof deleteInputSchema>
