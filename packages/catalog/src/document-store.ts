import { fault } from '@sandpiper/faults'

import { announceChange } from './change-feed.ts'
import type { Database, Queryable } from './database.ts'
import {
  DOCUMENT_CONTENT_BYTES_MAX,
  DOCUMENTS_BYTES_MAX,
  DOCUMENTS_MAX,
  DRAFTS_PER_OWNER_MAX,
  type DocumentChange,
  type DocumentHead,
  type DocumentKey,
  type DocumentStore,
  type StoredDocument,
} from './document-contract.ts'
import { workspaceMissing } from './token-rows.ts'
import { isUuid } from './uuid.ts'

interface HeadRow {
  readonly id: string
  readonly name: string
  readonly revision: number
  readonly bytes: number
  readonly edited_by: string
  readonly created_at: Date
  readonly updated_at: Date
}

interface DocumentRow extends HeadRow {
  readonly content: string
}

type Change = Parameters<DocumentStore['putDocument']>[1]

const HEAD = 'id, name, revision, bytes, edited_by, created_at, updated_at'
const WHERE_KIND = 'workspace_id = $1 AND kind = $2 AND owner = $3'
const WHERE = `${WHERE_KIND} AND id = $4`
/** What has no owner: no token has this id. */
const NOBODY = ''

/** The part of the catalog that knows documents of the console. @param now Unix milliseconds. @param onSharesGone empties what was remembered of tokens in this process. */
export function createDocumentStore(
  database: Database,
  now: () => number,
  onSharesGone: () => void,
): DocumentStore {
  return {
    async listDocuments(key) {
      const rows = await listRows<HeadRow>(database, key, HEAD)
      return rows.map(toHead)
    },
    async readDocuments(key) {
      const rows = await listRows<DocumentRow>(database, key, `${HEAD}, content`)
      return rows.map(toDocument)
    },
    async findDocument(key) {
      if (!isUuid(key.workspaceId)) return null
      const [row] = await database.rows<DocumentRow>(
        `SELECT ${HEAD}, content FROM console_documents WHERE ${WHERE}`,
        valuesOf(key),
      )
      return row === undefined ? null : toDocument(row)
    },
    putDocument: (key, change) =>
      database.transaction((tx) => put(tx, key, { ...change, at: new Date(now()) })),
    async removeDocument(key, revision) {
      try {
        return await database.transaction((tx) => remove(tx, key, revision))
      } finally {
        // Also after a failure: a lost reply to COMMIT leaves open what happened.
        if (key.kind === 'dashboard') onSharesGone()
      }
    },
  }
}

/** The links to a dashboard go with it, by the foreign key. */
async function remove(
  tx: Queryable,
  key: DocumentKey,
  revision: number | null,
): Promise<DocumentChange<null>> {
  const current = isUuid(key.workspaceId) ? await revisionOf(tx, key) : 0
  if (current === 0 || (revision !== null && revision !== current))
    return { kind: 'stale', currentRevision: current }
  await tx.rows(`DELETE FROM console_documents WHERE ${WHERE}`, valuesOf(key))
  if (key.kind === 'dashboard') await announceChange(tx, { kind: 'tokens' })
  return { kind: 'done', document: null }
}

async function listRows<Row>(
  database: Database,
  { workspaceId, kind, owner }: Omit<DocumentKey, 'id'>,
  columns: string,
): Promise<Row[]> {
  if (!isUuid(workspaceId)) return []
  return database.rows<Row>(
    `SELECT ${columns} FROM console_documents WHERE ${WHERE_KIND} ORDER BY name COLLATE "C", id COLLATE "C"`,
    [workspaceId, kind, owner ?? NOBODY],
  )
}

