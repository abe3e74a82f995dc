function refuse(): never {
  throw new Error('nobody may look into this')
}

/** An object that throws whatever one asks of it. */
export const shutObject = (): object =>
  new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse })

/** Objects that have code of their own, each of which says in `ran` that it was run. */
export function liveObjects(ran: string[]): Readonly<Record<string, object>> {
  const run = (what: string): never => {
    ran.push(what)
    throw new Error(what)
  }
  class Entity {
    get lazy(): unknown {
      return run('a getter of a class')
    }
  }
  class OwnMap extends Map<unknown, unknown> {
    override get size(): number {
      return run('the size of a Map')
    }
    override [Symbol.iterator] = () => run('the iterator of a Map')
    override entries = () => run('the entries of a Map')
    override forEach = () => run('forEach of a Map')
  }
  class OwnSet extends Set<unknown> {
    override get size(): number {
      return run('the size of a Set')
    }
    override [Symbol.iterator] = () => run('the iterator of a Set')
    override values = () => run('the values of a Set')
    override forEach = () => run('forEach of a Set')
  }
  class OwnArray extends Array<unknown> {
    override [Symbol.iterator] = () => run('the iterator of an array')
    override values = () => run('the values of an array')
  }
  class OwnBytes extends Uint8Array {
    override get [Symbol.toStringTag](): never {
      return run('the tag of bytes')
    }
    override get byteLength(): number {
      return run('the length of bytes')
    }
    override get buffer(): ArrayBuffer {
      return run('the buffer of bytes')
    }
  }
  const get = () => run('a proxy')
  // a promise that is rejected and that nobody asked for would end the process
  const lazy = () => {
    ran.push('a getter with a promise')
    return Promise.reject(new Error('nobody asked'))
  }
  return {
    getter: {
      id: 1,
      get lazy(): unknown {
        return run('a getter')
      },
    },
    promise: Object.defineProperty({ id: 1 }, 'lazy', { get: lazy, enumerable: true }),
    inside: [{ rows: [Object.defineProperty(new Entity(), 'own', { get: () => run('own'), enumerable: true })] }],
    map: new OwnMap(),
    set: new OwnSet(),
    array: OwnArray.from([1, 2]),
    bytes: new OwnBytes(10),
    proxy: new Proxy({ id: 1, rows: [1] }, { get }),
    list: new Proxy([{ id: 1 }], { get }),
    methods: { toJSON: () => run('toJSON'), valueOf: () => run('valueOf') },
  }
}
