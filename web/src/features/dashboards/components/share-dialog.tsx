import type { DashboardDocument } from '@sandpiper/contracts'
import { useState } from 'react'

import type { EndpointDescription } from '@/lib/endpoints/endpoint-description.ts'
import { endpointsOf } from '@/lib/endpoints/endpoint-description.ts'
import { useOpenapi } from '@/lib/endpoints/get-openapi.ts'
import { type ParamValues, sentParams } from '@/lib/endpoints/call-endpoint.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { CheckField, SelectField, TextField } from '@/ui/field.tsx'
import { ParamFields } from '@/ui/param-form.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useShareDashboard } from '../api/share-dashboard.ts'
import { shareableParams, withoutFixedParam } from '../share-params.ts'
import { ShareLink } from './share-link.tsx'
import { ShareList } from './share-list.tsx'

const LIFETIMES = [
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
]

export function ShareDialog({
  document,
  onClose,
}: {
  document: DashboardDocument
  onClose: () => void
}) {
  const hasSql = document.content.tiles.some(({ source }) => 'sql' in source)
  const openapi = useOpenapi()
  const used = new Set(
    document.content.tiles.flatMap(({ source }) => ('pipe' in source ? [source.pipe] : [])),
  )
  const endpoints = endpointsOf(openapi.data ?? { paths: {}, components: { parameters: {} } })
  return (
    <Dialog
      open
      onClose={onClose}
      title="Share by a link"
      description="Who has the link sees this dashboard and calls its endpoints, and nothing else, until it ends."
    >
      <div className="flex flex-col gap-4">
        {hasSql ? (
          <p role="alert" className="text-sm text-warn">
            A tile of this dashboard is SQL, which only tokens that see the whole workspace may ask.
            Make its query an endpoint first.
          </p>
        ) : used.size === 0 ? (
          <p className="text-sm text-muted">It has no tiles yet: there is nothing to share.</p>
        ) : (
          <ShareForm id={document.id} endpoints={endpoints.filter(({ name }) => used.has(name))} />
        )}
        <ShareList id={document.id} />
      </div>
    </Dialog>
  )
}

function ShareForm({ id, endpoints }: { id: string; endpoints: readonly EndpointDescription[] }) {
  const [seconds, setSeconds] = useState('86400')
  const [fixed, setFixed] = useState<ParamValues>({})
  const [unfixed, setUnfixed] = useState<readonly string[]>([])
  const [rps, setRps] = useState('')
  const share = useShareDashboard(id)
  const open = withoutFixedParam(endpoints, fixed)
  const start = (): void =>
    share.mutate({
      expiration_time: Math.floor(Date.now() / 1_000) + Number(seconds),
      fixed_params: sentParams(fixed),
      unfixed_pipes: [...unfixed],
      ...(/^[1-9]\d*$/.test(rps) ? { limits: { rps: Number(rps) } } : {}),
    })
  if (share.data !== undefined) return <ShareLink id={id} share={share.data} />
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        start()
      }}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField
          label="Ends after"
          value={seconds}
          options={LIFETIMES}
          onChange={(event) => setSeconds(event.target.value)}
        />
        <TextField
          label="Requests a second"
          placeholder="no limit of its own"
          inputMode="numeric"
          value={rps}
          onChange={(event) => setRps(event.target.value)}
        />
      </div>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-sm font-semibold">Fixed for who has the link</legend>
        <p className="text-xs text-muted">
          Set the tenant here: a fixed value wins over whatever is sent. What is left empty the
          viewer may choose.
        </p>
        <ParamFields params={shareableParams(endpoints)} values={fixed} onChange={setFixed} />
      </fieldset>
      {open.length === 0 ? null : (
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-sm font-semibold">Shown to all alike</legend>
          <p className="text-xs text-muted">
            These endpoints do not take every fixed parameter, so their rows are those of everybody.
          </p>
          {open.map((name) => (
            <CheckField
              key={name}
              label={`Show ${name} all the same`}
              checked={unfixed.includes(name)}
              onChange={(event) =>
                setUnfixed(
                  event.target.checked
                    ? [...unfixed, name]
                    : unfixed.filter((each) => each !== name),
                )
              }
            />
          ))}
        </fieldset>
      )}
      {share.isError ? <ErrorBox error={share.error} /> : null}
      <Button type="submit" look="primary" busy={share.isPending}>
        Make the link
      </Button>
    </form>
  )
}
