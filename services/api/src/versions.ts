/**
 * Where clients look for management calls: they mix both. Plain paths, not a pattern: a pattern in the first segment would slow
 * down the routing of every request.
 */
export const VERSIONS = ['/v0', '/v1'] as const
