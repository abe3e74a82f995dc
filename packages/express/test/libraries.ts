import type { Request, RequestHandler, Response } from 'express'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

type Middleware = (options?: unknown) => RequestHandler

// what these tests use of libraries that come without types
export const cookieParser = require('cookie-parser') as (secret?: string) => RequestHandler
export const cookieSession = require('cookie-session') as Middleware
export const cors = require('cors') as Middleware
export const expressSession = require('express-session') as Middleware
export const helmet = require('helmet') as Middleware
export const i18next = require('i18next') as {
  use(plugin: unknown): { init(options: object): Promise<unknown> }
}
export const i18nextMiddleware = require('i18next-http-middleware') as {
  readonly LanguageDetector: unknown
  handle(instance: unknown): RequestHandler
}

/** Express itself and loggers wait for the end of a response with it. */
export const onFinished = createRequire(require.resolve('express'))('on-finished') as (
  message: Request | Response,
  listener: () => void,
) => void
