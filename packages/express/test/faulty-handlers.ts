import type { Request, Response } from 'express'

type Handler = (req: Request, res: Response) => unknown

/** Says in the body what becomes of a step that is taken when the head is written. */
const afterHead =
  (step: (res: Response) => unknown): Handler =>
  (_req, res) => {
    res.setHeader('X-Early', '1')
    res.writeHead(200)
    try {
      step(res)
      res.write('nothing thrown')
    } catch (error) {
      res.write((error as { readonly code: string }).code)
    }
    res.end('x')
  }

/** Handlers with a mistake that Node tells them of, and what Node allows although it looks like one. */
export const FAULTY: Readonly<Record<string, Handler>> = {
  'name-in-a-header': (_req, res) =>
    res.writeHead(200, { 'Content-Disposition': 'attachment; filename="\u0416.txt"' }).end('x'),
  'line-break-in-a-header': (_req, res) => res.writeHead(200, { 'X-A': 'a\r\nX-B: b' }).end('x'),
  'space-in-a-name': (_req, res) => res.writeHead(200, { 'X A': 'a' }).end('x'),
  'space-in-a-name-of-a-list': (_req, res) => res.writeHead(200, ['X A', 'a']).end('x'),
  'undefined-value': (_req, res) => res.writeHead(200, { 'X-A': undefined as unknown as string }).end('x'),
  'undefined-value-of-several': (_req, res) => res.writeHead(200, { 'X-A': ['a', undefined] as string[] }).end('x'),
  'undefined-status': (_req, res) => {
    res.statusCode = undefined as unknown as number
    res.end('x')
  },
  'undefined-status-with-write': (_req, res) => {
    res.statusCode = undefined as unknown as number
    res.write('x')
    res.end()
  },
  'undefined-status-without-body': (_req, res) => {
    res.statusCode = undefined as unknown as number
    res.end()
  },
  'low-status': (_req, res) => {
    res.statusCode = 99
    res.end('x')
  },
  'high-status': (_req, res) => res.writeHead(1000).end('x'),
  'status-as-text': (_req, res) => res.writeHead('201' as unknown as number).end('x'),
  'bad-reason': (_req, res) => res.writeHead(200, 'a\nb').end('x'),
  'headers-twice': (_req, res) => {
    res.writeHead(200)
    res.writeHead(200)
  },
  'set-after-the-head': afterHead((res) => res.setHeader('X-Late', '1')),
  'set-all-after-the-head': afterHead((res) => res.setHeaders(new Map([['X-Late', '1']]))),
  'append-after-the-head': afterHead((res) => res.appendHeader('X-Late', '1')),
  'remove-after-the-head': afterHead((res) => res.removeHeader('X-Early')),
  'type-after-the-head': afterHead((res) => res.type('html')),
  'cookie-after-the-head': afterHead((res) => res.cookie('late', '1')),
  'status-after-the-first-write': (_req, res) => {
    res.write('row 1 ')
    res.status(404).end('x')
  },
  'head-after-the-first-write': (_req, res) => {
    res.write('row 1 ')
    try {
      res.writeHead(203)
    } catch (error) {
      res.write((error as { readonly code: string }).code)
    }
    res.end('x')
  },
  'status-after-an-empty-write': (_req, res) => {
    res.status(404).write('')
    setImmediate(() => res.status(200).end('x'))
  },
  'status-after-flushed-headers': (_req, res) => {
    res.status(404).flushHeaders()
    setImmediate(() => res.status(200).end('x'))
  },
  'uncork-too-often': (_req, res) => {
    res.uncork()
    res.cork()
    res.write('a')
    res.write('b')
    res.uncork()
    res.end()
  },
  'uncork-too-often-and-write-later': (_req, res) => {
    res.uncork()
    res.cork()
    res.write('a')
    res.write('b')
    res.uncork()
    setImmediate(() => {
      res.cork()
      res.write('c')
      res.write('d')
      res.uncork()
      res.end()
    })
  },
  'header-after-the-end': (_req, res) => {
    res.send('x')
    res.setHeader('X-Late', '1')
  },
  'send-twice': (_req, res) => {
    res.send('x')
    res.send('y')
  },
  'json-twice-caught': (_req, res) => {
    res.json({ first: true })
    try {
      res.json({ second: true })
    } catch {
      // as many do
    }
  },
  'send-twice-later': (_req, res) => {
    res.send('x')
    setImmediate(() => {
      try {
        res.send('y')
      } catch {
        // nobody takes it
      }
    })
  },
  'write-an-object': (_req, res) => {
    res.write({ a: 1 } as unknown as string)
    res.end()
  },
  'write-null': (_req, res) => {
    res.write(null as unknown as string)
    res.end()
  },
  'write-nothing': (_req, res) => {
    res.write(undefined as unknown as string)
    res.end()
  },
  'write-a-list': (_req, res) => {
    res.write([1, 2] as unknown as string)
    res.end()
  },
  'end-with-a-number': (_req, res) => void res.setHeader('Content-Length', 2).end(42 as unknown as string),
  'end-with-zero': (_req, res) => void res.end(0 as unknown as string),
  'end-with-null': (_req, res) => void res.end(null),
  'trailer-with-write-and-end': (_req, res) => {
    res.setHeader('Trailer', 'X-Sum')
    res.write('a')
    res.addTrailers({ 'X-Sum': '1' })
    res.end('b')
  },
  'trailer-with-end': (_req, res) => {
    res.setHeader('Trailer', 'X-Sum')
    res.addTrailers({ 'X-Sum': '1' })
    res.end('ab')
  },
  'trailer-with-send': (_req, res) => void res.set('Trailer', 'X-Sum').send('ab'),
  'trailer-with-a-length': (_req, res) => {
    res.writeHead(200, { Trailer: 'X-Sum', 'Content-Length': '2' })
    res.end('ab')
  },
}
