import type { Observable } from 'rxjs'

/** What has a value later. */
export type Later = Promise<unknown> | Observable<unknown>

/** Whether callbacks that take `Args` can be called with the arguments of a method. */
type Fits<Args extends readonly unknown[], Method extends (...args: never) => unknown> = ((
  ...args: Args
) => unknown) extends (...args: Parameters<Method>) => unknown
  ? unknown
  : never

/** Static methods have a class as their target: nobody gives those a cache. */
type OfInstances<Target> = Target extends Function ? 'must stand at a method that instances have' : unknown

/**
 * A decorator of methods whose callbacks get the arguments of the method. `Result`: what the method may return; `Others`:
 * what a second callback takes.
 */
export type ArgumentsDecorator<
  Args extends readonly unknown[],
  This,
  Result,
  Others extends readonly unknown[] = Args,
> = <Target extends This & object, Method extends (...args: never) => Result>(
  target: Target & OfInstances<Target>,
  property: string | symbol,
  descriptor: TypedPropertyDescriptor<Method> & Fits<Args, Method> & Fits<Others, Method>,
) => void
