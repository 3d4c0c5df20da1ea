import type { QuarantineDetailBody } from '@sandpiper/contracts'
import { useState } from 'react'

import { formatAgo, formatCount } from '@/lib/format.ts'
import { useMay } from '@/lib/rights/use-may.ts'
import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Empty } from '@/ui/states.tsx'

import { useCauses } from '../api/get-causes.ts'
import { CauseCard } from './cause-card.tsx'
import { HealPanel } from './heal-panel.tsx'

export interface QuarantineTabProps {
  name: string
  /** Names of the data source's columns. */
  columns: readonly string[]
  /** Id of the cause whose rows are to be recovered; all of them when there is none. */
  cause: string | undefined
  onCause: (cause: string | undefined) => void
}

/** Why rows were refused, and how they come in after all. */
export function QuarantineTab(props: QuarantineTabProps) {
  const { name, columns, cause, onCause } = props
  const mayHeal = useMay()({ append: name })
  const [isHealing, setIsHealing] = useState(false)
  return (
    <QueryView query={useCauses(name)}>
      {(detail) => {
        const isShown = isHealing || cause !== undefined
        if (detail.rows === 0 && !isShown) return <NothingRefused />
        return (
          <div className="flex flex-col gap-4">
            <Summary detail={detail} />
            {isShown ? (
              <HealPanel
                key={cause ?? 'all'}
                name={name}
                columns={columns}
                cause={detail.causes.find(({ id }) => id === cause)}
                onClose={() => {
                  setIsHealing(false)
                  onCause(undefined)
                }}
              />
            ) : !mayHeal ? null : (
              <div>
                <Button look="primary" onClick={() => setIsHealing(true)}>
                  Recover rows
                </Button>
              </div>
            )}
            <ul className="flex flex-col gap-3" aria-label="Causes">
              {detail.causes.map((each) => (
                <li key={each.id}>
                  <CauseCard
                    cause={each}
                    onRecover={mayHeal ? () => onCause(each.id) : undefined}
                  />
                </li>
              ))}
            </ul>
            {detail.has_more ? (
              <p className="text-sm text-muted">There are more causes; these have the most rows.</p>
            ) : null}
          </div>
        )
      }}
    </QueryView>
  )
}

function NothingRefused() {
  return (
    <Empty title="No row is in quarantine">
      Rows that do not fit the schema wait here for 10 days, with the reason and the line as it
      came.
    </Empty>
  )
}

function Summary({ detail }: { detail: QuarantineDetailBody }) {
  const { rows, first_seen, last_seen, breaker } = detail
  return (
    <div className="flex flex-wrap items-center gap-3 text-sm">
      <span>
        <strong className="font-semibold">{formatCount(rows)}</strong> rows in quarantine
      </span>
      {first_seen === null || last_seen === null ? null : (
        <span className="text-muted">
          first {formatAgo(first_seen)}, last {formatAgo(last_seen)}
        </span>
      )}
      {breaker.state === 'open' ? (
        <Badge tone="bad">
          {formatCount(breaker.invalid_rows)} of {formatCount(breaker.rows)} rows of the last minute
          do not fit
        </Badge>
      ) : null}
    </div>
  )
}
