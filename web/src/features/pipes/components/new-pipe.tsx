import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { useDataSources } from '@/lib/catalog/get-data-sources.ts'
import { usePipes } from '@/lib/catalog/get-pipes.ts'
import { useDrafts } from '@/lib/drafts/get-drafts.ts'
import { draftKeys } from '@/lib/drafts/keys.ts'
import { saveDraft } from '@/lib/drafts/save-draft.ts'

import { EMPTY_PIPE } from '../edit-pipe.ts'
import { printPipeText } from '../pipe-text.ts'
import { NewPipeDialog } from './new-pipe-dialog.tsx'

/** A new pipe begins as a draft with one node. */
export function NewPipe({
  onClose,
  onMade,
}: {
  onClose: () => void
  onMade: (pipe: string) => void
}) {
  const api = useApi()
  const client = useQueryClient()
  const [pipes, dataSources, drafts] = [usePipes(), useDataSources(), useDrafts()]
  const make = useMutation({
    mutationFn: (name: string) => {
      const content = { content: printPipeText(EMPTY_PIPE), base: null }
      return saveDraft(api, { file: `${name}.pipe`, revision: 0, content })
    },
    onSuccess: async (_, name) => {
      await client.invalidateQueries({ queryKey: draftKeys.all(api.place, api.token) })
      onMade(name)
    },
  })
  const taken = [
    ...(pipes.data ?? []).map(({ name }) => name),
    ...(dataSources.data ?? []).map(({ name }) => name),
    ...(drafts.data ?? []).map(({ id }) => id.slice(0, id.lastIndexOf('.'))),
  ]
  return (
    <NewPipeDialog
      taken={taken}
      onClose={onClose}
      onDone={(name) => make.mutate(name)}
      busy={make.isPending}
      error={make.error}
    />
  )
}
