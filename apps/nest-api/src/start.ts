import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'

import { AppModule } from './app-module.ts'

const { PORT = '3000' } = process.env

const app = await NestFactory.create(AppModule)
// SIGINT and SIGTERM end the requests that are running, then the cache
app.enableShutdownHooks()
await app.listen(Number(PORT), '127.0.0.1')
console.log(`tasks at ${await app.getUrl()}/progress`)
