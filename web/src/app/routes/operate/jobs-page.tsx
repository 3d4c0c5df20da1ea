import { getRouteApi } from '@tanstack/react-router'

import { useJobs } from '@/features/jobs/api/get-jobs.ts'
import { JOB_STATES } from '@/features/jobs/api/job-figures.ts'
import { JobList } from '@/features/jobs/components/job-list.tsx'
import { SelectField } from '@/ui/field.tsx'
import { Page } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'

const route = getRouteApi('/w/$place/jobs')

export function JobsPage() {
  const filter = route.useSearch()
  const navigate = route.useNavigate()
  const jobs = useJobs()
  const kinds = [...new Set((jobs.data ?? []).map(({ kind }) => kind))].sort()
  const choose = (changed: Record<string, string | undefined>): void =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
  return (
    <Page
      title="Jobs"
      about="Work that takes longer than a request."
      actions={
        <>
          <SelectField
            label="Status"
            hideLabel
            options={optionsOf('Any status', JOB_STATES)}
            value={filter.status ?? ''}
            onChange={(event) => choose({ status: event.target.value || undefined })}
          />
          <SelectField
            label="Kind"
            hideLabel
            options={optionsOf('Any kind', kinds)}
            value={filter.kind ?? ''}
            onChange={(event) => choose({ kind: event.target.value || undefined })}
          />
        </>
      }
    >
      <QueryView query={jobs}>{(all) => <JobList jobs={all} filter={filter} />}</QueryView>
    </Page>
  )
}

function optionsOf(any: string, values: readonly string[]) {
  return [{ value: '', label: any }, ...values.map((value) => ({ value, label: value }))]
}
