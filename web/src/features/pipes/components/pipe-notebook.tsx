import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { useDrafts } from '@/lib/drafts/get-drafts.ts'
import { draftKeys } from '@/lib/drafts/keys.ts'
import { saveDraft } from '@/lib/drafts/save-draft.ts'
import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'
import { ErrorBox } from '@/ui/states.tsx'

import type { PipeText } from '../pipe-text.ts'
import type { NewTarget } from './materialize-dialog.tsx'
import { Notebook } from './notebook.tsx'

const ENDING = '.datasource'

/** The notebook with what it needs of other drafts: data sources that its materializations feed. */
export function PipeNotebook(props: {
  name: string
  pipe: PipeText
  params: ParamValues
  onParams: (params: ParamValues) => void
  onPipe: (pipe: PipeText) => void
  onSave: () => void
}) {
  const api = useApi()
  const client = useQueryClient()
  const drafts = useDrafts()
  const make = useMutation({
    mutationFn: ({ name, content }: NewTarget) =>
      saveDraft(api, {
        file: `${name}${ENDING}`,
        revision: 0,
        content: { content, base: null },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: draftKeys.all(api.place, api.token) }),
  })
  const drafted = (drafts.data ?? []).flatMap(({ id, content }) =>
    id.endsWith(ENDING) && content.content !== null ? [id.slice(0, -ENDING.length)] : [],
  )
  return (
    <>
      {make.isError ? <ErrorBox error={make.error} /> : null}
      <Notebook
        name={props.name}
        pipe={props.pipe}
        params={props.params}
        draftedTargets={drafted}
        onChange={props.onPipe}
        onParams={props.onParams}
        onSave={props.onSave}
        onNewTarget={(target) => make.mutate(target)}
      />
    </>
  )
}
