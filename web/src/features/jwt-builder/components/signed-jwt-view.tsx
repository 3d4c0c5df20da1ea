import { useState } from 'react'

import { useApi } from '@/lib/api-context.ts'
import { createApi } from '@/lib/api-client.ts'
import { endpointsOf } from '@/lib/endpoints/endpoint-description.ts'
import { openapiQuery } from '@/lib/endpoints/get-openapi.ts'
import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'
import { formatCount } from '@/lib/format.ts'
import { useQuery } from '@tanstack/react-query'
import { Button } from '@/ui/button.tsx'
import { CodeBlock, CopyButton } from '@/ui/code-block.tsx'
import { SelectField } from '@/ui/field.tsx'
import { ParamFields } from '@/ui/param-form.tsx'
import { ResultGrid } from '@/ui/result-grid.tsx'
import { messageOf } from '@/ui/states.tsx'

import { usePreviewJwt } from '../api/preview-jwt.ts'
import type { SignedJwt } from '../api/sign-jwt.ts'
import { jwtBody, type Right } from '../jwt-request.ts'

export function SignedJwtView({ signed }: { signed: SignedJwt }) {
  const { token, expiresAt, draft } = signed
  const [at, setAt] = useState(0)
  const right = draft.rights[at]
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-center gap-2">
        <code className="min-w-0 flex-1 truncate font-mono text-xs" aria-label="The JWT, shortened">
          {token.slice(0, 12)}…{token.slice(-6)}
        </code>
        <CopyButton text={token} label="Copy the JWT" />
      </div>
      <p className="text-sm text-muted">
        Works until {new Date(expiresAt * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC.
      </p>
      <details className="text-sm">
        <summary className="cursor-pointer text-muted">What stands in it</summary>
        <CodeBlock label="Claims" code={JSON.stringify(jwtBody(draft), null, 2)} />
      </details>
      <SelectField
        label="Read as its holder"
        value={String(at)}
        options={draft.rights.map(({ kind, resource }, index) => ({
          value: String(index),
          label: `${kind} ${resource}`,
        }))}
        onChange={(event) => setAt(Number(event.target.value))}
      />
      {right === undefined ? null : <JwtPreview key={at} token={token} right={right} />}
    </div>
  )
}

function JwtPreview({ token, right }: { token: string; right: Right }) {
  const { place } = useApi()
  const [params, setParams] = useState<ParamValues>({})
  const preview = usePreviewJwt()
  // Asked with the JWT itself: it lists what its holder may choose, and nothing that is fixed.
  const described = useQuery(openapiQuery(createApi(place, token)))
  const free =
    described.data === undefined || right.kind !== 'endpoint'
      ? []
      : (endpointsOf(described.data).find(({ name }) => name === right.resource)?.params ?? [])
  return (
    <div className="flex flex-col gap-3">
      {free.length === 0 ? null : (
        <ParamFields params={free} values={params} onChange={setParams} />
      )}
      <Button busy={preview.isPending} onClick={() => preview.mutate({ token, right, params })}>
        Call with the JWT
      </Button>
      {preview.isError ? (
        <div role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
          <p>The server refused the JWT’s holder:</p>
          <p className="mt-1 font-mono text-xs break-words">{messageOf(preview.error)}</p>
        </div>
      ) : null}
      {preview.data === undefined ? null : (
        <>
          <p role="status" className="text-sm text-muted">
            {formatCount(preview.data.rows)} rows are what it sees.
          </p>
          <ResultGrid
            label="Rows that the JWT sees"
            columns={preview.data.meta}
            rows={preview.data.data}
          />
        </>
      )}
    </div>
  )
}
