export { createFetchJwks } from '@sandpiper/outbound'
