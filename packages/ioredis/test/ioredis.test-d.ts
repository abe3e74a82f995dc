import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis'
import { expectTypeOf, test } from 'vitest'

import type { IoredisCluster, IoredisConnection, IoredisTarget } from '@shelflife/ioredis'

test('clients of ioredis are what the store asks for', () => {
  expectTypeOf<Redis>().toExtend<IoredisConnection>()
  expectTypeOf<Redis<'resp3'>>().toExtend<IoredisConnection>()
  expectTypeOf<Cluster>().toExtend<IoredisCluster>()
  expectTypeOf<ReturnType<Redis['duplicate']>>().toExtend<IoredisConnection>()
})

test('a store is made of a URL, options, nodes or a client', () => {
  expectTypeOf<string>().toExtend<IoredisTarget>()
  expectTypeOf<RedisOptions>().toExtend<IoredisTarget>()
  expectTypeOf<Redis>().toExtend<IoredisTarget>()
  expectTypeOf<Cluster>().toExtend<IoredisTarget>()
  expectTypeOf<{ nodes: string[]; options: ClusterOptions }>().toExtend<IoredisTarget>()
  expectTypeOf<number>().not.toExtend<IoredisTarget>()
})
