import { z } from 'zod'

/** What a client sends to make or change a tag. Source: Tinybird tags API, read 2026-11. */
export const tagInputSchema = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(128)
    // eslint-disable-next-line no-control-regex -- control characters are what is refused
    .regex(/^[^\u0000-\u001f\u007f]*$/)
    .optional(),
  resources: z
    .array(
      z.object({
        id: z.string().max(128),
        name: z.string().max(256),
        type: z.string().max(40),
      }),
    )
    .max(1_000)
    .optional(),
})

/** A tag, as shown. */
export interface TagBody {
  readonly name: string
  readonly resources: readonly {
    readonly id: string
    readonly name: string
    readonly type: string
  }[]
  readonly created_at: string
  readonly updated_at: string
}
