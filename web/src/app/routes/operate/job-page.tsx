import { getRouteApi } from '@tanstack/react-router'

import { useJob } from '@/lib/catalog/get-job.ts'
import { CancelButton } from '@/features/jobs/components/cancel-button.tsx'
import { JobDetail } from '@/features/jobs/components/job-detail.tsx'
import { Page } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'

const route = getRouteApi('/w/$place/jobs/$id')

export function JobPage() {
  const { id } = route.useParams()
  const job = useJob(id)
  return (
    <Page
      title={job.data === undefined ? 'Job' : `Job: ${job.data.kind}`}
      about={<PlaceLink to="jobs">All jobs</PlaceLink>}
      actions={job.data === undefined ? undefined : <CancelButton job={job.data} />}
    >
      <QueryView query={job}>{(found) => <JobDetail job={found} />}</QueryView>
    </Page>
  )
}
