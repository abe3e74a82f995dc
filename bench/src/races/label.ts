/** The one label that entries of a race have. */
export const LABEL = 'label'
