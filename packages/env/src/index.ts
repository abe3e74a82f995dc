export type { EnvCacheOptions } from './create-cache-from-env.ts'
export { createCacheFromEnv } from './create-cache-from-env.ts'
export type { Preset } from './presets.ts'
