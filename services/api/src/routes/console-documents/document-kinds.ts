// What each kind of document is: its path, its shape, what it is called, and whose it is.
import type { DocumentKind } from '@sandpiper/catalog'
import {
  dashboardSchema,
  documentIdSchema,
  draftIdSchema,
  draftSchema,
  savedQuerySchema,
} from '@sandpiper/contracts'
import { fault } from '@sandpiper/faults'

/** One kind, as the routes see it. */
export interface KindOfDocument {
  readonly kind: DocumentKind
  readonly path: string
  /** @throws fault `request.invalid`. */
  readonly checkId: (id: string) => void
  /** The content as it is kept, with defaults, and the name that lists show. @throws fault `request.invalid` naming the first member that is wrong. */
  readonly read: (
    content: unknown,
    id: string,
  ) => { readonly name: string; readonly content: unknown }
}

export const DRAFTS: KindOfDocument = {
  kind: 'draft',
  path: '/v0/console/drafts',
  checkId: (id) => {
    if (!draftIdSchema.safeParse(id).success)
      throw invalid('The id of a draft is the name of its file, such as `top_pages.pipe`.')
  },
  read: (content, id) => ({ name: id, content: parsed(draftSchema, 'draft', content) }),
}

export const QUERIES: KindOfDocument = {
  kind: 'query',
  path: '/v0/console/queries',
  checkId: checkDocumentId,
  read: (content) => named(parsed(savedQuerySchema, 'query', content)),
}

export const DASHBOARDS: KindOfDocument = {
  kind: 'dashboard',
  path: '/v0/console/dashboards',
  checkId: checkDocumentId,
  read: (content) => named(parsed(dashboardSchema, 'dashboard', content)),
}

/** A schema of the contracts, as this file uses it. */
interface Schema<Output> {
  safeParse(
    input: unknown,
  ):
    | { readonly success: true; readonly data: Output }
    | { readonly success: false; readonly error: Problem }
}

interface Problem {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
}

/** @throws fault `request.invalid` naming what is wrong, e.g. `Invalid dashboard: tiles.0.layout.w: ...`. */
export function parsed<Output>(schema: Schema<Output>, what: string, input: unknown): Output {
  const read = schema.safeParse(input)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const place = issue?.path.map(String).join('.') ?? ''
  throw invalid(
    `Invalid ${what}: ${place === '' ? '' : `${place}: `}${issue?.message ?? 'not what it should be'}.`,
  )
}

function named<Content extends { readonly name: string }>(
  content: Content,
): { name: string; content: Content } {
  return { name: content.name, content }
}

function checkDocumentId(id: string): void {
  if (!documentIdSchema.safeParse(id).success)
    throw invalid('An id has 1 to 64 letters, digits, "-" and "_".')
}

function invalid(text: string): Error {
  return fault('request.invalid', { public: text })
}
