import type { DocumentSummary } from '@sandpiper/contracts'
import { Upload } from 'lucide-react'
import { type SyntheticEvent, useRef, useState } from 'react'

import { useDashboards } from '@/lib/catalog/get-documents.ts'
import { formatAgo } from '@/lib/format.ts'
import { IfMay } from '@/lib/rights/if-may.tsx'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { TextField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { PlaceLink } from '@/ui/place-link.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { SimpleTable } from '@/ui/simple-table.tsx'
import { Empty, ErrorBox } from '@/ui/states.tsx'

import { useCreateDashboard } from '../api/create-dashboard.ts'

export interface DashboardListProps {
  search: string
  onSearch: (search: string) => void
  /** Whether the name of a new one is asked for. */
  isNaming: boolean
  onNaming: (isNaming: boolean) => void
  /** Called with the id of what was made. */
  onCreated: (id: string) => void
}

export function DashboardList(props: DashboardListProps) {
  const { search, onSearch, isNaming, onNaming, onCreated } = props
  const dashboards = useDashboards()
  const create = useCreateDashboard()
  const make = (content: unknown): void =>
    create.mutate(content, { onSuccess: ({ id }) => onCreated(id) })
  return (
    <>
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-64 max-w-full">
          <TextField
            label="Find a dashboard"
            type="search"
            value={search}
            onChange={(event) => onSearch(event.target.value)}
          />
        </div>
        <IfMay act="change the workspace">
          <Button look="primary" onClick={() => onNaming(true)}>
            New dashboard
          </Button>
          <ImportButton busy={create.isPending} onContent={make} />
        </IfMay>
      </div>
      {create.isError ? (
        <ErrorBox
          error={create.error}
          next="Nothing was made. Correct the file and import it again."
        />
      ) : null}
      <QueryView query={dashboards}>{(all) => <Found all={all} search={search} />}</QueryView>
      <NameDialog
        open={isNaming}
        busy={create.isPending}
        onClose={() => onNaming(false)}
        onName={(name) => make({ name, tiles: [] })}
      />
    </>
  )
}

function Found({ all, search }: { all: readonly DocumentSummary[]; search: string }) {
  if (all.length === 0)
    return (
      <Empty title="No dashboards yet">
        A dashboard shows the rows of endpoints, and of SQL, as charts. Make one, add a tile, and
        share it by a link that sees one tenant only.
      </Empty>
    )
  const found = all.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()))
  if (found.length === 0) return <Empty title="No dashboard has that name" />
  return (
    <Card pad={false}>
      <SimpleTable
        label="Dashboards"
        rows={found}
        keyOf={({ id }) => id}
        columns={[
          {
            id: 'name',
            header: 'Dashboard',
            cell: ({ id, name }) => (
              <PlaceLink
                to={`dashboards/${id}`}
                className="font-medium text-accent hover:underline"
              >
                {name}
              </PlaceLink>
            ),
          },
          { id: 'by', header: 'Changed by', cell: ({ edited_by: by }) => by },
          { id: 'at', header: 'Changed', cell: ({ updated_at: at }) => formatAgo(at) },
        ]}
      />
    </Card>
  )
}

function ImportButton({
  busy,
  onContent,
}: {
  busy: boolean
  onContent: (content: unknown) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState<Error | null>(null)
  const read = async (file: File): Promise<void> => {
    try {
      onContent(JSON.parse(await file.text()))
      setProblem(null)
    } catch {
      setProblem(new Error(`${file.name} is no JSON, so it is no dashboard.`))
    }
  }
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        aria-label="Dashboard file"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.target.files ?? []
          if (file !== undefined) void read(file)
          event.target.value = ''
        }}
      />
      <Button busy={busy} onClick={() => input.current?.click()}>
        <Upload size={14} aria-hidden />
        Import a file
      </Button>
      {problem === null ? null : <ErrorBox error={problem} />}
    </>
  )
}

function NameDialog(props: {
  open: boolean
  busy: boolean
  onClose: () => void
  onName: (name: string) => void
}) {
  const [name, setName] = useState('')
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (name.trim() !== '') props.onName(name.trim())
  }
  return (
    <Dialog open={props.open} onClose={props.onClose} title="New dashboard">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} />
        <Button type="submit" look="primary" busy={props.busy} disabled={name.trim() === ''}>
          Create
        </Button>
      </form>
    </Dialog>
  )
}
