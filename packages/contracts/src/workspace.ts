import { z } from 'zod'

/** Answer of `GET /v1/workspace`. Source: `@tinybirdco/sdk` src/api/workspaces.ts, read 2026-11. */
export const workspaceSchema = z.object({
  id: z.string(),
  name: z.string(),
  user_id: z.string(),
  user_email: z.string(),
  scope: z.string(),
  /** Id of the parent when called with a branch's token, else null. */
  main: z.string().nullable(),
})

/** One workspace among those a caller may use; with its admin token where asked for. */
export const workspaceItemSchema = z.object({
  id: z.string(),
  name: z.string(),
  token: z.string().optional(),
  role: z.string(),
  main: z.string().nullable(),
  created_at: z.string(),
})

/** Answer of `GET /v1/user/workspaces`. */
export const userWorkspacesSchema = z.object({
  organization_id: z.string().nullable(),
  workspaces: z.array(workspaceItemSchema),
})

/** Answer of `POST /v1/workspaces`. */
export const newWorkspaceSchema = z.object({ id: z.string(), name: z.string(), token: z.string() })

/** Name of a workspace: 1 to 128 letters, digits, `_`, `-` or `.`, not starting with `.` or `-`. */
export const workspaceNameSchema = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/)

/** Parsed workspaceSchema. */
export type WorkspaceBody = z.infer<typeof workspaceSchema>
/** Parsed workspaceItemSchema. */
export type WorkspaceItemBody = z.infer<typeof workspaceItemSchema>
/** Parsed userWorkspacesSchema. */
export type UserWorkspacesBody = z.infer<typeof userWorkspacesSchema>
/** Parsed newWorkspaceSchema. */
export type NewWorkspaceBody = z.infer<typeof newWorkspaceSchema>
