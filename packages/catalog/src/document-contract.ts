// What the rest of the product asks of the catalog about what people make in the console.

/** What it is: drafts belong to a token, queries and dashboards to everybody in the workspace. */
export type DocumentKind = 'draft' | 'query' | 'dashboard'

/** Which document. */
export interface DocumentKey {
  readonly workspaceId: string
  readonly kind: DocumentKind
  /** Id of the token whose draft it is; null for what is shared. */
  readonly owner: string | null
  readonly id: string
}

/** A document without its content. */
export interface DocumentHead {
  readonly id: string
  readonly name: string
  /** From 1; one more with each change. */
  readonly revision: number
  /** Of the content as JSON text. */
  readonly bytes: number
  /** Name of the token that changed it last. */
  readonly editedBy: string
  readonly createdAt: string
  readonly updatedAt: string
}

/** A document with its content. */
export interface StoredDocument extends DocumentHead {
  readonly content: unknown
}

/** What became of a change: it was made, or the document had another revision (0: it is not there). */
export type DocumentChange<Result> =
  | { readonly kind: 'done'; readonly document: Result }
  | { readonly kind: 'stale'; readonly currentRevision: number }

/** Bytes of the content of one document, as JSON text. */
export const DOCUMENT_CONTENT_BYTES_MAX = 1_000_000
/** Of each kind in one workspace. */
export const DOCUMENTS_MAX: Readonly<Record<DocumentKind, number>> = {
  draft: 2_000,
  query: 1_000,
  dashboard: 500,
}
/** Drafts of one token. */
export const DRAFTS_PER_OWNER_MAX = 300
/** Bytes of all documents of one kind in one workspace. */
export const DOCUMENTS_BYTES_MAX = 64_000_000

/** The part of the catalog that knows documents of the console. Each workspace and branch has its own. */
export interface DocumentStore {
  /** By name. */
  listDocuments(key: Omit<DocumentKey, 'id'>): Promise<DocumentHead[]>
  /** With contents, by name. */
  readDocuments(key: Omit<DocumentKey, 'id'>): Promise<StoredDocument[]>
  /** null when there is none. */
  findDocument(key: DocumentKey): Promise<StoredDocument | null>
  /**
   * Replaces the document if it still has this revision; 0 makes a new one. Of two that replace the same revision one is stale.
   * @throws fault `request.too_large` over DOCUMENT_CONTENT_BYTES_MAX | `request.invalid` when there are too many documents or bytes |
   * `resource.missing` for an unknown workspace.
   */
  putDocument(
    key: DocumentKey,
    change: {
      readonly revision: number
      readonly name: string
      readonly content: unknown
      readonly editedBy: string
    },
  ): Promise<DocumentChange<StoredDocument>>
  /** Removes the document; with a revision only if it still has that one. Stale with 0 when there was none. */
  removeDocument(key: DocumentKey, revision: number | null): Promise<DocumentChange<null>>
}
