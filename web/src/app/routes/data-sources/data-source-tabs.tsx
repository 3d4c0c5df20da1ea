import { ColumnsTab } from '@/features/data-sources/components/columns-tab.tsx'
import { DataTab, type DataTabProps } from '@/features/data-sources/components/data-tab.tsx'
import { LineageTab } from '@/features/data-sources/components/lineage-tab.tsx'
import { LogTab } from '@/features/data-sources/components/log-tab.tsx'
import { StorageTab } from '@/features/data-sources/components/storage-tab.tsx'
import { TokensTab } from '@/features/data-sources/components/tokens-tab.tsx'
import { UseTab } from '@/features/data-sources/components/use-tab.tsx'
import type { DetailTab } from '@/features/data-sources/detail-search.ts'
import { LiveTail } from '@/features/live-tail/components/live-tail.tsx'
import { QuarantineTab } from '@/features/quarantine/components/quarantine-tab.tsx'
import type { Tab } from '@/ui/tabs.tsx'

/** What a data source's page shows beside each other. */
export function tabsOf(props: DataTabProps): (Tab & { id: DetailTab })[] {
  const { source, search, onSearch } = props
  const { id, name, columns } = source
  return [
    { id: 'data', label: 'Data', content: () => <DataTab {...props} /> },
    { id: 'columns', label: 'Columns', content: () => <ColumnsTab source={source} /> },
    {
      id: 'live',
      label: 'Live',
      content: () => (
        <LiveTail
          name={name}
          find={search.find ?? ''}
          onFind={(find) => onSearch({ tab: 'live', ...(find === '' ? {} : { find }) })}
        />
      ),
    },
    { id: 'log', label: 'Log', content: () => <LogTab id={id} name={name} /> },
    { id: 'storage', label: 'Storage', content: () => <StorageTab {...props} /> },
    {
      id: 'quarantine',
      label: 'Quarantine',
      content: () => (
        <QuarantineTab
          name={name}
          columns={columns.map((each) => each.name)}
          cause={search.cause}
          onCause={(cause) =>
            onSearch({ tab: 'quarantine', ...(cause === undefined ? {} : { cause }) })
          }
        />
      ),
    },
    { id: 'use', label: 'Use', content: () => <UseTab {...props} /> },
    { id: 'tokens', label: 'Tokens', content: () => <TokensTab name={name} /> },
    { id: 'lineage', label: 'Lineage', content: () => <LineageTab name={name} /> },
  ]
}
