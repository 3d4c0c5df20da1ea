import { useNavigate, useParams } from '@tanstack/react-router'

import { Playground } from '@/features/playground/components/playground.tsx'
import { Page } from '@/ui/page.tsx'

export function PlaygroundPage() {
  const { place = '', query } = useParams({ strict: false })
  const navigate = useNavigate()
  return (
    <Page title="Playground" about="Free SQL over what your token may read.">
      <Playground
        query={query}
        onQuery={(next) =>
          void (next === undefined
            ? navigate({ to: '/w/$place/playground', params: { place } })
            : navigate({
                to: '/w/$place/playground/$query',
                params: { place, query: next },
              }))
        }
      />
    </Page>
  )
}
