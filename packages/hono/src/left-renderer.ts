import type { Context } from 'hono'

import type { HandlerPart } from './handler-part.ts'

type Method = (...args: readonly unknown[]) => unknown

interface Rendering {
  render: Method
  setRenderer: Method
  getLayout: () => unknown
  html: Method
}

/** Renders, and tells whether that was `c.html` of the content alone, as it is where nobody has set a renderer. */
function rendered(
  c: Rendering,
  render: Method,
  args: readonly unknown[],
): readonly [result: unknown, isPlain: boolean] {
  const { html } = c
  let plain: unknown
  c.html = (...given) => {
    const result = html(...given)
    if (given.length === 1 && given[0] === args[0]) plain = result
    return result
  }
  try {
    const result = render(...args)
    return [result, result !== undefined && result === plain]
  } finally {
    c.html = html
  }
}

/**
 * Tells when a handler uses a renderer or a layout that something in front has set: who made them may have put in whoever asks.
 * What is set from now on is the handler's own.
 */
export function watchRenderer(context: Context, part: HandlerPart, note: (path: string) => void): void {
  const c = context as unknown as Rendering
  const { render, setRenderer, getLayout } = c
  const left = getLayout()
  let isOwn = false
  Object.assign(c, {
    render(...args: readonly unknown[]) {
      if (isOwn || !part.isNow()) return render(...args)
      const [result, isPlain] = rendered(c, render, args)
      if (!isPlain) note('c.render')
      return result
    },
    setRenderer(renderer: unknown) {
      if (part.isNow()) isOwn = true
      return setRenderer(renderer)
    },
    getLayout() {
      const layout = getLayout()
      if (layout !== undefined && layout === left && part.isNow()) note('c.getLayout')
      return layout
    },
  })
}
