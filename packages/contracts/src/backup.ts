import { z } from 'zod'

/** One backup on the server's disk. */
export const backupSchema = z.object({
  /** The moment it is of, as in its folder's name: `2026-11-22T04-55-12.345Z`. */
  id: z.string(),
  /** Folder on the server's machine. */
  path: z.string(),
  /** ISO time: every event acknowledged before it is in the backup. */
  created_at: z.string(),
  /** Of all its files; blocks are shared with the server until it merges or removes them. */
  bytes: z.number().int(),
  files: z.number().int(),
  workspaces: z.number().int(),
  /** How long loading and deployments waited. */
  held_seconds: z.number(),
})

/** Answer of `GET /v0/backups`. */
export const backupListSchema = z.object({ backups: z.array(backupSchema) })

/** Parsed backupSchema. */
export type BackupBody = z.infer<typeof backupSchema>
/** Parsed backupListSchema. */
export type BackupListBody = z.infer<typeof backupListSchema>
