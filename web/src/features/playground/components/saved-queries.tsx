import { Trash2 } from 'lucide-react'
import { useState } from 'react'

import { isForbidden } from '@/lib/api-error.ts'
import { useSavedQueries } from '@/lib/catalog/get-documents.ts'
import { IfMay } from '@/lib/rights/if-may.tsx'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { TextField } from '@/ui/field.tsx'
import { IconButton } from '@/ui/icon-button.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'

import { useDeleteQuery } from '../api/delete-query.ts'

export interface SavedQueriesProps {
  shown: string | undefined
  onOpen: (id: string) => void
  onGone: (id: string) => void
}

/** The workspace's saved queries, each a link that can be shared. Nothing for tokens that may not see them. */
export function SavedQueries({ shown, onGone }: SavedQueriesProps) {
  const saved = useSavedQueries()
  const remove = useDeleteQuery()
  const [search, setSearch] = useState('')
  const [asked, setAsked] = useState<{ id: string; name: string } | null>(null)
  if (isForbidden(saved.error)) return null
  return (
    <Card title="Saved queries" pad={false}>
      <QueryView query={saved}>
        {(queries) =>
          queries.length === 0 ? (
            <p className="p-3 text-sm text-muted">None yet. Ctrl-S saves the one you are in.</p>
          ) : (
            <div className="flex flex-col gap-2 p-2">
              <TextField
                label="Search saved queries"
                hideLabel
                type="search"
                placeholder="Search"
                value={search}
                onChange={({ target }) => setSearch(target.value)}
              />
              <ul className="max-h-[60vh] overflow-y-auto">
                {queries
                  .filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()))
                  .map(({ id, name }) => (
                    <li key={id} className="flex items-center">
                      <PlaceLink
                        to={`playground/${encodeURIComponent(id)}`}
                        className={`min-w-0 flex-1 truncate rounded px-2 py-1.5 text-sm hover:bg-raised ${id === shown ? 'font-medium text-accent' : 'text-ink'}`}
                      >
                        {name}
                      </PlaceLink>
                      <IfMay act="change the workspace">
                        <IconButton label={`Delete ${name}`} onClick={() => setAsked({ id, name })}>
                          <Trash2 size={14} />
                        </IconButton>
                      </IfMay>
                    </li>
                  ))}
              </ul>
            </div>
          )
        }
      </QueryView>
      {asked === null ? null : (
        <ConfirmByName
          open
          title="Delete the query"
          name={asked.name}
          action="Delete"
          loses="It is gone for everybody in the workspace, and its links lead nowhere."
          busy={remove.isPending}
          error={remove.error}
          onClose={() => setAsked(null)}
          onConfirm={() =>
            remove.mutate(asked.id, {
              onSuccess: () => {
                onGone(asked.id)
                setAsked(null)
              },
            })
          }
        />
      )}
    </Card>
  )
}
