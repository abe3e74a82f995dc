import { startRedis } from '@shelflife/test-servers'

/** A process that is killed before it can end its server. */
const server = await startRedis()
server.pause()
process.stdout.write(String(server.pid()), () => process.kill(process.pid, 'SIGKILL'))
