import type { Request, RequestHandler, Response } from 'express'
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

type Middleware = (options?: unknown) => RequestHandler

// what these tests use of libraries that come without types
export const cookieParser = load('cookie-parser') as (secret?: string) => RequestHandler
export const cookieSession = load('cookie-session') as Middleware
export const cors = load('cors') as Middleware
export const expressSession = load('express-session') as Middleware
export const helmet = load('helmet') as Middleware
export const i18next = load('i18next') as {
  use(plugin: unknown): { init(options: object): Promise<unknown> }
}
export const i18nextMiddleware = load('i18next-http-middleware') as {
  readonly LanguageDetector: unknown
  handle(instance: unknown): RequestHandler
}

/** Express itself and loggers wait for the end of a response with it. */
export const onFinished = createRequire(load.resolve('express'))('on-finished') as (
  message: Request | Response,
  listener: () => void,
) => void
