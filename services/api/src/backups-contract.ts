import type { BackupBody } from '@sandpiper/contracts'

/** Copies of everything the server has, made while it works. */
export interface Backups {
  /**
   * Makes one. Loading and deployments wait while files are linked; events are acknowledged throughout.
   * @throws fault `request.conflict` while another is being made, or when as many are kept as may be | `server.busy` when loading could
   * not be held, or was cut off | `storage.full`. Then there is none.
   */
  create(): Promise<BackupBody>
  /** Newest first. */
  list(): Promise<BackupBody[]>
  /** @returns false when there is none of this id. */
  remove(id: string): Promise<boolean>
}
