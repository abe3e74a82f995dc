import express5 from 'express'
import { createRequire } from 'node:module'

type Express = typeof express5

/** Express 4 has the same types as far as these tests go, and comes without them. */
const express4 = createRequire(import.meta.url)('express4') as Express

/** The versions of Express that are supported. */
export const FRAMEWORKS: readonly { readonly name: string; readonly express: Express }[] = [
  { name: 'Express 4', express: express4 },
  { name: 'Express 5', express: express5 },
]
