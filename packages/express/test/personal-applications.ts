import type { Express, RequestHandler } from 'express'

import { cookieParser, cors, helmet, i18next, i18nextMiddleware } from './libraries.ts'

export type Headers = Readonly<Record<string, string>>
export type Loose = Record<string, unknown>

export const loose = (object: object): Loose => object as Loose

/** Applications whose answer is one client's, as they are written, with two clients that differ. */
export const APPLICATIONS: Readonly<
  Record<string, { build(app: Express, cache: RequestHandler): void | Promise<void>; clients: readonly Headers[] }>
> = {
  'a user that a guard finds by a key': {
    build(app, cache) {
      app.use((req, res, next) => {
        const user = { 'key-a': 'alice', 'key-b': 'bob' }[req.get('x-api-key') ?? '']
        if (user === undefined) return void res.sendStatus(401)
        loose(req)['user'] = { name: user }
        next()
      })
      app.get('/', cache, (req, res) => void res.json(loose(req)['user']))
    },
    clients: [{ 'x-api-key': 'key-a' }, { 'x-api-key': 'key-b' }],
  },
  'a guard like that of passport': {
    build(app, cache) {
      app.use((req, _res, next) => {
        loose(req)['isAuthenticated'] = () => req.get('x-api-key') !== undefined
        next()
      })
      app.get('/', cache, (req, res) => {
        res.send((loose(req)['isAuthenticated'] as () => boolean)() ? 'welcome back' : 'please sign in')
      })
    },
    clients: [{ 'x-api-key': 'key-a' }, {}],
  },
  'that there is no user': {
    build(app, cache) {
      app.use((req, _res, next) => {
        if (req.get('x-api-key') !== undefined) loose(req)['user'] = 'alice'
        next()
      })
      app.get('/', cache, (req, res) => void res.send(loose(req)['user'] === undefined ? 'nobody' : 'somebody'))
    },
    clients: [{}, { 'x-api-key': 'key-a' }],
  },
  'a tenant': {
    build(app, cache) {
      app.use((req, _res, next) => {
        loose(req)['tenant'] = req.get('x-tenant')
        next()
      })
      app.get('/', cache, (req, res) => void res.json({ tenant: loose(req)['tenant'] }))
    },
    clients: [{ 'x-tenant': 'acme' }, { 'x-tenant': 'globex' }],
  },
  'a view with locals': {
    build(app, cache) {
      app.engine('txt', (_path: string, options: object, done: (error: unknown, text: string) => void) => {
        done(null, `hello ${String(loose(options)['user'])}`)
      })
      app.set('views', import.meta.dirname)
      app.set('view engine', 'txt')
      app.use((req, res, next) => {
        res.locals['user'] = req.get('x-forwarded-user')
        next()
      })
      app.get('/', cache, (_req, res) => res.render('view'))
    },
    clients: [{ 'x-forwarded-user': 'alice' }, { 'x-forwarded-user': 'bob' }],
  },
  'the language of i18next': {
    async build(app, cache) {
      await i18next.use(i18nextMiddleware.LanguageDetector).init({
        preload: ['en', 'de'],
        fallbackLng: 'en',
        resources: { en: { translation: { hi: 'hello' } }, de: { translation: { hi: 'hallo' } } },
      })
      app.use(i18nextMiddleware.handle(i18next))
      app.get('/', cache, (req, res) => void res.send((loose(req)['t'] as (key: string) => string)('hi')))
    },
    clients: [{ 'accept-language': 'de' }, { 'accept-language': 'en' }],
  },
  'a language that was negotiated in front': {
    build(app, cache) {
      app.use((req, _res, next) => {
        loose(req)['language'] = req.acceptsLanguages(['en', 'de'])
        next()
      })
      app.get('/', cache, (req, res) => void res.send(loose(req)['language']))
    },
    clients: [{ 'accept-language': 'de' }, { 'accept-language': 'en' }],
  },
  'the certificate of the client': {
    build(app, cache) {
      app.use((req, _res, next) => {
        loose(req.socket)['getPeerCertificate'] = () => ({ subject: req.get('x-certificate') })
        next()
      })
      app.get('/', cache, (req, res) => void res.json((loose(req.socket)['getPeerCertificate'] as () => object)()))
    },
    clients: [{ 'x-certificate': 'alice' }, { 'x-certificate': 'bob' }],
  },
  'the address of the client': {
    build(app, cache) {
      app.set('trust proxy', true)
      app.get('/', cache, (req, res) => void res.json({ ip: req.ip, ips: req.ips }))
    },
    clients: [{ 'x-forwarded-for': '192.0.2.1' }, { 'x-forwarded-for': '192.0.2.2' }],
  },
  'a session with cookies that are ignored': {
    build(app, cache) {
      app.use(cookieParser(), (req, _res, next) => {
        loose(req)['session'] = { user: (req.cookies as Loose)['sid'] }
        next()
      })
      app.get('/', cache, (req, res) => void res.json(loose(req)['session']))
    },
    clients: [{ cookie: 'sid=alice' }, { cookie: 'sid=bob' }],
  },
  'a token of a header among what was parsed': {
    build(app, cache) {
      app.use(cookieParser(), (req, _res, next) => {
        const token = req.get('x-token')
        if (token !== undefined) loose(req.cookies as object)['token'] = token
        next()
      })
      app.get('/', cache, (req, res) => void res.json({ for: (req.cookies as Loose)['token'] ?? 'nobody' }))
    },
    clients: [{}, { 'x-token': 'alice' }, { 'x-token': 'bob' }, {}],
  },
  'the host, of a trusted proxy': {
    build(app, cache) {
      app.set('trust proxy', true)
      app.get('/', cache, (req, res) => void res.send(`shop of ${req.hostname}`))
    },
    clients: [{ 'x-forwarded-host': 'a.example' }, { 'x-forwarded-host': 'b.example' }],
  },
  'a shop that is chosen by such a host in front': {
    build(app, cache) {
      app.set('trust proxy', true)
      app.use((req, _res, next) => {
        loose(req)['shop'] = req.hostname
        next()
      })
      app.get('/', cache, (req, res) => void res.send(`shop of ${String(loose(req)['shop'])}`))
    },
    clients: [{ 'x-forwarded-host': 'a.example' }, { 'x-forwarded-host': 'b.example' }],
  },
  'the host that was forwarded by nobody who is trusted': {
    build(app, cache) {
      app.get('/', cache, (req, res) => void res.send(`<link href=//${req.get('x-forwarded-host')}>`))
    },
    clients: [{ 'x-forwarded-host': 'evil.example' }, {}],
  },
  'the host as it was sent to a trusted proxy': {
    build(app, cache) {
      app.set('trust proxy', true)
      app.get('/', cache, (req, res) => void res.send(`at ${req.get('host')}`))
    },
    clients: [
      { host: 'a.internal', 'x-forwarded-host': 'a.example' },
      { host: 'b.internal', 'x-forwarded-host': 'a.example' },
    ],
  },
  'the host with a port that others leave out': {
    build: (app, cache) => void app.get('/', cache, (req, res) => void res.send(`https://${req.get('host')}/a.js`)),
    clients: [{ host: 'acme.example:80' }, { host: 'acme.example' }, { host: 'ACME.example' }],
  },
  'a redirect to https': {
    build(app, cache) {
      app.get('/', cache, (req, res) => {
        if (req.get('x-forwarded-proto') !== 'https') return res.redirect(301, 'https://a.example/')
        res.send('secure')
      })
    },
    clients: [{}, { 'x-forwarded-proto': 'https' }, { 'x-forwarded-proto': 'http' }],
  },
  'cors behind the cache': {
    build(app, cache) {
      const origin = (asked: string | undefined, done: (error: null, allowed: boolean) => void): void =>
        done(null, asked === 'https://good.example')
      app.get('/', cache, cors({ origin }), (_req, res) => {
        res.send(String(res.get('access-control-allow-origin')))
      })
    },
    clients: [{}, { origin: 'https://evil.example' }, { origin: 'https://good.example' }],
  },
  'a nonce in the policy of helmet': {
    build(app, cache) {
      app.use((req, res, next) => {
        res.locals['nonce'] = req.get('x-request-id')
        next()
      })
      app.use(helmet())
      app.get('/', cache, (_req, res) => void res.send(`<script nonce="${String(res.locals['nonce'])}">`))
    },
    clients: [{ 'x-request-id': '1' }, { 'x-request-id': '2' }],
  },
  'a header that is looked for among all': {
    build: (app, cache) =>
      void app.get('/', cache, (req, res) => {
        res.send(Object.keys(req.headers).find((name) => name.startsWith('x-feature-')) ?? 'none')
      }),
    clients: [{}, { 'x-feature-a': '1' }, { 'x-feature-b': '1' }],
  },
  'a header that is found in the list of all': {
    build: (app, cache) =>
      void app.get('/', cache, (req, res) => {
        const at = req.rawHeaders.indexOf('x-key')
        res.send(at === -1 ? 'none' : req.rawHeaders[at + 1])
      }),
    clients: [{ 'x-key': 'a' }, { 'x-key': 'b' }, {}],
  },
  ...Object.fromEntries(
    [
      'proxy-authorization',
      'x-api-key',
      'x-auth-token',
      'cf-access-jwt-assertion',
      'x-amzn-oidc-data',
      'x-forwarded-user',
    ].map((name) => [
      `a credential in ${name}`,
      {
        build: (app: Express, cache: RequestHandler) =>
          void app.get('/', cache, (req, res) => void res.send(`for ${req.get(name)}`)),
        clients: [{ [name]: 'alice' }, { [name]: 'bob' }],
      },
    ]),
  ),
}
