import { AGE_CASES } from './age-cases.ts'
import { CONDITIONAL_CASES } from './conditional-cases.ts'
import { CONTROL_PARSING_CASES } from './control-parsing-cases.ts'
import { EXPIRES_CASES } from './expires-cases.ts'
import { FRESHNESS_CASES } from './freshness-cases.ts'
import { FRESHENING_CASES } from './freshening-cases.ts'
import { HEADER_CASES } from './header-cases.ts'
import { INVALIDATION_CASES } from './invalidation-cases.ts'
import { MESSAGE_CASES } from './message-cases.ts'
import { METHOD_CASES } from './method-cases.ts'
import { NOT_MODIFIED_CASES } from './not-modified-cases.ts'
import { PART_CASES } from './part-cases.ts'
import { RANGE_CASES } from './range-cases.ts'
import { REQUEST_DIRECTIVE_CASES } from './request-directive-cases.ts'
import { STALE_CASES } from './stale-cases.ts'
import { STATUS_CASES } from './status-cases.ts'
import { STORING_CASES } from './storing-cases.ts'
import type { SuiteCase } from './suite-case.ts'
import { TARGETED_CASES } from './targeted-cases.ts'
import { VALIDATION_CASES } from './validation-cases.ts'
import { VARY_CASES } from './vary-cases.ts'

/** Every case of the suite, in the order of RFC 9111. */
export const ALL_CASES: readonly SuiteCase[] = [
  ...STORING_CASES,
  ...CONTROL_PARSING_CASES,
  ...HEADER_CASES,
  ...MESSAGE_CASES,
  ...METHOD_CASES,
  ...STATUS_CASES,
  ...FRESHNESS_CASES,
  ...EXPIRES_CASES,
  ...AGE_CASES,
  ...VARY_CASES,
  ...CONDITIONAL_CASES,
  ...NOT_MODIFIED_CASES,
  ...VALIDATION_CASES,
  ...FRESHENING_CASES,
  ...RANGE_CASES,
  ...PART_CASES,
  ...REQUEST_DIRECTIVE_CASES,
  ...STALE_CASES,
  ...INVALIDATION_CASES,
  ...TARGETED_CASES,
]
