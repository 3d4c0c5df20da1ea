import { fault } from '@sandpiper/faults'

import { isViolation, type Database } from './database.ts'
import { TAGS_MAX, type Tag, type TagStore } from './tag-contract.ts'
import { workspaceMissing } from './token-rows.ts'
import { isUuid } from './uuid.ts'

interface TagRow {
  readonly name: string
  readonly resources: Tag['resources']
  readonly created_at: Date
  readonly updated_at: Date
}

const COLUMNS = 'name, resources, created_at, updated_at'

/** The part of the catalog that knows tags. @param now Unix milliseconds. */
export function createTagStore(database: Database, now: () => number): TagStore {
  return {
    async listTags(workspaceId) {
      if (!isUuid(workspaceId)) return []
      const rows = await database.rows<TagRow>(
        `SELECT ${COLUMNS} FROM tags WHERE workspace_id = $1 ORDER BY name COLLATE "C"`,
        [workspaceId],
      )
      return rows.map(toTag)
    },
    createTag: (workspaceId, tag) => insert(database, workspaceId, tag, new Date(now())),
    async updateTag(workspaceId, name, { name: newName, resources }) {
      if (!isUuid(workspaceId)) return null
      const [row] = await refusingTaken(newName, () =>
        database.rows<TagRow>(
          `UPDATE tags SET name = $3, resources = $4, updated_at = $5
           WHERE workspace_id = $1 AND name = $2 RETURNING ${COLUMNS}`,
          [workspaceId, name, newName, JSON.stringify(resources), new Date(now())],
        ),
      )
      return row === undefined ? null : toTag(row)
    },
    async removeTag(workspaceId, name) {
      if (!isUuid(workspaceId)) return false
      const gone = await database.rows(
        'DELETE FROM tags WHERE workspace_id = $1 AND name = $2 RETURNING name',
        [workspaceId, name],
      )
      return gone.length > 0
    },
  }
}

async function insert(
  database: Database,
  workspaceId: string,
  { name, resources }: Pick<Tag, 'name' | 'resources'>,
  at: Date,
): Promise<Tag> {
  return database.transaction(async (tx) => {
    // One at a time, or two would each be the last that there is room for.
    const [workspace] = isUuid(workspaceId)
      ? await tx.rows('SELECT id FROM workspaces WHERE id = $1 FOR UPDATE', [workspaceId])
      : []
    if (workspace === undefined) throw workspaceMissing()
    const [count] = await tx.rows<{ n: number }>(
      'SELECT count(*)::int AS n FROM tags WHERE workspace_id = $1',
      [workspaceId],
    )
    if ((count?.n ?? 0) >= TAGS_MAX)
      throw fault('request.invalid', { public: `A workspace has at most ${TAGS_MAX} tags.` })
    await refusingTaken(name, () =>
      tx.rows(`INSERT INTO tags (workspace_id, ${COLUMNS}) VALUES ($1, $2, $3, $4, $4)`, [
        ...[workspaceId, name, JSON.stringify(resources), at],
      ]),
    )
    return { name, resources, createdAt: at.toISOString(), updatedAt: at.toISOString() }
  })
}

async function refusingTaken<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (err) {
    if (!isViolation(err, '23505', 'tags_pkey')) throw err
    throw fault('request.conflict', {
      public: `A tag named '${name}' already exists.`,
      cause: err,
    })
  }
}

function toTag(row: TagRow): Tag {
  return {
    name: row.name,
    resources: row.resources,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
