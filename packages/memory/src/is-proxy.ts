type IsProxy = (value: unknown) => boolean

const { process } = globalThis as {
  process?: { getBuiltinModule?: (name: string) => { types?: { isProxy?: IsProxy } } | undefined }
}

/** Whether reading from an object may run code. Where the runtime cannot tell, anything may be a proxy. */
export const isProxy: IsProxy = process?.getBuiltinModule?.('node:util')?.types?.isProxy ?? (() => true)
