import { nodeRedisStore } from '@shelflife/node-redis'
import { runBusyProcess } from '@shelflife/test-servers/busy-process'

await runBusyProcess(nodeRedisStore)
