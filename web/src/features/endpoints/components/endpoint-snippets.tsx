import { useState } from 'react'

import { useApi } from '@/lib/api-context.ts'
import { useTokens } from '@/lib/catalog/get-tokens.ts'
import { type ParamValues, sentParams } from '@/lib/endpoints/call-endpoint.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock, CopyButton } from '@/ui/code-block.tsx'
import { SelectField } from '@/ui/field.tsx'
import { Card } from '@/ui/page.tsx'
import { Tabs } from '@/ui/tabs.tsx'

import { type Reader, readersOf } from '../readers.ts'
import { endpointSnippets } from '../snippets.ts'

export interface EndpointSnippetsProps {
  pipe: string
  params: ParamValues
  language: string
  onLanguage: (language: string) => void
}

/** The call with the parameters of the trial, with a token that may do this and as little else as there is. */
export function EndpointSnippets({ pipe, params, language, onLanguage }: EndpointSnippetsProps) {
  const { token: own } = useApi()
  const tokens = useTokens()
  const readers: readonly Reader[] = [
    ...readersOf(tokens.data ?? [], pipe),
    { id: 'own', name: 'the token you signed in with', scope: '', value: own, narrow: false },
  ].filter(({ value }) => value !== undefined)
  const [chosen, setChosen] = useState<string | undefined>()
  const [isShown, setShown] = useState(false)
  const reader = readers.find(({ id }) => id === chosen) ?? readers[0]
  const token = reader?.value ?? ''
  const call = { origin: location.origin, pipe, params: sentParams(params) }
  return (
    <Card title="Call it from your code">
      <div className="mb-4 flex flex-wrap items-end gap-3">
        <div className="w-80 max-w-full">
          <SelectField
            label="Token"
            value={reader?.id}
            options={readers.map(({ id, name, scope }) => ({
              value: id,
              label: scope === '' ? name : `${name} (${scope})`,
            }))}
            onChange={(event) => setChosen(event.target.value)}
          />
        </div>
        <Button onClick={() => setShown(!isShown)}>
          {isShown ? 'Hide the token' : 'Show the token'}
        </Button>
      </div>
      {reader?.narrow === true ? null : (
        <p className="mb-4 text-sm text-warn">
          No token reads only this endpoint. Add a line <code>TOKEN name READ</code> to its
          datafile, or make a JWT, before this leaves your machine.
        </p>
      )}
      <Tabs
        label="Language"
        value={language}
        onChange={onLanguage}
        tabs={endpointSnippets({ ...call, token: isShown ? token : masked(token) }).map(
          ({ id, label, code }, at) => ({
            id,
            label,
            content: () => (
              <div className="flex flex-col gap-2">
                {isShown ? (
                  <CodeBlock code={code} label={label} />
                ) : (
                  <MaskedCode
                    label={label}
                    shown={code}
                    copied={endpointSnippets({ ...call, token })[at]?.code ?? ''}
                  />
                )}
              </div>
            ),
          }),
        )}
      />
    </Card>
  )
}

/** What is copied has the token in it; what is shown to whoever looks over a shoulder has not. */
function MaskedCode({ label, shown, copied }: { label: string; shown: string; copied: string }) {
  return (
    <div className="relative rounded-md border border-line bg-canvas">
      <div className="absolute top-1 right-1">
        <CopyButton text={copied} label={`Copy ${label} with the token`} />
      </div>
      <pre
        aria-label={label}
        tabIndex={0}
        className="overflow-auto p-3 pr-12 font-mono text-xs leading-5"
      >
        {shown}
      </pre>
    </div>
  )
}

function masked(token: string): string {
  return token.length < 12 ? '…' : `${token.slice(0, 4)}…${token.slice(-4)}`
}
