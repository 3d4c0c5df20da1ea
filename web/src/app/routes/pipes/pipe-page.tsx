import { getRouteApi } from '@tanstack/react-router'

import { PipeEditor } from '@/features/pipes/components/pipe-editor.tsx'
import { PublishLink } from '@/features/publish/components/publish-link.tsx'

const route = getRouteApi('/w/$place/pipes/$pipe')

export function PipePage() {
  const { pipe } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <PipeEditor
      key={pipe}
      name={pipe}
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true })}
      publish={<PublishLink look="primary" />}
    />
  )
}
