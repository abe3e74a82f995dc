import { ioredisStore } from '@shelflife/ioredis'
import { runBusyProcess } from '@shelflife/test-servers/busy-process'

await runBusyProcess(ioredisStore)
