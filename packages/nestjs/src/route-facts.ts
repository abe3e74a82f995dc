import type { Selection } from '@shelflife/http'
import type { ExecutionContext, Type, VersioningOptions } from '@nestjs/common'
import { Scope, VersioningType } from '@nestjs/common'
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core'

import { handlerId } from './handler-id.ts'
import { perPair } from './per-pair.ts'

/** What the application itself decides about a route. */
interface RouteFacts {
  /** Absent where the URI alone chooses the handler. */
  readonly selection: Selection | undefined
  /** Whether something is made anew for each request, and may have seen it before any interceptor runs. */
  readonly isMadeForRequest: boolean
}

/** Works out each route once, when its first request has come: then all of the application is there. */
export type RouteFactsOf = (context: ExecutionContext) => RouteFacts

/** The parts of an application that decide about its routes. */
export interface Application {
  readonly modules: ModulesContainer
  readonly config: ApplicationConfig
}

type Module = NonNullable<ReturnType<ModulesContainer['get']>>
type Wrapper = NonNullable<ReturnType<Module['controllers']['get']>>

/** The headers that choose among handlers of one URI. */
function headersOf(versioning: VersioningOptions | undefined): Selection['by'] | undefined {
  switch (versioning?.type) {
    case VersioningType.HEADER:
      return [versioning.header.toLowerCase()]
    case VersioningType.MEDIA_TYPE:
      return ['accept']
    case VersioningType.CUSTOM:
      return '*'
    default:
      return undefined
  }
}

/** Guards let in or not, whoever they are made for. */
function isMadeForRequest(controller: Wrapper): boolean {
  if (controller.isDependencyTreeStatic()) return false
  if (controller.scope === Scope.REQUEST) return true
  const parts = [
    ...(controller.getCtorMetadata() ?? []),
    ...(controller.getPropertiesMetadata() ?? []).map(({ wrapper }) => wrapper),
    ...(controller.getEnhancersMetadata() ?? []).filter(({ subtype }) => subtype !== 'guard'),
  ]
  return parts.some((part) => !part.isDependencyTreeStatic())
}

export function routeFacts({ modules, config }: Application): RouteFactsOf {
  const factsOf = perPair<Type, object, RouteFacts>()
  return (context) => {
    const handler = context.getHandler()
    const type: Type = context.getClass()
    return factsOf(type, handler, () => {
      const by = headersOf(config.getVersioning())
      const controllers = [...modules.values()].flatMap((module) => module.controllers.get(type) ?? [])
      return {
        selection: by && { id: handlerId(handler, type), by },
        isMadeForRequest: controllers.some(isMadeForRequest),
      }
    })
  }
}
