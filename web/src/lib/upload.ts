// Files go by XMLHttpRequest: fetch does not tell how much of a body is gone.
import type { Api, Query } from './api-client.ts'
import { ApiError } from './api-error.ts'

export interface UploadBody {
  file: Blob
  /** @param ratio 0 to 1. */
  onProgress: (ratio: number) => void
  signal: AbortSignal
}

/** Sends a file as the body of a POST. @throws ApiError with the server's text, TypeError when the server is away. */
export function upload<T>(
  { token }: Api,
  path: string,
  query: Query,
  { file, onProgress, signal }: UploadBody,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const fields = Object.entries(query).map(([name, value]) => [name, String(value)])
    request.open('POST', `${path}?${new URLSearchParams(fields)}`)
    request.setRequestHeader('Authorization', `Bearer ${token}`)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total)
    request.onload = () => {
      const body = parsed(request.responseText)
      if (request.status < 300) resolve(body as T)
      else reject(new ApiError(request.status, messageOf(body, request), { body }))
    }
    request.onerror = () => reject(new TypeError('The server cannot be reached'))
    request.onabort = () => reject(new DOMException('The upload was stopped', 'AbortError'))
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

function messageOf(body: unknown, { responseText, statusText }: XMLHttpRequest): string {
  const said =
    typeof body === 'object' && body !== null && 'error' in body ? body.error : responseText
  return typeof said === 'string' && said !== '' ? said.slice(0, 2000) : statusText
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
