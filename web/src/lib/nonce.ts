/** The page's nonce: styles that libraries add at run time carry it, or the content policy refuses them. */
export function pageNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
}
