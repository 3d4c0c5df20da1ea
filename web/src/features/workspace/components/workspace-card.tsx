import { useApi } from '@/lib/api-context.ts'
import { Badge } from '@/ui/badge.tsx'
import { CopyButton } from '@/ui/code-block.tsx'
import { Card } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'

import { useHealth } from '../api/get-health.ts'
import { useWorkspace } from '../api/get-workspace.ts'

/** Which workspace this is, and how its server is. */
export function WorkspaceCards() {
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <Card title="Workspace">
        <WorkspaceFacts />
      </Card>
      <Card title="Server">
        <ServerFacts />
      </Card>
    </div>
  )
}

const FACTS = 'grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2 text-sm'

function WorkspaceFacts() {
  const { token } = useApi()
  return (
    <QueryView query={useWorkspace()}>
      {({ id, name, main }) => (
        <dl className={FACTS}>
          <dt className="text-muted">Name</dt>
          <dd>{name}</dd>
          <dt className="text-muted">Kind</dt>
          <dd>{main === null ? 'Main workspace' : 'Branch'}</dd>
          <dt className="text-muted">Id</dt>
          <dd className="flex items-center gap-1 font-mono text-xs break-all">
            {id}
            <CopyButton text={id} label="Copy the id" />
          </dd>
          <dt className="text-muted">Your token</dt>
          <dd className="flex items-center gap-1 font-mono text-xs">
            p.••••••••
            <CopyButton text={token} label="Copy your token" />
          </dd>
        </dl>
      )}
    </QueryView>
  )
}

function ServerFacts() {
  return (
    <QueryView query={useHealth()}>
      {({ status, catalog, engine, version }) => (
        <dl className={FACTS}>
          <dt className="text-muted">Address</dt>
          <dd className="flex items-center gap-1 font-mono text-xs break-all">
            {location.origin}
            <CopyButton text={location.origin} label="Copy the address" />
          </dd>
          {version === undefined ? null : (
            <>
              <dt className="text-muted">Version</dt>
              <dd>{version}</dd>
            </>
          )}
          <dt className="text-muted">Health</dt>
          <dd>
            <Word word={status} />
          </dd>
          <dt className="text-muted">Catalog</dt>
          <dd>
            <Word word={catalog} />
          </dd>
          <dt className="text-muted">Engine</dt>
          <dd>
            <Word word={engine} />
          </dd>
        </dl>
      )}
    </QueryView>
  )
}

function Word({ word }: { word: string }) {
  return <Badge tone={word === 'ok' ? 'good' : 'bad'}>{word}</Badge>
}
