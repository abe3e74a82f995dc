import { runTopologyProcess } from '@shelflife/test-servers/topology-process'

import { clients } from '../topology/clients.ts'

await runTopologyProcess(clients)
