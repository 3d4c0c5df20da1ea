import { z } from 'zod'

/** Answer of `GET /v0/regions`. Source: `@tinybirdco/sdk` src/api/regions.ts, read 2026-11. */
export const regionListSchema = z.object({
  regions: z.array(z.object({ name: z.string(), api_host: z.string(), provider: z.string() })),
})

/** Parsed regionListSchema. */
export type RegionListBody = z.infer<typeof regionListSchema>
