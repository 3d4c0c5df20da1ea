import { useTokens } from '@/lib/catalog/get-tokens.ts'
import { Badge, type Tone } from '@/ui/badge.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { SimpleTable } from '@/ui/simple-table.tsx'

import { useDependencies } from '../api/get-dependencies.ts'
import { lineageOf } from '../lineage.ts'
import { type Reach, tokensThatReach } from '../token-reach.ts'

const TONES: Readonly<Record<Reach['ways'][number]['tone'], Tone>> = {
  read: 'plain',
  write: 'warn',
  admin: 'bad',
}

/** Who reads, appends to or empties it: tokens of its own and those of pipes that read it. */
export function TokensTab({ name }: { name: string }) {
  const graph = useDependencies().data
  const readers =
    graph === undefined
      ? []
      : lineageOf(graph, name).downstream.filter(({ type }) => type === 'pipe')
  return (
    <QueryView query={useTokens()}>
      {(tokens) => (
        <Card
          title="Tokens that reach it"
          pad={false}
          actions={<PlaceLink to="tokens">All tokens</PlaceLink>}
        >
          <SimpleTable
            label={`Tokens that reach ${name}`}
            columns={[
              { id: 'name', header: 'Token', cell: ({ token }) => token.name },
              { id: 'ways', header: 'May', cell: ({ ways }) => <Ways ways={ways} /> },
            ]}
            rows={tokensThatReach(name, tokens, readers)}
            keyOf={({ token }) => token.id}
          />
        </Card>
      )}
    </QueryView>
  )
}

function Ways({ ways }: Pick<Reach, 'ways'>) {
  return (
    <span className="flex flex-wrap gap-1">
      {ways.map(({ text, tone, filter }) => (
        <span key={`${text} ${filter ?? ''}`} className="flex flex-wrap items-center gap-1">
          <Badge tone={TONES[tone]}>{text}</Badge>
          {filter === undefined ? null : <code className="text-xs text-muted">where {filter}</code>}
        </span>
      ))}
    </span>
  )
}
