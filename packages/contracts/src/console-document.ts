import { z } from 'zod'

import { chartSchema, dashboardSchema } from './dashboard.ts'

/** Bytes of one document as JSON. */
export const DOCUMENT_BYTES_MAX = 1_000_000

/** Id of a query or dashboard: the client's choice, or a UUID of the server's. */
export const documentIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

/** Id of a draft: the file it is about. */
export const draftIdSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,255}\.(?:pipe|datasource|connection)$/)

/** An edited datafile that is not published yet. */
export const draftSchema = z.object({
  /** The datafile as edited; null: the resource is to go. */
  content: z.string().max(DOCUMENT_BYTES_MAX).nullable(),
  /** The live datafile that was edited; null: there was none. Where it is not the live one any more, somebody else has published. */
  base: z.string().max(DOCUMENT_BYTES_MAX).nullable(),
})

/** A query of the playground. */
export const savedQuerySchema = z.object({
  name: z.string().trim().min(1).max(256),
  description: z.string().max(4_096).optional(),
  sql: z.string().max(500_000),
  chart: chartSchema.optional(),
})

/** What `PUT /v0/console/{kind}/{id}` takes. */
export const documentInputSchema = z.object({
  /** The one that was read; 0 makes a new document. */
  revision: z.number().int().min(0).default(0),
  content: z.unknown(),
})

/** A document without its content, as lists show it. */
export const documentSummarySchema = z.object({
  id: z.string(),
  /** Of a draft its id. */
  name: z.string(),
  /** From 1; one more with each change. */
  revision: z.number().int(),
  bytes: z.number().int(),
  /** Name of the token that changed it last. */
  edited_by: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
})

/** A draft, with content. */
export const draftDocumentSchema = documentSummarySchema.extend({ content: draftSchema })
/** A saved query, with content. */
export const queryDocumentSchema = documentSummarySchema.extend({ content: savedQuerySchema })
/** A dashboard, with content. */
export const dashboardDocumentSchema = documentSummarySchema.extend({ content: dashboardSchema })

/** Body of a 409: somebody else changed the document. */
export const documentConflictSchema = z.object({
  error: z.string(),
  /** 0: it was removed. */
  current_revision: z.number().int(),
  your_revision: z.number().int(),
})

/** Parsed draftSchema. */
export type Draft = z.infer<typeof draftSchema>
/** Parsed savedQuerySchema. */
export type SavedQuery = z.infer<typeof savedQuerySchema>
/** Parsed documentSummarySchema. */
export type DocumentSummary = z.infer<typeof documentSummarySchema>
/** Parsed draftDocumentSchema. */
export type DraftDocument = z.infer<typeof draftDocumentSchema>
/** Parsed queryDocumentSchema. */
export type QueryDocument = z.infer<typeof queryDocumentSchema>
/** Parsed dashboardDocumentSchema. */
export type DashboardDocument = z.infer<typeof dashboardDocumentSchema>
/** Parsed documentConflictSchema. */
export type DocumentConflict = z.infer<typeof documentConflictSchema>
