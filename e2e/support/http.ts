// Plain HTTP to the product, for what no client sends.

type Body = string | Buffer | FormData | URLSearchParams

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; null when it is none. */
  readonly json: unknown
}

export interface Caller {
  get(path: string): Promise<Answer>
  post(path: string, body?: Body, headers?: Readonly<Record<string, string>>): Promise<Answer>
  delete(path: string): Promise<Answer>
  /** Rows of one SELECT. */
  sql(query: string): Promise<Record<string, unknown>[]>
}

/** Calls with a token, or with none when it is ''. */
export function createCaller(url: string, token: string): Caller {
  const call = async (path: string, init: RequestInit): Promise<Answer> => {
    const authorization = token === '' ? {} : { Authorization: `Bearer ${token}` }
    const headers = { ...authorization, ...(init.headers as Record<string, string> | undefined) }
    const response = await fetch(new URL(path, url), { ...init, headers })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parsed(text) }
  }
  const post: Caller['post'] = (path, body, headers) =>
    call(path, { method: 'POST', body: body ?? '', ...(headers && { headers }) })
  return {
    get: (path) => call(path, {}),
    post,
    delete: (path) => call(path, { method: 'DELETE' }),
    sql: async (query) => {
      const answer = await post('/v0/sql', `${query} FORMAT JSON`)
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
      return (answer.json as { data: Record<string, unknown>[] }).data
    },
  }
}

/** A multipart project as the CLIs send it: path to text. */
export function projectForm(files: Readonly<Record<string, string>>): FormData {
  const form = new FormData()
  for (const [path, text] of Object.entries(files)) {
    form.append('data_project://', new Blob([text], { type: 'text/plain' }), path)
  }
  return form
}

/** Deploys a project and makes it live. @throws Error with the answer when it is not. */
export async function deployProject(
  caller: Caller,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const { text, json } = await caller.post('/v1/deploy?auto_promote=true', projectForm(files))
  if ((json as { result?: unknown } | null)?.result !== 'success')
    throw new Error(`the project was not deployed: ${text}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
