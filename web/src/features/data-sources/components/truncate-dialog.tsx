import { formatCount } from '@/lib/format.ts'
import { ConfirmByName } from '@/ui/confirm-by-name.tsx'
import { useToast } from '@/ui/toast.tsx'

import { useTruncate } from '../api/change-rows.ts'
import type { DataSourceDetail } from '../api/get-data-source.ts'

export function TruncateDialog({
  source: { name, statistics, quarantine_rows: refused },
  views,
  open,
  onClose,
}: {
  source: DataSourceDetail
  /** Names of data sources that are materialized from it. */
  views: readonly string[]
  open: boolean
  onClose: () => void
}) {
  const truncate = useTruncate(name)
  const toast = useToast()
  return (
    <ConfirmByName
      open={open}
      onClose={onClose}
      title={`Truncate ${name}`}
      name={name}
      action="Truncate"
      busy={truncate.isPending}
      error={truncate.error}
      loses={
        <>
          <p>
            All {formatCount(statistics.row_count)} rows of {name} are removed for good
            {refused === 0 ? '.' : `, and its ${formatCount(refused)} rows in quarantine.`}
          </p>
          {views.length === 0 ? null : (
            <p className="mt-2">What was materialized from them stays: {views.join(', ')}.</p>
          )}
        </>
      }
      onConfirm={() =>
        truncate.mutate(
          { quarantine: true },
          {
            onSuccess: () => {
              toast(`${name} is empty.`)
              onClose()
            },
          },
        )
      }
    />
  )
}
