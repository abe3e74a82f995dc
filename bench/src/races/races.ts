import { changedOptions } from './changed-options.ts'
import { changedValue } from './changed-value.ts'
import { clearOfOthers } from './clear-of-others.ts'
import { confusedKeys } from './confused-keys.ts'
import { deleteDuringLoadElsewhere, deleteDuringLoadHere } from './delete-during-load.ts'
import { deleteWhileAway } from './delete-while-away.ts'
import { errorBeforeLoad } from './error-before-load.ts'
import { evictedLabel } from './evicted-label.ts'
import { exitAfterClose } from './exit-after-close.ts'
import { failingCrowd } from './failing-crowd.ts'
import { failingLoad } from './failing-load.ts'
import { failingStore, failingWrite } from './failing-store.ts'
import { compoundLifetime, impossibleLifetime } from './impossible-lifetime.ts'
import { labelDuringLoadElsewhere, labelDuringLoadHere } from './label-during-load.ts'
import { labelTwiceAtOnce, labelTwiceInARow } from './label-twice.ts'
import { loadAfterTimeout } from './load-after-timeout.ts'
import { loadsOfProcesses } from './loads-of-processes.ts'
import { lostMessage } from './lost-message.ts'
import { privateResponses, queryOfRequest } from './private-responses.ts'
import { promotedLifetime } from './promoted-lifetime.ts'
import type { Race } from './race.ts'
import { roundTripForLabel } from './round-trip-for-label.ts'
import { setDuringLoadElsewhere, setDuringLoadHere } from './set-during-load.ts'
import { orderOfProperties, sharedKeysOfOne, sharedKeysOfSeveral } from './shared-keys.ts'
import { shortLifetime } from './short-lifetime.ts'
import { shortStaleWindow } from './short-stale-window.ts'
import { copyWhileStopped, killedRedis, stoppedRedis } from './stopped-redis.ts'
import { twoReleases } from './two-releases.ts'
import { timerForEach, unboundedMemory } from './unbounded-memory.ts'
import { clearByAnother, deleteOfUnheldKey } from './unheld-key.ts'
import { falsyValues, typedValues } from './values-through-redis.ts'

/** All of them, by the headings of their tables. */
export const RACES: Readonly<Record<string, readonly Race[]>> = {
  races: [
    deleteDuringLoadHere,
    deleteDuringLoadElsewhere,
    setDuringLoadHere,
    setDuringLoadElsewhere,
    loadAfterTimeout,
    labelDuringLoadHere,
    labelDuringLoadElsewhere,
    errorBeforeLoad,
    failingCrowd,
    shortLifetime,
    labelTwiceInARow,
    labelTwiceAtOnce,
  ],
  values: [
    confusedKeys,
    sharedKeysOfOne,
    sharedKeysOfSeveral,
    orderOfProperties,
    impossibleLifetime,
    compoundLifetime,
    promotedLifetime,
    shortStaleWindow,
    falsyValues,
    typedValues,
    failingLoad,
    changedValue,
    changedOptions,
  ],
  processes: [
    lostMessage,
    deleteWhileAway,
    deleteOfUnheldKey,
    clearByAnother,
    evictedLabel,
    loadsOfProcesses,
    clearOfOthers,
    twoReleases,
  ],
  faults: [
    stoppedRedis,
    copyWhileStopped,
    killedRedis,
    failingStore,
    failingWrite,
    unboundedMemory,
    timerForEach,
    roundTripForLabel,
    privateResponses,
    queryOfRequest,
    exitAfterClose,
  ],
}
