import { getRouteApi } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'

import { useTokens } from '@/features/tokens/api/get-tokens.ts'
import { CreateTokenDialog } from '@/features/tokens/components/create-token-dialog.tsx'
import { TokenList } from '@/features/tokens/components/token-list.tsx'
import { Button } from '@/ui/button.tsx'
import { TextField } from '@/ui/field.tsx'
import { Page } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'

const route = getRouteApi('/w/$place/tokens')

export function TokensPage() {
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const tokens = useTokens()
  const [isCreating, setCreating] = useState(false)
  return (
    <Page
      title="Tokens"
      about="Who may do what. Give each program a token of its own, with no more rights than it needs."
      actions={
        <>
          <TextField
            label="Search tokens"
            hideLabel
            type="search"
            placeholder="Name or scope"
            value={q}
            onChange={(event) =>
              void navigate({
                search: event.target.value === '' ? {} : { q: event.target.value },
                replace: true,
              })
            }
          />
          {tokens.isSuccess ? (
            <Button look="primary" onClick={() => setCreating(true)}>
              <Plus size={14} aria-hidden />
              New token
            </Button>
          ) : null}
        </>
      }
    >
      <QueryView query={tokens}>{(all) => <TokenList tokens={all} q={q} />}</QueryView>
      {isCreating ? <CreateTokenDialog onClose={() => setCreating(false)} /> : null}
    </Page>
  )
}
