import { useNavigate, useSearch } from '@tanstack/react-router'

import { CreateFromEvent } from '@/features/imports/components/create-from-event.tsx'
import { CreateFromFile } from '@/features/imports/components/create-from-file.tsx'
import { Page } from '@/ui/page.tsx'
import { Tabs } from '@/ui/tabs.tsx'

export function NewDataSourcePage() {
  const { from = 'file' } = useSearch({ from: '/w/$place/data-sources/-/new' })
  const navigate = useNavigate({ from: '/w/$place/data-sources/-/new' })
  return (
    <Page
      title="Create a data source"
      about="Its columns are read from what you bring, and can be changed before it is made."
    >
      <Tabs
        label="What it is made of"
        value={from}
        onChange={(id) =>
          void navigate({ search: id === 'event' ? { from: 'event' } : {}, replace: true })
        }
        tabs={[
          { id: 'file', label: 'From a file', content: () => <CreateFromFile /> },
          { id: 'event', label: 'From an event', content: () => <CreateFromEvent /> },
        ]}
      />
    </Page>
  )
}
