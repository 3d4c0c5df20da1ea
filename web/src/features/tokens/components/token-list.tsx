import type { TokenBody } from '@sandpiper/contracts'

import { formatAgo } from '@/lib/format.ts'
import { CopyButton } from '@/ui/code-block.tsx'
import { Card } from '@/ui/page.tsx'
import { type Column, SimpleTable } from '@/ui/simple-table.tsx'
import { Empty } from '@/ui/states.tsx'

import { ScopeBadges } from './scope-badges.tsx'
import { TokenMenu } from './token-menu.tsx'

export function TokenList({ tokens, q }: { tokens: readonly TokenBody[]; q: string }) {
  const shown = tokens.filter((token) => textOf(token).includes(q.trim().toLowerCase()))
  if (shown.length === 0) return <Empty title="No token is like that" />
  return (
    <Card pad={false}>
      <SimpleTable label="Tokens" columns={COLUMNS} rows={shown} keyOf={({ id }) => id} />
    </Card>
  )
}

function textOf({ name, description, scopes }: TokenBody): string {
  const rights = scopes.map(({ type, resource = '' }) => `${type}:${resource}`)
  return [name, description, ...rights].join(' ').toLowerCase()
}

const COLUMNS: readonly Column<TokenBody>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ name, description }) => (
      <>
        <span className="font-medium">{name}</span>
        <span className="block text-xs text-muted">{description}</span>
      </>
    ),
  },
  {
    id: 'scopes',
    header: 'May',
    cell: ({ scopes, limits }) => <ScopeBadges scopes={scopes} limits={limits ?? {}} />,
  },
  {
    id: 'value',
    header: 'Value',
    cell: ({ name, token }) =>
      token === undefined ? (
        <span className="text-xs text-muted">Holds rights that yours does not</span>
      ) : (
        <span className="flex items-center gap-1 font-mono text-xs text-muted">
          p.••••••••
          <CopyButton text={token} label={`Copy the value of ${name}`} />
        </span>
      ),
  },
  { id: 'origin', header: 'Comes from', cell: ({ origin }) => ORIGINS[origin.type] },
  { id: 'made', header: 'Made', cell: ({ created_at }) => formatAgo(created_at) },
  {
    id: 'actions',
    header: <span className="sr-only">Actions</span>,
    align: 'right',
    cell: (token) => <TokenMenu token={token} />,
  },
]

const ORIGINS: Record<TokenBody['origin']['type'], string> = {
  C: 'Made by hand',
  DS: 'A data source’s file',
  P: 'A pipe’s file',
  W: 'The workspace',
}
