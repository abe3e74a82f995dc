import { httpPart } from '../http/http-part.ts'
import { ownPart } from '../own/own-part.ts'
import { footprintPart } from './footprint-part.ts'
import { hitPart, keyPart, setPart } from './local-parts.ts'
import { memoryPart } from './memory-part.ts'
import type { Part } from './part.ts'
import { propagationPart } from './propagation-part.ts'
import { mixPart, remotePart } from './remote-parts.ts'
import { stampedePart } from './stampede-part.ts'
import { tagsPart } from './tags-part.ts'

/** All parts, by what they are called on the command line and on the page. */
export const PARTS: Readonly<Record<string, Part>> = {
  hit: hitPart,
  key: keyPart,
  set: setPart,
  memory: memoryPart,
  remote: remotePart,
  mix: mixPart,
  stampede: stampedePart,
  tags: tagsPart,
  propagation: propagationPart,
  http: httpPart,
  footprint: footprintPart,
  own: ownPart,
}
