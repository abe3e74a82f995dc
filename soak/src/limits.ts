/** How long a local copy may outlive an invalidation in another process, in milliseconds. */
export const MAX_DRIFT = 1000
