import { ShelflifeError } from '@shelflife/core'
import type { Cache } from '@shelflife/core'
import type { AdminEvent, AdminIdentity, AdminPermission } from '@shelflife/http'
import { checkNames, optionNames, refuseOption } from '@shelflife/core/integration'
import { cacheAdmin } from '@shelflife/http'
import type { CanActivate, DynamicModule, ModuleMetadata, Type } from '@nestjs/common'
import { All, Controller, Inject, Module, Req, Res, UseGuards, VERSION_NEUTRAL } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'

import { webRequestOf } from './web-request.ts'
import type { PlatformRequest } from './platform.ts'
import { CACHE } from './tokens.ts'

/** Options of `CacheAdminModule.register`. */
export interface CacheAdminOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Who may come in at all: guards of the application, all of which have to agree. Nothing is mounted without. */
  readonly guards: readonly [Type<CanActivate>, ...Type<CanActivate>[]]
  /** Where the routes are, below a global prefix. Default `cache`. */
  readonly path?: string
  /**
   * Who it is that the guards let in, and whether they may do this. Default: everybody they let in may do everything, under
   * the name of the first guard.
   */
  readonly identify?: (request: never, permission: AdminPermission) => AdminIdentity | undefined
  /** Hears of every attempt to change something. */
  readonly audit?: (event: AdminEvent) => void | Promise<void>
  /** Hears what `identify` and `audit` threw. Default: nobody. */
  readonly onError?: (error: unknown) => void
}

const OPTIONS = optionNames<CacheAdminOptions>({
  imports: true,
  guards: true,
  path: true,
  identify: true,
  audit: true,
  onError: true,
})

/** A misspelled `identify` would let everybody do everything that the guards let in. */
function check(options: CacheAdminOptions): void {
  checkNames('options of CacheAdminModule.register()', options, OPTIONS)
  const { guards, path = '', identify, audit, onError } = options
  if (!Array.isArray(guards) || guards.length === 0 || guards.some((guard) => typeof guard !== 'function')) {
    throw new ShelflifeError('invalid-option', 'guards must be a list of one guard or more')
  }
  if (typeof path !== 'string') refuseOption('path', 'text', path)
  for (const [name, value] of Object.entries({ identify, audit, onError })) {
    if (value !== undefined && typeof value !== 'function') refuseOption(name, 'a function', value)
  }
}

function controllerOf({ guards, path = 'cache', identify, audit, onError }: CacheAdminOptions): Type {
  const identity: AdminIdentity = { actor: guards[0].name }

  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class CacheAdminController {
    readonly #cache: Cache<string>
    readonly #host: HttpAdapterHost

    constructor(@Inject(CACHE) cache: Cache<string>, @Inject(HttpAdapterHost) host: HttpAdapterHost) {
      this.#cache = cache
      this.#host = host
    }

    @All(':route')
    async answer(@Req() request: PlatformRequest, @Res() response: unknown): Promise<void> {
      const admin = cacheAdmin({
        cache: this.#cache,
        authorize: (_request, permission) =>
          identify === undefined ? identity : identify(request as never, permission),
        ...(audit && { audit }),
        ...(onError && { onError }),
      })
      const { status, headers, ...answer } = await read(await admin(webRequestOf(request)))
      const { httpAdapter } = this.#host
      for (const [name, value] of headers) httpAdapter.setHeader(response, name, value)
      // not returned: interceptors of the application would put it into what they make of all answers
      httpAdapter.reply(response, answer.text, status)
    }
  }
  return CacheAdminController
}

async function read(response: Response): Promise<{ status: number; headers: Headers; text: string }> {
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The routes of `cacheAdmin` of `@shelflife/http`, behind guards. */
@Module({})
export class CacheAdminModule {
  /**
   * @throws ShelflifeError `invalid-option`, first of all without a guard
   * @example CacheAdminModule.register({ guards: [AdminGuard], audit: (event) => logger.log(event) })
   */
  static register(options: CacheAdminOptions): DynamicModule {
    check(options)
    const { imports = [] } = options
    return { module: CacheAdminModule, imports, controllers: [controllerOf(options)] }
  }
}
