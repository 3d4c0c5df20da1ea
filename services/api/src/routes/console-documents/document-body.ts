import type { DocumentHead, StoredDocument } from '@sandpiper/catalog'
import { wireTime, type DocumentSummary } from '@sandpiper/contracts'

/** A document in a list. */
export function summaryOf(head: DocumentHead): DocumentSummary {
  return {
    id: head.id,
    name: head.name,
    revision: head.revision,
    bytes: head.bytes,
    edited_by: head.editedBy,
    created_at: wireTime(head.createdAt),
    updated_at: wireTime(head.updatedAt),
  }
}

/** A document with its content. */
export function bodyOf(document: StoredDocument): DocumentSummary & { content: unknown } {
  return { ...summaryOf(document), content: document.content }
}
