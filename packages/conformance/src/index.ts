export type { FakeClock } from './fake-clock.ts'
export { fakeClock } from './fake-clock.ts'
export type { ReferenceOptions, ReferenceServer, ReferenceStore, ServerRecord } from './reference-store.ts'
export { createReferenceServer } from './reference-store.ts'
