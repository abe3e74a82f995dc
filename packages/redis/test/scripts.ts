import * as entryScripts from '../src/entry-scripts.ts'
import type { Script } from '../src/script.ts'
import * as sharedScripts from '../src/shared-scripts.ts'
import { shaOf } from './simulated/server.ts'

/** All scripts of the store by name. */
export const SCRIPTS: Readonly<Record<string, Script>> = { ...entryScripts, ...sharedScripts }
export const SOURCES: readonly string[] = Object.values(SCRIPTS).map(({ lua }) => lua)

/** The store computes these on other threads, whose time no fake clock rules. */
for (const script of Object.values(SCRIPTS)) script.sha = shaOf(script.lua)
