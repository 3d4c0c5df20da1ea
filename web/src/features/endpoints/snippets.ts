// The call as code of the caller's language. Values are escaped as each language wants them: a parameter may hold anything.

import { codeText, shellText } from '@/lib/code-text.ts'

export interface SnippetCall {
  /** `https://host:port`, without a slash at the end. */
  origin: string
  pipe: string
  /** Only those that are sent. */
  params: Readonly<Record<string, string>>
  token: string
}

export interface Snippet {
  id: 'curl' | 'javascript' | 'python' | 'react' | 'sdk'
  label: string
  code: string
}

export function endpointSnippets(call: SnippetCall): readonly Snippet[] {
  return [
    { id: 'curl', label: 'curl', code: curl(call) },
    { id: 'javascript', label: 'JavaScript', code: javascript(call) },
    { id: 'python', label: 'Python', code: python(call) },
    { id: 'react', label: 'React', code: react(call) },
    { id: 'sdk', label: 'Tinybird SDK', code: sdk(call) },
  ]
}

function address({ origin, pipe, params }: SnippetCall): string {
  const query = new URLSearchParams(params)
  return `${origin}/v0/pipes/${encodeURIComponent(pipe)}.json${query.size === 0 ? '' : `?${query}`}`
}

function curl(call: SnippetCall): string {
  return `curl -H ${shellText(`Authorization: Bearer ${call.token}`)} \\\n  ${shellText(address(call))}`
}

function javascript(call: SnippetCall): string {
  return `const url = new URL(${codeText(`${call.origin}/v0/pipes/${encodeURIComponent(call.pipe)}.json`)})
${assignments(call.params)}const answer = await fetch(url, {
  headers: { Authorization: ${codeText(`Bearer ${call.token}`)} },
})
const { data } = await answer.json()
if (!answer.ok) throw new Error(answer.statusText)
console.table(data)`
}

function assignments(params: SnippetCall['params']): string {
  return Object.entries(params)
    .map(([name, value]) => `url.searchParams.set(${codeText(name)}, ${codeText(value)})\n`)
    .join('')
}

function python({ origin, pipe, params, token }: SnippetCall): string {
  const fields = Object.entries(params).map(
    ([name, value]) => `${codeText(name)}: ${codeText(value)}`,
  )
  return `import requests

answer = requests.get(
    ${codeText(`${origin}/v0/pipes/${encodeURIComponent(pipe)}.json`)},
    params={${fields.join(', ')}},
    headers={"Authorization": ${codeText(`Bearer ${token}`)}},
    timeout=30,
)
answer.raise_for_status()
print(answer.json()["data"])`
}

function react(call: SnippetCall): string {
  return `import { useEffect, useState } from 'react'

// A token in a page is read by everybody who opens it: give it a JWT that sees only what its user may see.
export function useRows(token) {
  const [rows, setRows] = useState([])
  useEffect(() => {
    const stop = new AbortController()
    fetch(${codeText(address(call))}, {
      headers: { Authorization: \`Bearer \${token}\` },
      signal: stop.signal,
    })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
      .then(({ data }) => setRows(data))
      .catch((err) => stop.signal.aborted || console.error(err))
    return () => stop.abort()
  }, [token])
  return rows
}`
}

function sdk({ origin, pipe, params, token }: SnippetCall): string {
  const fields = Object.entries(params).map(
    ([name, value]) => `  ${codeText(name)}: ${codeText(value)},`,
  )
  const sent = fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n}`
  return `import { createTinybirdApi } from '@tinybirdco/sdk'

const api = createTinybirdApi({
  baseUrl: ${codeText(origin)},
  token: ${codeText(token)},
})
const { data } = await api.query(${codeText(pipe)}, ${sent})`
}
