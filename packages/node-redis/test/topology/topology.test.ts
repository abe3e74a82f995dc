import { describeTopology } from '@shelflife/test-servers/describe-topology'

import { clients } from './clients.ts'

describeTopology('node-redis', clients)