async function put(
  tx: Queryable,
  key: DocumentKey,
  change: Change & { readonly at: Date },
): Promise<DocumentChange<StoredDocument>> {
  const content = JSON.stringify(change.content)
  const bytes = Buffer.byteLength(content)
  if (bytes > DOCUMENT_CONTENT_BYTES_MAX) throw tooLarge()
  await lockWorkspace(tx, key.workspaceId)
  const currentRevision = await revisionOf(tx, key)
  if (currentRevision !== change.revision) return { kind: 'stale', currentRevision }
  if (key.kind === 'draft') await forgetOrphans(tx, key.workspaceId)
  await refuseWithoutRoom(tx, key, bytes)
  const [row] = await tx.rows<DocumentRow>(
    `INSERT INTO console_documents (workspace_id, kind, owner, id, name, revision, bytes, edited_by, created_at, updated_at, content)
     VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $8, $9)
     ON CONFLICT (workspace_id, kind, owner, id) DO UPDATE SET name = excluded.name, revision = console_documents.revision + 1,
       bytes = excluded.bytes, edited_by = excluded.edited_by, updated_at = excluded.updated_at, content = excluded.content
     RETURNING ${HEAD}, content`,
    [...valuesOf(key), change.name, bytes, change.editedBy, change.at, content],
  )
  if (row === undefined) throw workspaceMissing()
  return { kind: 'done', document: toDocument(row) }
}

/** One at a time, or two would each be the last that there is room for. */
async function lockWorkspace(tx: Queryable, workspaceId: string): Promise<void> {
  const [workspace] = isUuid(workspaceId)
    ? await tx.rows('SELECT id FROM workspaces WHERE id = $1 AND NOT is_system FOR UPDATE', [
        workspaceId,
      ])
    : []
  if (workspace === undefined) throw workspaceMissing()
}

async function revisionOf(tx: Queryable, key: DocumentKey): Promise<number> {
  const [row] = await tx.rows<{ revision: number }>(
    `SELECT revision FROM console_documents WHERE ${WHERE} FOR UPDATE`,
    valuesOf(key),
  )
  return row?.revision ?? 0
}

/** Drafts of tokens that are gone: nobody can read them. */
async function forgetOrphans(tx: Queryable, workspaceId: string): Promise<void> {
  await tx.rows(
    `DELETE FROM console_documents d WHERE d.workspace_id = $1 AND d.kind = 'draft'
     AND NOT EXISTS (SELECT FROM tokens t WHERE t.id::text = d.owner)`,
    [workspaceId],
  )
}

async function refuseWithoutRoom(tx: Queryable, key: DocumentKey, bytes: number): Promise<void> {
  const [others] = await tx.rows<{ n: number; own: number; bytes: number }>(
    `SELECT count(*)::int AS n, count(*) FILTER (WHERE owner = $3)::int AS own, coalesce(sum(bytes), 0)::int AS bytes
     FROM console_documents WHERE workspace_id = $1 AND kind = $2 AND NOT (owner = $3 AND id = $4)`,
    valuesOf(key),
  )
  const { n = 0, own = 0, bytes: used = 0 } = others ?? {}
  if (n >= DOCUMENTS_MAX[key.kind])
    throw full(`A workspace has at most ${DOCUMENTS_MAX[key.kind]} documents of this kind`)
  if (key.kind === 'draft' && own >= DRAFTS_PER_OWNER_MAX)
    throw full(`A token has at most ${DRAFTS_PER_OWNER_MAX} drafts`)
  if (used + bytes > DOCUMENTS_BYTES_MAX)
    throw full(`Documents of this kind have at most ${DOCUMENTS_BYTES_MAX} bytes in a workspace`)
}

function full(what: string): Error {
  return fault('request.invalid', { public: `${what}: remove some.` })
}

function tooLarge(): Error {
  return fault('request.too_large', {
    public: `A document has at most ${DOCUMENT_CONTENT_BYTES_MAX} bytes as JSON.`,
  })
}

function valuesOf({ workspaceId, kind, owner, id }: DocumentKey): string[] {
  return [workspaceId, kind, owner ?? NOBODY, id]
}

function toHead(row: HeadRow): DocumentHead {
  return {
    id: row.id,
    name: row.name,
    revision: row.revision,
    bytes: row.bytes,
    editedBy: row.edited_by,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

function toDocument(row: DocumentRow): StoredDocument {
  return { ...toHead(row), content: JSON.parse(row.content) as unknown }
}
