export type { InjectFault, RestFault } from './rest-fault.ts'
export type { RestCommand, RestRequest } from './rest-request.ts'
export type { UpstashFront, UpstashFrontOptions } from './upstash-front.ts'
export { upstashFront } from './upstash-front.ts'
