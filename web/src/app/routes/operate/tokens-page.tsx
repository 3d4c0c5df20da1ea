import { getRouteApi } from '@tanstack/react-router'
import { Plus } from 'lucide-react'

import { useTokens } from '@/lib/catalog/get-tokens.ts'
import { CreateTokenDialog } from '@/features/tokens/components/create-token-dialog.tsx'
import { TokenList } from '@/features/tokens/components/token-list.tsx'
import { Button } from '@/ui/button.tsx'
import { TextField } from '@/ui/field.tsx'
import { Page } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'

const route = getRouteApi('/w/$place/tokens')

export function TokensPage() {
  const { q = '', create = false } = route.useSearch()
  const navigate = route.useNavigate()
  const tokens = useTokens()
  const show = (text: string, creates: boolean): void =>
    void navigate({
      search: { ...(text === '' ? {} : { q: text }), ...(creates ? { create: true } : {}) },
      replace: true,
    })
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
            onChange={(event) => show(event.target.value, false)}
          />
          {tokens.isSuccess ? (
            <Button look="primary" onClick={() => show(q, true)}>
              <Plus size={14} aria-hidden />
              New token
            </Button>
          ) : null}
        </>
      }
    >
      <QueryView query={tokens}>{(all) => <TokenList tokens={all} q={q} />}</QueryView>
      {create && tokens.isSuccess ? <CreateTokenDialog onClose={() => show(q, false)} /> : null}
    </Page>
  )
}
