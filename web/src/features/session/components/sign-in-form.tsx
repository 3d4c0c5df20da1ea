import { type SyntheticEvent, useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { CheckField, TextField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { ErrorBox } from '@/ui/states.tsx'

import { useEnterWithToken } from '../api/enter-with-token.ts'
import { useLocalTokens } from '../api/get-local-tokens.ts'

/** One click on this machine; a token anywhere else. */
export function SignInForm({ onEntered }: { onEntered: (place: string) => void }) {
  const [token, setToken] = useState('')
  const [remembered, setRemembered] = useState(true)
  const local = useLocalTokens()
  const signIn = useEnterWithToken()
  const enter = (value: string): void =>
    signIn.mutate({ token: value, remembered }, { onSuccess: onEntered })
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (token.trim() !== '') enter(token)
  }
  const localToken = local.data?.workspace_admin_token
  return (
    <div className="flex w-full max-w-sm flex-col gap-4">
      {localToken === undefined ? null : (
        <Button
          look="primary"
          className="h-10"
          busy={signIn.isPending}
          onClick={() => enter(localToken)}
        >
          Sign in to this machine
        </Button>
      )}
      <Card>
        <form onSubmit={submit} className="flex flex-col gap-3">
          <TextField
            label="Token"
            type="password"
            autoComplete="off"
            spellCheck={false}
            placeholder="p.…"
            value={token}
            onChange={(event) => setToken(event.target.value)}
            hint="A workspace's admin token sees everything here; a narrower one what its scopes allow."
          />
          <CheckField
            label="Stay signed in on this browser"
            checked={remembered}
            onChange={(event) => setRemembered(event.target.checked)}
          />
          <Button type="submit" busy={signIn.isPending} disabled={token.trim() === ''}>
            Sign in
          </Button>
        </form>
      </Card>
      {signIn.isError ? <ErrorBox error={signIn.error} /> : null}
    </div>
  )
}
