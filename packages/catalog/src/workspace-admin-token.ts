/** Name of the token that every workspace is born with. Source: Tinybird token docs, read 2026-11. */
export const WORKSPACE_ADMIN_TOKEN = 'workspace admin token'
