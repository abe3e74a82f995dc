import { REST_TOKEN as token, runBusyProcess } from '@shelflife/test-servers/busy-process'
import { upstashStore } from '@shelflife/upstash'

await runBusyProcess((url, options) => upstashStore({ url, token }, options))
