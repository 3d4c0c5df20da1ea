// What is to be published, and what the server says it would do.
import type { DeployBody, DeploymentBody, DraftDocument } from '@sandpiper/contracts'

/** A draft beside the file that is live now. */
export interface FileChange {
  file: string
  /** null: there is none. */
  live: string | null
  /** null: it is to go. */
  draft: string | null
  /** The live file is another one than the one that was edited. */
  isBehind: boolean
}

export function changesOf(
  drafts: readonly DraftDocument[],
  live: ReadonlyMap<string, string | null>,
): FileChange[] {
  return drafts
    .map(({ id, content }) => {
      const now = live.get(id) ?? null
      return { file: id, live: now, draft: content.content, isBehind: content.base !== now }
    })
    .sort((a, b) => a.file.localeCompare(b.file))
}

export function kindOfChange({ live, draft }: FileChange): 'new' | 'changed' | 'removed' | 'same' {
  if (draft === null) return 'removed'
  if (live === null) return 'new'
  return live === draft ? 'same' : 'changed'
}

/** Resources that the deployment would remove. */
export function removedBy(deployment: DeploymentBody | undefined): string[] {
  if (deployment === undefined) return []
  return [
    ...deployment.deleted_datasource_names,
    ...deployment.deleted_pipe_names,
    ...deployment.deleted_data_connector_names,
  ]
}

/** Remarks of the server, the worst first. */
export function remarksOf({ deployment, errors }: DeployBody) {
  const order = { ERROR: 0, WARNING: 1, INFO: 2 }
  const said = new Set(deployment?.feedback.map(({ message }) => message))
  const ofFiles = (errors ?? []).filter(({ error }) => !said.has(error))
  return [
    ...ofFiles.map(({ filename, error }) => ({
      level: 'ERROR' as const,
      resource: filename,
      message: error,
    })),
    ...(deployment?.feedback ?? []).map(({ level, resource, message }) => ({
      ...{ level, message, resource: resource ?? '' },
    })),
  ].sort((a, b) => order[a.level] - order[b.level])
}
