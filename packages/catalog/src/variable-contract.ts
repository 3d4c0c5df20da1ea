// What the rest of the product asks of the catalog about variables: the secrets that tb_secret() reads.

/** A variable without its value. */
export interface VariableRecord {
  readonly name: string
  readonly createdAt: string
  readonly updatedAt: string
  /** Name of the token that set the value last. */
  readonly editedBy: string
}

/** Variables of one workspace at most. Source: Tinybird environment variables, read 2026-11. */
export const VARIABLES_MAX = 100

/** The part of the catalog that knows variables. Each workspace and each branch has its own. */
export interface VariableStore {
  /** By name, without values. */
  listVariables(workspaceId: string): Promise<VariableRecord[]>
  /**
   * Makes a variable. @throws fault `request.conflict` when there is one of that name | `request.invalid` when the workspace has
   * VARIABLES_MAX | `resource.missing` for an unknown workspace.
   */
  createVariable(input: NewVariable): Promise<VariableRecord>
  /** Changes its value; null when there is none of that name. */
  updateVariable(input: NewVariable): Promise<VariableRecord | null>
  /** False when there was none. */
  removeVariable(workspaceId: string, name: string): Promise<boolean>
  /**
   * Values by name, opened. Cached: a change in this process shows at once, in another within 1 s. Never log or answer them.
   */
  secretsOf(workspaceId: string): Promise<ReadonlyMap<string, string>>
}

/** A variable to be made or changed. */
export interface NewVariable {
  readonly workspaceId: string
  readonly name: string
  /** Sealed before it is stored. */
  readonly value: string
  /** Name of the token that asks for it. */
  readonly editedBy: string
}
