import { useState } from 'react'

import { useTokens } from '@/lib/catalog/get-tokens.ts'
import { isForbidden } from '@/lib/api-error.ts'
import { CodeBlock } from '@/ui/code-block.tsx'
import { SelectField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'

import type { DataSourceDetail } from '../api/get-data-source.ts'
import type { DetailSearch } from '../detail-search.ts'
import { LANGUAGES, snippet } from '../snippets.ts'
import { appendTokens } from '../token-reach.ts'

export interface UseTabProps {
  source: DataSourceDetail
  search: DetailSearch
  onSearch: (search: DetailSearch) => void
}

/** How rows come in from outside, with a token that may do just that. */
export function UseTab({ source, search, onSearch }: UseTabProps) {
  const { name, columns } = source
  const tokens = useTokens()
  const usable = appendTokens(name, tokens.data ?? [])
  const [chosen, setChosen] = useState('')
  const token = usable.find(({ id }) => id === chosen) ?? usable[0]
  const language = search.lang ?? 'curl'
  const text = snippet(language, {
    ...{ origin: location.origin, name, columns },
    token: token?.token ?? null,
  })
  return (
    <Card title="Send rows from a program">
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap gap-3">
          <div className="w-44">
            <SelectField
              label="Language"
              value={language}
              options={LANGUAGES.map(({ id, label }) => ({ value: id, label }))}
              onChange={({ target }) =>
                onSearch({ ...search, lang: LANGUAGES.find(({ id }) => id === target.value)?.id })
              }
            />
          </div>
          {usable.length === 0 ? null : (
            <div className="w-60">
              <SelectField
                label="Token"
                value={token?.id ?? ''}
                options={usable.map((each) => ({ value: each.id, label: each.name }))}
                onChange={({ target }) => setChosen(target.value)}
              />
            </div>
          )}
        </div>
        {token === undefined && !tokens.isPending ? (
          <p className="text-sm text-muted">
            {isForbidden(tokens.error)
              ? 'Your token may not list tokens, so a placeholder stands in.'
              : 'No token appends to this data source alone. '}
            {isForbidden(tokens.error) ? null : (
              <PlaceLink to="tokens" className="text-accent underline">
                Make one
              </PlaceLink>
            )}
          </p>
        ) : null}
        <CodeBlock code={text} label={`${language} example`} />
        <p className="text-sm text-muted">
          Rows that do not fit are kept in the quarantine with their reasons; the others go in.
        </p>
      </div>
    </Card>
  )
}
