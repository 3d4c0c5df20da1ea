/** Somebody changes the tables of the workspace, or has done so since the writer looked at them: nothing was stored, nothing may be sent. */
export class TurnHeld extends Error {
  override readonly name = 'TurnHeld'
  readonly workspaceId: string

  constructor(workspaceId: string) {
    super('the tables of the workspace are being changed')
    this.workspaceId = workspaceId
  }
}
