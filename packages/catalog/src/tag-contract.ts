// What the rest of the product asks of the catalog about tags.

/** What a tag is put on, in the words of the client. */
export interface TaggedResource {
  readonly id: string
  readonly name: string
  readonly type: string
}

/** A tag of a workspace. */
export interface Tag {
  readonly name: string
  readonly resources: readonly TaggedResource[]
  readonly createdAt: string
  readonly updatedAt: string
}

/** Tags of one workspace at most. */
export const TAGS_MAX = 500

/** The part of the catalog that knows tags. */
export interface TagStore {
  /** By name. */
  listTags(workspaceId: string): Promise<Tag[]>
  /**
   * Makes a tag. @throws fault `request.conflict` when there is one of that name | `request.invalid` when the workspace has TAGS_MAX |
   * `resource.missing` for an unknown workspace.
   */
  createTag(workspaceId: string, tag: Pick<Tag, 'name' | 'resources'>): Promise<Tag>
  /** Gives a tag another name or other resources; null when there is none of that name. @throws fault `request.conflict` when the new name is taken. */
  updateTag(
    workspaceId: string,
    name: string,
    change: Pick<Tag, 'name' | 'resources'>,
  ): Promise<Tag | null>
  /** False when there was none. */
  removeTag(workspaceId: string, name: string): Promise<boolean>
}
