/**
 * Whether an error that nobody caught is LMDB's of a commit that the disk did not take. LMDB rejects a promise of its own besides those that the
 * index waits for and handles (lmdb 3.5.6): the keys wait in memory and are written later, so the process must live on.
 */
export function isCommitFailure(err: unknown): boolean {
  if (!(err instanceof Error) || !('commitError' in err)) return false
  // It would be the next one that nobody caught.
  if (err.commitError instanceof Promise) err.commitError.catch(() => undefined)
  return true
}
