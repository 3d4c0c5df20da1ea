import type { DashboardShareSummary } from '@sandpiper/contracts'
import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useEndShare } from '../api/end-share.ts'
import { useShares } from '../api/get-shares.ts'

/** The links that work now, each with its end. */
export function ShareList({ id }: { id: string }) {
  const shares = useShares(id)
  return (
    <section aria-label="Links that work now" className="border-t border-line pt-3">
      <h3 className="mb-1 text-sm font-semibold">Links that work now</h3>
      <QueryView query={shares}>
        {(list) =>
          list.length === 0 ? (
            <p className="text-sm text-muted">None.</p>
          ) : (
            <ul className="flex flex-col divide-y divide-line">
              {list.map((share) => (
                <ShareRow key={share.id} id={id} share={share} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </section>
  )
}

function ShareRow({ id, share }: { id: string; share: DashboardShareSummary }) {
  const [asked, setAsked] = useState(false)
  const end = useEndShare(id)
  const fixed = Object.entries(share.fixed_params).map(
    ([name, value]) => `${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const until = minute(share.expires_at)
  return (
    <li className="flex flex-col gap-2 py-2 text-sm">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1 break-words">
          <p>{fixed.length === 0 ? 'For everybody who has it' : fixed.join(', ')}</p>
          <p className="text-xs text-muted">
            By {share.made_by}, {minute(share.created_at)}. Until {until} UTC.
          </p>
        </div>
        {asked ? null : (
          <Button aria-label={`End this link, until ${until}`} onClick={() => setAsked(true)}>
            End this link
          </Button>
        )}
      </div>
      {asked ? (
        <div className="flex flex-wrap items-center gap-2">
          <p className="flex-1">
            Whoever has it sees nothing from then on. It cannot be taken back.
          </p>
          <Button onClick={() => setAsked(false)}>Keep it</Button>
          <Button look="danger" busy={end.isPending} onClick={() => end.mutate(share.id)}>
            End it
          </Button>
        </div>
      ) : null}
      {end.isError ? <ErrorBox error={end.error} /> : null}
    </li>
  )
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
