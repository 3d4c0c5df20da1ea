import { useTokens } from '@/lib/catalog/get-tokens.ts'
import { Badge } from '@/ui/badge.tsx'
import { CopyButton } from '@/ui/code-block.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { SimpleTable } from '@/ui/simple-table.tsx'

import { readersOf } from '../readers.ts'

export function EndpointTokens({ pipe }: { pipe: string }) {
  const tokens = useTokens()
  return (
    <Card
      title="Tokens that may call it"
      pad={false}
      actions={
        <PlaceLink to="tokens" className="text-sm text-accent">
          All tokens
        </PlaceLink>
      }
    >
      <QueryView query={tokens}>
        {(all) => (
          <SimpleTable
            label="Tokens that may call it"
            rows={readersOf(all, pipe)}
            keyOf={({ id }) => id}
            columns={[
              { id: 'name', header: 'Token', cell: ({ name }) => name },
              {
                id: 'scope',
                header: 'By',
                cell: ({ scope, narrow }) => <Badge tone={narrow ? 'good' : 'warn'}>{scope}</Badge>,
              },
              {
                id: 'value',
                header: 'Value',
                cell: ({ name, value }) =>
                  value === undefined ? (
                    <span className="text-muted">not for your token to see</span>
                  ) : (
                    <CopyButton text={value} label={`Copy the token ${name}`} />
                  ),
              },
            ]}
          />
        )}
      </QueryView>
      <p className="border-t border-line p-4 text-sm text-muted">
        JWTs are kept nowhere, so they are not in this list. Each ends with its time, and all of
        them when the workspace admin token is refreshed.
      </p>
    </Card>
  )
}
