/** SQLite keeps text in UTF-8: half of a surrogate pair would become U+FFFD, and two names one. */
export const rowOf = (name: string): string => (name.isWellFormed() ? `=${name}` : `u${JSON.stringify(name)}`)
