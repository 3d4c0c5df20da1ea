import { type SyntheticEvent, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { SelectField, TextField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useSignJwt } from '../api/sign-jwt.ts'
import { draftProblem, type JwtDraft, LIFETIMES } from '../jwt-request.ts'
import { JwtRights } from './jwt-rights.tsx'
import { SignedJwtView } from './signed-jwt-view.tsx'

/** Makes a JWT that reads what is chosen here, and shows what it sees. @param pipe the endpoint it starts with. */
export function JwtBuilder({ pipe }: { pipe: string }) {
  const [draft, setDraft] = useState<JwtDraft>({
    name: '',
    lifetimeSeconds: 3_600,
    rps: '',
    rights: [{ kind: 'endpoint', resource: pipe, fixed: {} }],
  })
  const sign = useSignJwt()
  const problem = draftProblem(draft)
  const change = (changed: Partial<JwtDraft>): void => setDraft({ ...draft, ...changed })
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (problem === null) sign.mutate(draft)
  }
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <Card title="What it may do">
        <form onSubmit={submit} className="flex flex-col gap-4">
          <div className="grid gap-3 sm:grid-cols-3">
            <TextField
              label="Name"
              value={draft.name}
              autoComplete="off"
              onChange={(event) => change({ name: event.target.value })}
            />
            <SelectField
              label="Ends after"
              value={String(draft.lifetimeSeconds)}
              options={LIFETIMES.map(({ seconds, label }) => ({ value: String(seconds), label }))}
              onChange={(event) => change({ lifetimeSeconds: Number(event.target.value) })}
            />
            <TextField
              label="Requests a second"
              placeholder="no limit of its own"
              inputMode="numeric"
              value={draft.rps}
              onChange={(event) => change({ rps: event.target.value })}
            />
          </div>
          <JwtRights rights={draft.rights} onChange={(rights) => change({ rights })} />
          <p className="text-xs text-muted">
            {problem ?? 'A value that is fixed wins over whatever the holder sends.'}
          </p>
          <Button type="submit" look="primary" busy={sign.isPending} disabled={problem !== null}>
            Sign the JWT
          </Button>
          {sign.isError ? <ErrorBox error={sign.error} /> : null}
        </form>
      </Card>
      <Card title="What it sees">
        {sign.data === undefined ? (
          <p className="text-sm text-muted">
            Sign it, and call with it here what its holder would call. A JWT is kept nowhere: it
            works until its time, or until the workspace admin token is refreshed.
          </p>
        ) : (
          <SignedJwtView key={sign.data.token} signed={sign.data} />
        )}
      </Card>
    </div>
  )
}
