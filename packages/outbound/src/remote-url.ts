import { fault } from '@sandpiper/faults'

const LENGTH_MAX = 8_192

/** Parses a URL to fetch from: http or https, bounded. @throws fault `request.invalid`; the text never holds the URL's secrets. */
export function remoteUrl(text: string, base?: URL): URL {
  if (text.length > LENGTH_MAX)
    throw fault('request.invalid', { public: `The URL is longer than ${LENGTH_MAX} characters.` })
  let url: URL
  try {
    url = new URL(text, base)
  } catch (cause) {
    throw fault('request.invalid', { public: 'The URL is not valid.', cause })
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw fault('request.invalid', {
      public: `Files are fetched by http or https only, not by ${url.protocol.slice(0, 20)}`,
    })
  return url
}

/** A URL as it may be shown and logged: without user, password, query and fragment, where tokens stand. */
export function redactedUrl(url: URL | string): string {
  if (typeof url === 'string' && !URL.canParse(url)) return '(not a URL)'
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`.slice(0, 500)
}
