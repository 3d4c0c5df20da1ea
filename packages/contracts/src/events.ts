import { z } from 'zod'

/** Answer of `POST /v0/events`: 202, or 200 with `wait=true`. Source: Tinybird Events API reference, read 2026-11. */
export const eventsSchema = z.object({
  successful_rows: z.number().int().nonnegative(),
  quarantined_rows: z.number().int().nonnegative(),
})

/** Parsed eventsSchema. */
export type EventsBody = z.infer<typeof eventsSchema>
